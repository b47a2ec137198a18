"""Pages: a folder's entries, spread over a trie by the keyed hash of their names.

    body of a leaf = generation | sealed, associated data (PAGE, folder id, generation, prefix)
    content        = {v, entries: [entry...]} or {v, stub: true}, padded to 2, 4, 8 or 16 KiB

The root page has the empty prefix and stands in the folder's header leaf. A
page that would pass 16 KiB becomes a stub, and sixteen pages, one for each next
nibble of ``PRF(name)``, take its entries in the same commit. So an empty page
exists, and whatever a stub promises and is missing was withheld.

A page may have been written by a hostile member. What it says of one entry
never hides the others: an entry that cannot be shown is quarantined, kept as it
is when the page is rewritten, and shown as a placeholder.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from client.drive.entry import MAX_DEPTH, Entry, Quarantined, is_placeholder, read_entry
from client.drive.header import FolderHeader
from client.drive.padding import PREFIX, pad, unpad
from client.drive.places import NIBBLES, Names
from crypto.purposes import SealPurpose
from formats.dag_cbor import Value, decode, encode
from formats.errors import BadName, Malformed, TooMany
from formats.fields import Fields
from formats.limits import KIB, PAGE
from formats.names import check_name

CLASSES: Final = (2 * KIB, 4 * KIB, 8 * KIB, PAGE)
"""Sizes of a page before sealing."""
MAX_CONTENT: Final = PAGE - PREFIX
MAX_ENTRIES: Final = PAGE // 16
_SPARE: Final = 16
"""Entries that may stay read though no copy of the page has them any more."""
_WHAT: Final = "page"
_DUPLICATE: Final = "another entry has the same name"
_MISPLACED: Final = "it stands in a page where its name does not belong"


_Read: TypeAlias = "dict[str, tuple[Value, Entry | Quarantined]]"
"""What was read, and from which value, by name."""


class Page:
    """One page in memory, entries by name. Entries are read when asked for, and stay read."""

    def __init__(self, prefix: bytes = b"") -> None:
        self.prefix: Final = prefix
        self.is_stub = False
        self.values: dict[str, Value] = {}
        self.bad: list[Quarantined] = []
        self._read: _Read = {}

    def copy(self) -> "Page":
        """The same page, to be changed."""
        page = Page(self.prefix)
        page.is_stub, page.values, page.bad = self.is_stub, dict(self.values), list(self.bad)
        if len(self._read) <= 2 * len(self.values) + _SPARE:
            page._read = self._read  # shared: what is read from a value never changes
        return page

    def get(self, name: str) -> Entry | Quarantined | None:
        """The entry of that name; a placeholder if it cannot be read."""
        if name in self.values:
            return self._entry(name)
        if not is_placeholder(name):
            return None
        return next((bad for bad in self.all() if bad.name == name), None)

    def all(self) -> Iterator[Entry | Quarantined]:
        """Everything on the page."""
        yield from map(self._entry, self.values)
        yield from self.bad

    def put(self, entry: Entry) -> None:
        """Add an entry, or replace the one of that name."""
        value = self.values[entry.name] = entry.value
        self._read[entry.name] = (value, entry)

    def remove(self, name: str) -> None:
        """Take away the entry, or the placeholder, of that name."""
        if self.values.pop(name, None) is not None or not is_placeholder(name):
            return
        self.bad = [bad for bad in self.bad if bad.name != name]
        for real in [real for real in self.values if self._entry(real).name == name]:
            del self.values[real]

    def encode(self) -> bytes:
        """The content as it is sealed, without padding."""
        if self.is_stub:
            return encode({"v": 1, "stub": True})
        entries = [self.values[name] for name in sorted(self.values)]
        return encode({"v": 1, "entries": [*entries, *(bad.value for bad in self.bad)]})

    @classmethod
    def decode(cls, content: bytes, names: Names, prefix: bytes = b"") -> "Page":
        """The page from its content; raises Malformed only when nothing of it can be used."""
        fields = Fields(decode(content), _WHAT)
        fields.version()
        page = cls(prefix)
        page.is_stub = fields.optional_flag("stub") or False
        if page.is_stub and len(prefix) >= MAX_DEPTH:
            raise Malformed(f"{_WHAT}: a stub at depth {len(prefix)}, at most {MAX_DEPTH} are")
        if not page.is_stub:
            page._fill(fields.list_("entries", MAX_ENTRIES), names)
        fields.done()
        return page

    def split(self, names: Names) -> list["Page"]:
        """The sixteen pages that take over; this one becomes their stub. ``TooMany`` at the end."""
        depth = len(self.prefix)
        if depth >= MAX_DEPTH:
            raise TooMany(f"{_WHAT}: over {PAGE} bytes at depth {MAX_DEPTH}")
        pages = [Page(self.prefix + bytes((nibble,))) for nibble in range(NIBBLES)]
        for name, value in self.values.items():
            pages[names.place(name)[depth]].values[name] = value
        for at, bad in enumerate(self.bad):
            pages[at % NIBBLES].bad.append(bad)
        self.values, self.bad, self._read, self.is_stub = {}, [], {}, True
        return pages

    def _entry(self, name: str) -> Entry | Quarantined:
        value, known = self.values[name], self._read.get(name)
        if known is None or known[0] is not value:
            known = self._read[name] = (value, _read(value))
        return known[1]

    def _fill(self, entries: list[Value], names: Names) -> None:
        for value in entries:
            name = value.get("name") if isinstance(value, dict) else None
            problem = self._problem(name, names)
            if problem is None and isinstance(name, str):
                self.values[name] = value
            else:
                self.bad.append(Quarantined.of(value, problem or "it has no name"))

    def _problem(self, name: Value, names: Names) -> str | None:
        if not isinstance(name, str):
            return "it has no name"
        try:
            check_name(name)
        except BadName as error:
            return error.message
        if name in self.values:
            return _DUPLICATE
        if not self.prefix or names.place(name).startswith(self.prefix):
            return None
        return _MISPLACED


def seal_page(header: FolderHeader, prefix: bytes, content: bytes) -> bytes:
    """The body of a page's leaf, from ``Page.encode``; at most ``MAX_CONTENT`` bytes of it."""
    size = next(size for size in CLASSES if PREFIX + len(content) <= size)
    return header.ring.seal(pad(content, size), SealPurpose.PAGE, prefix)


def open_page(header: FolderHeader, names: Names, prefix: bytes, body: bytes) -> Page:
    """The page of that prefix; raises Damaged, Malformed, UnknownVersion."""
    padded = header.ring.open(body, SealPurpose.PAGE, prefix)
    return Page.decode(unpad(padded), names, prefix)


def _read(value: Value) -> Entry | Quarantined:
    try:
        return read_entry(value)
    except (Malformed, BadName) as error:
        return Quarantined.of(value, error.message)
