"""What this machine keeps of an account, to come back without its home.

    entry = {v, name, home: {peer, addresses}, record, chain, whereabouts, stay?}

``record``, ``chain`` and ``whereabouts`` are what the home handed over when somebody signed in
here last: with the password they open as they do there. ``stay`` is the bundle sealed under a
key of this machine (``device.key``, for its owner alone), for who wants to stay signed in.
A thief of this disk has what a thief of the home's has, the device secret besides, and
with ``stay`` everything.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from client.private_file import write_private
from crypto.secret import Secret, random_secret
from formats.dag_cbor import Value, decode, encode
from formats.errors import HoldfastError, StorageFailed
from formats.fields import Fields
from formats.limits import ID, PEER
from formats.whereabouts import Home

MAX_ENTRY: Final = 4 * 1024 * 1024
MAX_RECORDS: Final = 1024
MAX_ADDRESSES: Final = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One account, by what is needed to open it here."""

    id: bytes
    name: str
    home: Home
    record: bytes
    chain: tuple[bytes, ...]
    whereabouts: bytes
    stay: bytes | None = None

    @classmethod
    def decode(cls, data: bytes) -> "Entry":
        """Read one; raises Malformed or UnknownVersion."""
        fields = Fields(decode(data), _WHAT)
        fields.version()
        home = Fields(fields.map_("home"), f"{_WHAT} home")
        entry = cls(
            id=fields.bytes_("id", ID),
            name=fields.text("name", 32),
            home=Home(
                home.bytes_("peer", minimum=1, maximum=PEER),
                tuple(map(str, home.list_("addresses", MAX_ADDRESSES))),
            ),
            record=fields.bytes_("record"),
            chain=tuple(
                each for each in fields.list_("chain", MAX_RECORDS) if isinstance(each, bytes)
            ),
            whereabouts=fields.bytes_("whereabouts"),
            stay=fields.optional_bytes("stay"),
        )
        home.done()
        fields.done()
        return entry

    @property
    def encoded(self) -> bytes:
        """As it is kept."""
        home: Value = {"peer": self.home.peer, "addresses": list(self.home.addresses)}
        value: dict[str, Value] = {
            "v": 1,
            "id": self.id,
            "name": self.name,
            "home": home,
            "record": self.record,
            "chain": list(self.chain),
            "whereabouts": self.whereabouts,
        }
        return encode(value if self.stay is None else {**value, "stay": self.stay})


_WHAT: Final = "entry of an account"


class Entries:
    """All of one data folder: a file each, for their owner alone, written whole."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder

    def all(self) -> list[Entry]:
        """Every account that signed in here and was not signed out, the last used one last.

        What cannot be read is left out: its account takes a sign-in at its home.
        """
        files = sorted(self._folder.glob("entry-*"), key=lambda file: file.stat().st_mtime_ns)
        found = (self._read(file) for file in files if not file.name.endswith(".new"))
        return [each for each in found if each is not None]

    def find(self, name: str, peer: bytes | None = None) -> Entry | None:
        """The account of that name (at that home), the last used one of several."""
        fits = [
            each
            for each in self.all()
            if each.name == name and (peer is None or each.home.peer == peer)
        ]
        return fits[-1] if fits else None

    def put(self, entry: Entry) -> None:
        """Keep it, as the last used one; raises StorageFailed."""
        write_private(self._file(entry.id), entry.encoded)

    def used(self, id: bytes) -> None:
        """It is the last used one from now on, if it is here."""
        found = self._read(self._file(id))
        if found is not None:
            self.put(found)

    def lock(self, id: bytes) -> None:
        """Forget what opens it without a password; raises StorageFailed."""
        found = self._read(self._file(id))
        if found is not None and found.stay is not None:
            self.put(replace(found, stay=None))

    def remove(self, id: bytes) -> None:
        """Forget it; raises StorageFailed."""
        try:
            self._file(id).unlink(missing_ok=True)
        except OSError as error:
            raise StorageFailed(f"{self._file(id)}: {error.strerror}") from None

    @property
    def key(self) -> Secret:
        """This machine's key, made when it is first asked for; raises StorageFailed."""
        file = self._folder / "device.key"
        try:
            found = file.read_bytes()
        except FileNotFoundError:
            made = random_secret()
            write_private(file, made.reveal())
            return made
        except OSError as error:
            raise StorageFailed(f"{file}: {error.strerror}") from None
        if len(found) != ID:
            raise StorageFailed(f"{file} is damaged", hint="remove it, and sign in again")
        return Secret(found)

    def _file(self, id: bytes) -> Path:
        return self._folder / f"entry-{id.hex()[:16]}"

    def _read(self, file: Path) -> Entry | None:
        try:
            data = file.read_bytes()
            return Entry.decode(data) if len(data) <= MAX_ENTRY else None
        except (OSError, HoldfastError):
            return None
