"""What is kept of the recovery kit in one's own space: enough to renew it, nothing that opens it.

    system/recovery = {v, made, seq, label, lock, public, place, asked: [i, j, k],
                       salt, operations, memory, proof, checked?, old: [label...]}

``proof`` is three of the words, stretched as a password is: so that the person can be asked for
them. Who steals this record and finds those three (39 of 160 bits, at a quarter of a gigabyte
and half a second each) has come no nearer to the other 121.
"""

from dataclasses import dataclass, replace
from typing import Final

from client.recovery.vouching import TAG, tag_of
from client.recovery.words import WORDS
from client.social.store import RECOVERY, System
from crypto.hpke import PUBLIC_SIZE
from crypto.passwords import SALT_SIZE, STRETCHED_SIZE, PasswordParameters
from crypto.secret import Secret
from crypto.signing import LOCK_KEY_SIZE
from formats.dag_cbor import Value
from formats.errors import Malformed
from formats.fields import Fields
from formats.limits import ID
from formats.whereabouts import MAX_KIT

ASKED: Final = 3
"""Words that somebody is asked for."""
MAX_OLD: Final = 16

_WHAT: Final = "recovery kit"


@dataclass(frozen=True, slots=True)
class KitRecord:
    """The kit that is in force. ``seq``: of the identity record whose follower it can sign.

    ``made``, ``checked`` in milliseconds; ``label`` and ``lock`` of its leaf; ``public``: the key
    to seal to; ``place``: what the whereabouts say; ``asked``: the places of three words, from
    0; ``old``: labels of kits before, not taken away yet; ``tag``: see ``vouching.py``.
    """

    made: int
    seq: int
    label: bytes
    lock: bytes
    public: bytes
    place: bytes
    asked: tuple[int, ...]
    parameters: PasswordParameters
    proof: bytes
    checked: int | None = None
    old: tuple[bytes, ...] = ()
    tag: bytes | None = None

    def vouched_by(self, next: Secret, id: bytes) -> "KitRecord":
        """With the tag of who has the seed of the key of succession."""
        return replace(self, tag=tag_of(next, id, RECOVERY, self))

    def after(self, before: "KitRecord | None") -> "KitRecord":
        """In place of another, whose leaf is still to be taken away."""
        if before is None:
            return self
        return replace(self, old=(*before.old, before.label)[-MAX_OLD:])

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {
            "made": self.made,
            "seq": self.seq,
            "label": self.label,
            "lock": self.lock,
            "public": self.public,
            "place": self.place,
            "asked": list(self.asked),
            "salt": self.parameters.salt,
            "operations": self.parameters.opslimit,
            "memory": self.parameters.memlimit,
            "proof": self.proof,
            **({} if self.checked is None else {"checked": self.checked}),
            "old": list(self.old),
            **({} if self.tag is None else {"tag": self.tag}),
        }

    @classmethod
    def read(cls, fields: Fields) -> "KitRecord":
        """As it was kept; raises Malformed."""
        return cls(
            made=fields.uint("made"),
            seq=fields.uint("seq"),
            label=fields.bytes_("label", ID),
            lock=fields.bytes_("lock", LOCK_KEY_SIZE),
            public=fields.bytes_("public", PUBLIC_SIZE),
            place=fields.bytes_("place", minimum=1, maximum=MAX_KIT),
            asked=tuple(map(_place, fields.list_("asked", ASKED))),
            parameters=PasswordParameters(
                opslimit=fields.uint("operations"),
                memlimit=fields.uint("memory"),
                salt=fields.bytes_("salt", SALT_SIZE),
            ),
            proof=fields.bytes_("proof", STRETCHED_SIZE),
            checked=fields.optional_uint("checked"),
            old=fields.bytes_list("old", MAX_OLD, ID),
            tag=fields.optional_bytes("tag", TAG),
        )


async def kit_of(system: System) -> KitRecord | None:
    """The kit that is in force, if there is one."""
    fields = await system.get((RECOVERY,), _WHAT)
    return None if fields is None else KitRecord.read(fields)


async def keep_kit(system: System, record: KitRecord) -> None:
    """Within an operation: this is the kit from now on."""
    await system.put((RECOVERY,), record.value)


def _place(value: Value) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < WORDS:
        raise Malformed(f"{_WHAT}: that is not the place of a word")
    return value
