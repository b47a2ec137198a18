"""What a guest is given: the keys to write in somebody's space, beside the right to read.

It stands in the guest's folder of shares, with the mount of the folder:

    mount + {of?: "file", write?: {top, member, rights, ceiling?}}

Who may write through a circle finds the mount in the circle's folder, and the permit by itself:
an entry named by the space, with ``for: "circle"``, that is not shown.

``top`` is the secret of the space's top folder, where its trash and journals are;
``member`` the seed of a member key that the owner made for this guest and this space.
"""

from dataclasses import dataclass, replace
from typing import Final

from client.drive.entry import Entry, Kind
from client.keys import SECRET_SIZE
from client.sharing.guests import Apart, Guest
from crypto.secret import Secret
from formats.dag_cbor import Value
from formats.envelope import present
from formats.fields import Fields
from formats.space import Rights

WRITE: Final = "write"
OF: Final = "of"
FOR: Final = "for"
_FILE: Final = "file"
_CIRCLE: Final = "circle"


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to write in a space. ``rights`` and ``ceiling`` are told; the home holds them."""

    top: Secret
    member: Secret
    rights: Rights
    ceiling: int | None = None

    @classmethod
    def of(cls, apart: Apart, guest: Guest) -> "Permit":
        """What a guest of mine is given."""
        return cls(apart.tops[0], guest.seed, guest.rights, guest.ceiling)

    @property
    def value(self) -> Value:
        """As it stands in an entry."""
        return present(
            {
                "top": self.top.reveal(),
                "member": self.member.reveal(),
                "rights": int(self.rights),
                "ceiling": self.ceiling,
            }
        )

    @classmethod
    def read(cls, entry: Entry) -> "Permit | None":
        """From a mount; None without one. Raises Malformed."""
        value = entry.extra.get(WRITE)
        if value is None or entry.kind is not Kind.MOUNT:
            return None
        fields = Fields(value, WRITE)
        return cls(
            Secret(fields.bytes_("top", SECRET_SIZE)),
            Secret(fields.bytes_("member", SECRET_SIZE)),
            Rights(fields.uint("rights", int(Rights.ALL))),
            fields.optional_uint("ceiling"),
        )


def mount(entry: Entry, owner: bytes, space: bytes, permit: Permit | None = None) -> Entry:
    """The mount of a file or folder of another space, as it stands in a folder of this one."""
    extra: dict[str, Value] = {} if entry.kind is Kind.FOLDER else {OF: _FILE}
    if permit is not None:
        extra[WRITE] = permit.value
    return replace(entry, kind=Kind.MOUNT, owner=owner, space=space, extra=extra)


def key_entry(entry: Entry, owner: bytes, apart: Apart, guest: Guest) -> Entry:
    """What somebody who may write through a circle finds in their own folder of shares."""
    named = replace(entry, name=apart.space.hex())
    made = mount(named, owner, apart.space, Permit.of(apart, guest))
    return replace(made, extra={**made.extra, FOR: _CIRCLE})


def is_key(entry: Entry) -> bool:
    """Whether an entry only says how to write in what a circle has."""
    return entry.kind is Kind.MOUNT and entry.extra.get(FOR) == _CIRCLE
