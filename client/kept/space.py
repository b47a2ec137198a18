"""What is kept of one space: its blocks, and the newest state they belong to.

A state is two signed records and when its home last said that it is the newest.
They are verified again whenever they are used; a state that is not exactly the one
that the mark remembers is not used at all. Names and notes are sealed under the
account key: a thief of the disk learns from them neither spaces nor friends.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from client.kept.kept import Kept
from crypto.errors import CryptoError
from crypto.kdf import derive, prf
from crypto.purposes import KdfPurpose, SealPurpose
from crypto.sealing import Associated, SealingKey
from crypto.secret import Secret
from formats.cid import Block, Cid
from formats.dag_cbor import Value, decode, encode
from formats.errors import HoldfastError
from formats.fields import Fields

CONFIRMED_EVERY: Final = 60_000
"""Milliseconds after which it is written down again that a state is still the newest."""
MAX_RECORD: Final = 64 * 1024
MAX_SHARES: Final = 100_000


@dataclass(frozen=True, slots=True)
class State:
    """A state as its home showed it; ``confirmed``: when it last did, in ms of our clock."""

    pointer: bytes
    record: bytes
    confirmed: int


class Cabinet:
    """What one account keeps on this machine, by space. ``now`` in milliseconds."""

    def __init__(self, kept: Kept, account_key: Secret, now: Callable[[], int]) -> None:
        self.kept: Final = kept
        self.now: Final = now
        self.names: Final = derive(account_key, KdfPurpose.KEPT, b"names")
        self.key: Final = SealingKey(derive(account_key, KdfPurpose.KEPT, b"notes"))

    @classmethod
    def open(cls, folder: Path, limit: int, account_key: Secret, now: Callable[[], int]) -> Self:
        """The one in a folder, which is made if need be."""
        return cls(Kept(folder, limit), account_key, now)

    def space(self, owner: bytes, space: bytes, whose: str) -> "KeptSpace":
        """What is kept of one space; ``whose``: the name of its owner, for people."""
        return KeptSpace(self, owner, space, whose)

    def close(self) -> None:
        """Write what waits, and close."""
        self.kept.close()


class KeptSpace:
    """The blocks and the state of one space."""

    def __init__(self, cabinet: Cabinet, owner: bytes, space: bytes, whose: str) -> None:
        self.whose: Final = whose
        self._cabinet: Final = cabinet
        self._kept: Final = cabinet.kept
        self._name: Final = prf(cabinet.names, KdfPurpose.KEPT, owner, space)
        self._written: State | None = None

    def put(self, block: Block) -> None:
        """Keep a block of it."""
        self._kept.put(self._name, block)

    def load(self, cid: Cid) -> bytes | None:
        """The bytes of a block, hashed; None when it is not kept."""
        return self._kept.load(cid)

    async def load_all(self, cids: Sequence[Cid]) -> dict[Cid, bytes]:
        """Those of these blocks that are kept."""
        return await self._kept.load_all(cids)

    def confirm(self, pointer: bytes, record: bytes) -> None:
        """The home said just now that this verified state is the newest."""
        now, before = self._cabinet.now(), self._written
        same = before is not None and before.pointer == pointer
        if before is not None and same and now - before.confirmed < CONFIRMED_EVERY:
            return
        self._written = State(pointer, record, now)
        self._note(b"state", {"pointer": pointer, "record": record, "confirmed": now})

    def state(self) -> State | None:
        """The newest state that was confirmed; to be verified. None if there is none."""
        fields = self._noted(b"state")
        if fields is None:
            return None
        try:
            return State(
                fields.bytes_("pointer", maximum=MAX_RECORD),
                fields.bytes_("record", maximum=MAX_RECORD),
                fields.uint("confirmed"),
            )
        except HoldfastError:
            return None

    def shares(self, ids: Iterable[bytes]) -> bool:
        """What the owner shares in it now, by file ids; False if some of it was taken back.

        Then everything that is kept of the space is forgotten: the rest is read again.
        """
        now = set(ids)
        fields = self._noted(b"shares")
        before = set() if fields is None else _ids(fields)
        if now == before:
            return True
        if not before <= now:
            self.drop()
        listed: list[Value] = [*sorted(now)]
        self._note(b"shares", {"ids": listed})
        return before <= now

    def drop(self) -> None:
        """Forget all of it."""
        self._written = None
        for word in (b"state", b"shares"):
            self._kept.note(self._of(word), None)
        self._kept.drop(self._name)

    def _of(self, word: bytes) -> bytes:
        return prf(self._cabinet.names, KdfPurpose.KEPT, self._name, word)

    def _note(self, word: bytes, value: dict[str, Value]) -> None:
        name = self._of(word)
        sealed = self._cabinet.key.seal(encode(value), Associated(SealPurpose.KEPT, name))
        self._kept.note(name, sealed)

    def _noted(self, word: bytes) -> Fields | None:
        """What was noted; None where it was altered, as if it had never been."""
        name = self._of(word)
        sealed = self._kept.noted(name)
        if sealed is None:
            return None
        try:
            plain = self._cabinet.key.open(sealed, Associated(SealPurpose.KEPT, name))
            return Fields(decode(plain), "kept")
        except (CryptoError, HoldfastError):
            return None


def _ids(fields: Fields) -> set[bytes]:
    try:
        listed = fields.list_("ids", MAX_SHARES)
    except HoldfastError:
        return set()
    return {each for each in listed if isinstance(each, bytes)}
