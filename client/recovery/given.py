"""Who keeps a share of one's kit for friends: what is kept of it in one's own space.

    system/recovery-shares = {v, set, made, seq, label, lock, public, needed, ended?, by?, tag?,
                              keepers: [{id, key, since, nonce?, asked?, confirmed?, gone?}...]}

Enough to renew what the kit opens, and to know a proof when one comes; none of the shares, nor
anything that helps to find one.
"""

from dataclasses import dataclass, replace
from typing import Final

from client.recovery.content import KitContent
from client.recovery.notes import NONCE, SET
from client.recovery.vouching import TAG, given_up, tag_of, vouched
from client.social.store import SHARES, System
from crypto.hpke import PUBLIC_SIZE
from crypto.secret import Secret
from crypto.signing import LOCK_KEY_SIZE
from crypto.threshold import MOST
from formats.dag_cbor import Value
from formats.envelope import present
from formats.fields import Fields, entries
from formats.leaf import Leaf
from formats.limits import ID

KEY: Final = 32
_WHAT: Final = "shares of a kit"


@dataclass(frozen=True, slots=True)
class Keeper:
    """One of them, by id. ``key``: knows their proofs. ``nonce``: what they were asked with last,
    at ``asked``, and did not answer yet. ``confirmed``: when they last showed that they have it;
    ``gone``: when they said that they do not. All in ms.
    """

    id: bytes
    key: Secret
    since: int
    nonce: bytes | None = None
    asked: int | None = None
    confirmed: int | None = None
    gone: int | None = None

    @property
    def value(self) -> Value:
        """As it is kept."""
        return present(
            {
                "id": self.id,
                "key": self.key.reveal(),
                "since": self.since,
                "nonce": self.nonce,
                "asked": self.asked,
                "confirmed": self.confirmed,
                "gone": self.gone,
            }
        )

    @classmethod
    def read(cls, fields: Fields) -> "Keeper":
        """As it was kept."""
        return cls(
            id=fields.bytes_("id", ID),
            key=Secret(fields.bytes_("key", KEY)),
            since=fields.uint("since"),
            nonce=fields.optional_bytes("nonce", NONCE),
            asked=fields.optional_uint("asked"),
            confirmed=fields.optional_uint("confirmed"),
            gone=fields.optional_uint("gone"),
        )


@dataclass(frozen=True, slots=True)
class Given:
    """The splitting in force, or the last one. ``seq``, ``label``, ``lock``, ``public``: as of a
    ``KitRecord``. ``ended``: since when it opens nothing (ms), ``by``: for whom it was ended, where
    somebody was parted from. ``tag``: see ``vouching.py``.
    """

    set: bytes
    made: int
    seq: int
    label: bytes
    lock: bytes
    public: bytes
    needed: int
    keepers: tuple[Keeper, ...]
    ended: int | None = None
    by: bytes | None = None
    tag: bytes | None = None

    def vouched_by(self, next: Secret, id: bytes) -> "Given":
        """With the tag of who has the seed of the key of succession."""
        return replace(self, tag=tag_of(next, id, SHARES, self))

    @property
    def is_over(self) -> bool:
        """Whether it opens nothing any more."""
        return self.ended is not None

    def keeper(self, id: bytes) -> Keeper | None:
        """That person, if they keep one."""
        return next((each for each in self.keepers if each.id == id), None)

    def with_keeper(self, changed: Keeper) -> "Given":
        """With one of them as they are now."""
        now = (changed if each.id == changed.id else each for each in self.keepers)
        return replace(self, keepers=tuple(now))

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        keepers: list[Value] = [each.value for each in self.keepers]
        return {
            "set": self.set,
            "made": self.made,
            "seq": self.seq,
            "label": self.label,
            "lock": self.lock,
            "public": self.public,
            "needed": self.needed,
            "keepers": keepers,
            **({} if self.ended is None else {"ended": self.ended}),
            **({} if self.by is None else {"by": self.by}),
            **({} if self.tag is None else {"tag": self.tag}),
        }

    @classmethod
    def read(cls, fields: Fields) -> "Given":
        """As it was kept; raises Malformed."""
        keepers = entries(fields.list_("keepers", MOST), _WHAT)
        return cls(
            set=fields.bytes_("set", SET),
            made=fields.uint("made"),
            seq=fields.uint("seq"),
            label=fields.bytes_("label", ID),
            lock=fields.bytes_("lock", LOCK_KEY_SIZE),
            public=fields.bytes_("public", PUBLIC_SIZE),
            needed=fields.uint("needed", MOST),
            keepers=tuple(map(Keeper.read, keepers)),
            ended=fields.optional_uint("ended"),
            by=fields.optional_bytes("by", ID),
            tag=fields.optional_bytes("tag", TAG),
        )


async def given_of(system: System) -> Given | None:
    """The last splitting among friends, if there ever was one."""
    fields = await system.get((SHARES,), _WHAT)
    return None if fields is None else Given.read(fields)


async def keep_given(system: System, given: Given) -> None:
    """Within an operation: this is it from now on."""
    await system.put((SHARES,), given.value)


async def renew_given(system: System, content: KitContent, before: Secret) -> bool:
    """Within an operation: what friends' shares open from now on, if there are any.

    ``before``: the seed that vouches for them until then. False if it does not: they are given up.
    """
    given = await vouched(given_of(system), before, content.id, SHARES)
    if given is None:
        return not await given_up(system, SHARES)
    if given.is_over:
        await keep_given(system, given.vouched_by(content.next, content.id))
        return True
    system.changing.put(given.label, Leaf(given.lock, header=content.seal(given.public)))
    now = replace(given, seq=content.bundle.head_seq)
    await keep_given(system, now.vouched_by(content.next, content.id))
    return True
