"""Entries: what a folder says about each thing in it, enough to list it without opening it.

An entry carries the node secret of what it names: who reads a folder can open
everything below it. A symbolic link lives in its entry alone. A mount names a
node in another space. Keys that a newer program put in survive rewriting.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, cast

from client.capability import Capability
from client.drive.header import MAX_TIME, MAX_TYPE, MIN_TIME, given
from client.drive.ring import FILE_ID
from client.keys import SECRET_SIZE, NodeKeys
from crypto.hashing import sha256
from crypto.secret import Secret
from formats.dag_cbor import Value, encode
from formats.errors import Malformed
from formats.limits import FILE, ID, KIB, NAME
from formats.names import check_name

MAX_TARGET: Final = 4 * KIB
"""Where a symbolic link points to, in UTF-8."""
MAX_DEPTH: Final = 16
"""Levels of pages below a folder's root page."""
_WHAT: Final = "entry"
_MARK: Final = "\ufffd"


class Kind(StrEnum):
    """What an entry names."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    MOUNT = "mount"


FOLDERS: Final = (Kind.FOLDER, Kind.MOUNT)
"""What has names below it, here or in another space."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder. ``secret`` is None for a link only, ``target`` else.

    ``modified`` and ``created`` are nanoseconds since 1970. ``depth`` of a folder
    is a hint: how many levels of pages to ask for at once. ``owner`` and
    ``space`` are of mounts.
    """

    name: str
    kind: Kind
    modified: int
    secret: Secret | None = None
    id: bytes | None = None
    size: int = 0
    executable: bool = False
    depth: int = 0
    target: str | None = None
    type: str | None = None
    created: int | None = None
    owner: bytes | None = None
    space: bytes | None = None
    extra: Mapping[str, Value] = field(default_factory=dict)
    _keys: NodeKeys | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def is_folder(self) -> bool:
        """Whether there are names below it in this space."""
        return self.kind is Kind.FOLDER

    @property
    def has_names(self) -> bool:
        """Whether there are names below it, in this space or in another one."""
        return self.kind in FOLDERS and not self.is_mounted_file

    @property
    def is_mounted_file(self) -> bool:
        """Whether it is a mount, and of no folder."""
        return self.kind is Kind.MOUNT and "of" in self.extra

    @property
    def keys(self) -> NodeKeys:
        """What follows from its node secret, derived once; a link has none."""
        if self.secret is None:
            raise ValueError("a link has no node of its own")
        if self._keys is None:
            object.__setattr__(self, "_keys", NodeKeys(self.secret))
        return cast(NodeKeys, self._keys)

    def capability(self, owner: bytes, space: bytes) -> Capability:
        """The right to read it; ``owner`` and ``space`` are those of the folder it stands in."""
        return Capability(self.owner or owner, self.space or space, self.keys.secret)

    @property
    def value(self) -> dict[str, Value]:
        """As it stands in a page; what is usual is left out."""
        secret = None if self.secret is None else self.secret.reveal()
        return {
            **self.extra,
            **given(
                {
                    "name": self.name,
                    "kind": str(self.kind),
                    "modified": self.modified,
                    "secret": secret,
                    "id": self.id,
                    "size": self.size or None,
                    "exec": self.executable or None,
                    "depth": self.depth or None,
                    "target": self.target,
                    "type": self.type,
                    "created": self.created,
                    "owner": self.owner,
                    "space": self.space,
                }
            ),
        }


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An entry that cannot be shown as it stands: a placeholder in its place.

    ``name`` is made here and is no name that the entry had. ``remove`` takes it.
    """

    name: str
    reason: str
    value: Value = field(repr=False)

    @classmethod
    def of(cls, value: Value, reason: str) -> "Quarantined":
        """The placeholder of an entry: the same one each time."""
        return cls(_MARK + sha256(encode(value)).hex()[:16], reason, value)


def is_placeholder(name: str) -> bool:
    """Whether ``name`` may be that of a ``Quarantined``."""
    return name.startswith(_MARK)


