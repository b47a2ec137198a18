"""Entries: what a folder says about each thing in it, enough to list it without opening it.

An entry carries the node secret of what it names: who reads a folder can open
everything below it. A symbolic link lives in its entry alone. A mount names a
node in another space. Keys that a newer program put in survive rewriting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from client.capability import Capability
from client.drive.header import MAX_TIME, MAX_TYPE, MIN_TIME, given, read_time
from client.drive.ring import FILE_ID
from client.keys import SECRET_SIZE, NodeKeys
from crypto.hashing import sha256
from crypto.secret import Secret
from formats.dag_cbor import Value, encode
from formats.errors import Malformed
from formats.fields import Fields
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

    @property
    def is_folder(self) -> bool:
        """Whether there are names below it in this space."""
        return self.kind is Kind.FOLDER

    @property
    def keys(self) -> NodeKeys:
        """What follows from its node secret; a link has none."""
        if self.secret is None:
            raise ValueError("a link has no node of its own")
        return NodeKeys(self.secret)

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
    """An entry from a page; raises Malformed or BadName, and the page quarantines it."""
    fields = Fields(value, _WHAT)
    name, kind = check_name(fields.text("name", NAME)), _read_kind(fields)
    has_node = kind is not Kind.LINK
    mounted = kind is Kind.MOUNT
    return Entry(
        name=name,
        kind=kind,
        modified=read_time(fields, "modified"),
        secret=Secret(fields.bytes_("secret", SECRET_SIZE)) if has_node else None,
        id=fields.bytes_("id", FILE_ID) if has_node else None,
        size=fields.optional_uint("size", FILE) or 0,
        executable=fields.optional_flag("exec") or False,
        depth=fields.optional_uint("depth", MAX_DEPTH) or 0,
        target=None if has_node else _read_target(fields),
        type=fields.optional_text("type", MAX_TYPE),
        created=fields.optional_integer("created", MIN_TIME, MAX_TIME),
        owner=fields.bytes_("owner", ID) if mounted else None,
        space=fields.bytes_("space", ID) if mounted else None,
        extra=fields.rest(),
    )


def check_target(target: str) -> str:
    """``target``, if a symbolic link can have it; raises Malformed."""
    try:
        size = len(target.encode())
    except UnicodeEncodeError:
        raise Malformed("the link's target is not valid UTF-8") from None
    if not 1 <= size <= MAX_TARGET or "\0" in target:
        raise Malformed(f"the link's target has {size} bytes (1 to {MAX_TARGET}) or a NUL")
    return target


def _read_kind(fields: Fields) -> Kind:
    kind = fields.text("kind", 16)
    if kind not in _KINDS:
        raise Malformed(f"{_WHAT}: of a kind this version does not know")
    return Kind(kind)


def _read_target(fields: Fields) -> str:
    return check_target(fields.text("target", MAX_TARGET))


_KINDS: Final = frozenset(map(str, Kind))
