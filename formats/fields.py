"""Strict reading of a record's map: each field popped once, with its type and range.

    fields = Fields(decode(data), "pointer record")
    seq = fields.uint("seq")
    owner = fields.bytes_("owner", size=32)
    note = fields.optional_text("note", 200)
    fields.done()                # or fields.rest(), to keep what is unknown

Every refusal is Malformed and names the record and the field, never its value.
An absent field is absent: ``null`` never stands for it.
"""

from typing import Final

from formats.cid import Cid
from formats.dag_cbor import Value
from formats.errors import Malformed, UnknownVersion

MAX_UINT: Final = 2**53
"""Largest integer that every language reads exactly."""


class Fields:
    """A map being read. ``what`` names the record in errors."""

    __slots__ = ("_left", "what")

    def __init__(self, value: Value, what: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{what}: not a map")
        self.what = what
        self._left = dict(value)

    def uint(self, name: str, maximum: int = MAX_UINT) -> int:
        """An integer from 0 to ``maximum``, both included."""
        return self.integer(name, 0, maximum)

    def integer(self, name: str, minimum: int, maximum: int) -> int:
        """An integer from ``minimum`` to ``maximum``, both included."""
        value = self._pop(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "not an integer")
        if not minimum <= value <= maximum:
            raise self._wrong(name, f"out of range {minimum} to {maximum}")
        return value

    def bytes_(
        self, name: str, size: int | None = None, minimum: int = 0, maximum: int | None = None
    ) -> bytes:
        """Bytes: exactly ``size`` of them, or from ``minimum`` to ``maximum``."""
        value = self._pop(name)
        if not isinstance(value, bytes) or isinstance(value, Cid):
            raise self._wrong(name, "not bytes")
        if size is not None and len(value) != size:
            raise self._wrong(name, f"{len(value)} bytes, expected {size}")
        if len(value) < minimum:
            raise self._wrong(name, f"{len(value)} bytes, at least {minimum}")
        if maximum is not None and len(value) > maximum:
            raise self._wrong(name, f"{len(value)} bytes, at most {maximum}")
        return value

    def text(self, name: str, maximum: int) -> str:
        """Text of at most ``maximum`` bytes of UTF-8."""
        value = self._pop(name)
        if not isinstance(value, str):
            raise self._wrong(name, "not text")
        size = len(value.encode())
        if size > maximum:
            raise self._wrong(name, f"{size} bytes of text, at most {maximum}")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._pop(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "not true or false")
        return value

    def cid(self, name: str) -> Cid:
        """A link."""
        value = self._pop(name)
        if not isinstance(value, Cid):
            raise self._wrong(name, "not a link")
        return value

    def list_(self, name: str, maximum: int) -> list[Value]:
        """A list of at most ``maximum`` items."""
        value = self._pop(name)
        if not isinstance(value, list):
            raise self._wrong(name, "not a list")
        if len(value) > maximum:
            raise self._wrong(name, f"{len(value)} items, at most {maximum}")
        return value

    def bytes_list(self, name: str, maximum: int, size: int) -> tuple[bytes, ...]:
        """A list of at most ``maximum`` byte strings of exactly ``size``: digests, labels."""
        found = self.list_(name, maximum)
        listed = [each for each in found if isinstance(each, bytes) and not isinstance(each, Cid)]
        if len(listed) < len(found) or any(len(each) != size for each in listed):
            raise self._wrong(name, f"lists something that is not {size} bytes")
        return tuple(listed)

    def map_(self, name: str) -> dict[str, Value]:
        """A map."""
        value = self._pop(name)
        if not isinstance(value, dict):
            raise self._wrong(name, "not a map")
        return value

    def optional_uint(self, name: str, maximum: int = MAX_UINT) -> int | None:
        """As ``uint``; None when absent."""
        return self.uint(name, maximum) if name in self._left else None

    def optional_integer(self, name: str, minimum: int, maximum: int) -> int | None:
        """As ``integer``; None when absent."""
        return self.integer(name, minimum, maximum) if name in self._left else None

    def optional_bytes(
        self, name: str, size: int | None = None, minimum: int = 0, maximum: int | None = None
    ) -> bytes | None:
        """As ``bytes_``; None when absent."""
        return self.bytes_(name, size, minimum, maximum) if name in self._left else None

    def optional_text(self, name: str, maximum: int) -> str | None:
        """As ``text``; None when absent."""
        return self.text(name, maximum) if name in self._left else None

    def optional_flag(self, name: str) -> bool | None:
        """As ``flag``; None when absent."""
        return self.flag(name) if name in self._left else None

    def optional_cid(self, name: str) -> Cid | None:
        """As ``cid``; None when absent."""
        return self.cid(name) if name in self._left else None

    def optional_list(self, name: str, maximum: int) -> list[Value] | None:
        """As ``list_``; None when absent."""
        return self.list_(name, maximum) if name in self._left else None

    def optional_bytes_list(self, name: str, maximum: int, size: int) -> tuple[bytes, ...] | None:
        """As ``bytes_list``; None when absent."""
        return self.bytes_list(name, maximum, size) if name in self._left else None

    def optional_map(self, name: str) -> dict[str, Value] | None:
        """As ``map_``; None when absent."""
        return self.map_(name) if name in self._left else None

    def version(self, name: str = "v", known: tuple[int, ...] = (1,)) -> int:
        """The record's version; raises UnknownVersion if it is not ``known``."""
        value = self.uint(name)
        if value not in known:
            raise UnknownVersion(
                f"{self.what}: version {value}, known: {', '.join(map(str, known))}"
            )
        return value

    def done(self) -> None:
        """Refuse whatever was not read: for requests and for everything unsigned."""
        if self._left:
            name = ascii(min(self._left))[:40]
            raise Malformed(f"{self.what}: {len(self._left)} unknown field(s), the first is {name}")

    def rest(self) -> dict[str, Value]:
        """What was not read, to be kept with the record: for signed ones."""
        rest, self._left = self._left, {}
        return rest

    def _pop(self, name: str) -> Value:
        try:
            return self._left.pop(name)
        except KeyError:
            raise self._wrong(name, "missing") from None

    def _wrong(self, name: str, problem: str) -> Malformed:
        return Malformed(f"{self.what}: field '{name}' {problem}")


def entries(items: list[Value], what: str) -> list[Fields]:
    """The maps of a list of maps, each named ``what`` and its place in errors."""
    return [Fields(item, f"{what} {at}") for at, item in enumerate(items)]