def read_entry(value: Value) -> Entry:
    """An entry from a page; raises Malformed or BadName, and the page quarantines it.

    A folder may have a hundred thousand of them, so this is a table and a loop.
    """
    if not isinstance(value, dict):
        raise Malformed(f"{_WHAT}: not a map")
    found: dict[str, Value] = {}
    extra: dict[str, Value] = {}
    for name, item in value.items():
        is_good = _FIELDS.get(name)
        if is_good is None:
            extra[name] = item
        elif is_good(item):
            found[name] = item
        else:
            raise Malformed(f"{_WHAT}: field '{name}' is of the wrong type, size or range")
    _check_complete(found)
    return _made(found, extra)


def _check_complete(found: dict[str, Value]) -> None:
    kind = found.get("kind")
    required = _REQUIRED.get(kind) if isinstance(kind, str) else None
    if required is None:
        raise Malformed(f"{_WHAT}: of a kind this version does not know")
    if not required <= found.keys():
        raise Malformed(f"{_WHAT}: field '{min(required - found.keys())}' missing")


def _made(found: dict[str, Value], extra: dict[str, Value]) -> Entry:
    """The entry; each field has the type that its check in the table saw."""
    kind = Kind(cast(str, found["kind"]))
    secret = None if kind is Kind.LINK else Secret(cast(bytes, found.get("secret")))
    is_mount = kind is Kind.MOUNT
    return Entry(
        check_name(cast(str, found["name"])),
        kind,
        cast(int, found["modified"]),
        secret,
        None if secret is None else cast(bytes, found.get("id")),
        cast(int, found.get("size", 0)),
        cast(bool, found.get("exec", False)),
        cast(int, found.get("depth", 0)),
        cast(str, found["target"]) if secret is None else None,
        cast("str | None", found.get("type")),
        cast("int | None", found.get("created")),
        cast(bytes, found["owner"]) if is_mount else None,
        cast(bytes, found["space"]) if is_mount else None,
        extra,
    )


def _is_time(value: Value) -> bool:
    return type(value) is int and MIN_TIME <= value <= MAX_TIME


def _is_text(maximum: int) -> Callable[[Value], bool]:
    def check(value: Value) -> bool:
        return type(value) is str and len(value) <= maximum and len(value.encode()) <= maximum

    return check


def _is_bytes(size: int) -> Callable[[Value], bool]:
    def check(value: Value) -> bool:
        return type(value) is bytes and len(value) == size

    return check


def _is_uint(maximum: int) -> Callable[[Value], bool]:
    def check(value: Value) -> bool:
        return type(value) is int and 0 <= value <= maximum

    return check


def _is_target(value: Value) -> bool:
    try:
        return type(value) is str and check_target(value) == value
    except Malformed:
        return False


_FIELDS: Final[dict[str, Callable[[Value], bool]]] = {
    "name": _is_text(NAME),
    "kind": _is_text(16),
    "modified": _is_time,
    "secret": _is_bytes(SECRET_SIZE),
    "id": _is_bytes(FILE_ID),
    "size": _is_uint(FILE),
    "exec": lambda value: type(value) is bool,
    "depth": _is_uint(MAX_DEPTH),
    "target": _is_target,
    "type": _is_text(MAX_TYPE),
    "created": _is_time,
    "owner": _is_bytes(ID),
    "space": _is_bytes(ID),
}
"""Each field of an entry, and what it may be."""

_NODE: Final = frozenset({"name", "kind", "modified", "secret", "id"})
_REQUIRED: Final[dict[str, frozenset[str]]] = {
    "file": _NODE,
    "folder": _NODE,
    "link": frozenset({"name", "kind", "modified", "target"}),
    "mount": _NODE | {"owner", "space"},
}


def check_target(target: str) -> str:
    """``target``, if a symbolic link can have it; raises Malformed."""
    try:
        size = len(target.encode())
    except UnicodeEncodeError:
        raise Malformed("the link's target is not valid UTF-8") from None
    if not 1 <= size <= MAX_TARGET or "\0" in target:
        raise Malformed(f"the link's target has {size} bytes (1 to {MAX_TARGET}) or a NUL")
    return target
