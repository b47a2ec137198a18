"""What the person who runs a node may do with it: make invites, see who lives there.

Never behind a door: only whoever holds the ``Node`` itself can call this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crypto.hashing import sha256
from crypto.secret import random_bytes
from formats.invite import Invite
from formats.limits import TOKEN
from node.core import Core
from storage.contracts import InviteRow, Transaction, View

INVITE_LIFE: Final = 7 * 24 * 60 * 60 * 1000
"""Milliseconds for which an invite is good unless it is said otherwise."""


@dataclass(frozen=True, slots=True)
class Resident:
    """An account as its node's owner sees it: bytes, and when it was made (ms)."""

    name: str
    id: bytes
    used: int
    reserved: int
    quota: int
    created: int


class Admin:
    """The owner's side of a node."""

    def __init__(self, core: Core, addresses: Callable[[], tuple[str, ...]]) -> None:
        self._core: Final = core
        self._addresses: Final = addresses

    async def invite(self, quota: int | None = None, lifetime: int = INVITE_LIFE) -> str:
        """A new invite for one account, as its one line of text.

        ``quota`` in bytes (None: the configured default), ``lifetime`` in milliseconds.
        """
        code = random_bytes(TOKEN)
        now = self._core.clock.now_ms()
        bytes_ = self._core.config.default_quota if quota is None else quota
        row = InviteRow(sha256(code), now + lifetime, bytes_, now, "")

        def work(tx: Transaction) -> None:
            tx.put_invite(row)

        await self._core.store.write(work)
        return Invite(self._core.peer, self._addresses(), code, row.expires).text

    async def accounts(self) -> list[Resident]:
        """Everybody who has an account here, by name."""

        def work(view: View) -> list[Resident]:
            return [
                Resident(row.name, row.id, *view.usage(row.id), row.quota, row.created)
                for row in view.accounts()
            ]

        return await self._core.store.read(work)

    async def is_empty(self) -> bool:
        """Whether nobody has an account here yet."""
        return not await self.accounts()
