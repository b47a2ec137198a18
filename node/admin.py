"""What the person who runs a node may do with it: invites, accounts, quotas.

Never behind a door: only whoever holds the ``Node`` itself can call this.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from crypto.hashing import sha256
from crypto.secret import random_bytes
from formats.errors import NotFound, Unfit
from formats.invite import Invite
from formats.limits import TOKEN
from node.core import Core, Told
from node.factors import of_account
from node.following import keeping
from node.following.keeping import KeptReplica
from node.logs import Log
from node.notices import tell
from storage.contracts import AccountRow, InviteRow, Transaction, View

INVITE_LIFE: Final = 7 * 24 * 60 * 60 * 1000
"""Milliseconds for which an invite is good unless it is said otherwise."""


ID: Final = 8
"""Hexadecimal digits that an invite is called by here: enough to tell invites apart."""


_RESET: Final = (
    "your second factors were taken away, as somebody who lost them asked for. "
    "If that was not you, change your password now; then add new ones: 'holdfast factors'"
)

_log: Final = Log("node.accounts")


@dataclass(frozen=True, slots=True)
class Resident:
    """An account as its node's owner sees it: bytes, and when it was made (ms)."""

    name: str
    id: bytes
    used: int
    reserved: int
    quota: int
    created: int
    messages: int
    """Sealed messages that wait to be collected, and their bytes."""
    message_bytes: int


@dataclass(frozen=True, slots=True)
class Invited:
    """An invite as its node's owner sees it: never its code. Times in ms, ``used_by`` a name.

    ``replica``: it is for keeping a replica of so many bytes, not for an account.
    """

    id: str
    created: int
    expires: int
    quota: int
    used_by: str
    replica: bool


class Admin:
    """The owner's side of a node."""

    def __init__(self, core: Core, addresses: Callable[[], tuple[str, ...]]) -> None:
        self._core: Final = core
        self._addresses: Final = addresses

    async def invite(
        self, quota: int | None = None, lifetime: int = INVITE_LIFE, replica: bool = False
    ) -> str:
        """A new invite for one account, or for one replica, as its one line of text.

        ``quota`` in bytes (None: the configured default), ``lifetime`` in milliseconds.
        """
        code = random_bytes(TOKEN)
        now = self._core.clock.now_ms()
        bytes_ = self._core.config.default_quota if quota is None else quota
        row = InviteRow(sha256(code), now + lifetime, bytes_, now, "", replica)

        def work(tx: Transaction) -> None:
            tx.put_invite(row)

        await self._core.store.write(work)
        return Invite(self._core.peer, self._addresses(), code, row.expires).text

    @staticmethod
    def called(text: str) -> str:
        """What an invite is called by in ``invites``; raises BadInvite."""
        return _called(text)

    async def invites(self) -> list[Invited]:
        """Every invite that was made and not forgotten yet, newest first."""

        def work(view: View) -> list[Invited]:
            return [_invited(row) for row in view.invites()]

        found = await self._core.store.read(work)
        return sorted(found, key=lambda each: (-each.created, each.id))

    async def revoke(self, which: str) -> Invited:
        """Let an invite be good no more: by its id here, or its whole text. NotFound, Unfit."""

        def work(tx: Transaction) -> Invited:
            row = _find(tx, which.strip())
            if row.used_by:
                raise Unfit(f"{row.used_by} has used it", hint="an account is not taken back so")
            tx.delete_invite(row.hash)
            return _invited(row)

        return await self._core.store.write(work)

    async def accounts(self) -> list[Resident]:
        """Everybody who has an account here, by name."""

        def work(view: View) -> list[Resident]:
            return [_resident(view, row) for row in view.accounts()]

        return await self._core.store.read(work)

    async def account(self, name: str) -> Resident:
        """The account of that name; raises NotFound."""
        return await self._core.store.read(lambda view: _resident(view, _account(view, name)))

    async def set_quota(self, name: str, quota: int) -> Resident:
        """Give an account another limit in bytes; raises NotFound. It may be below what it uses."""

        def work(tx: Transaction) -> Resident:
            tx.put_account(replace(_account(tx, name), quota=quota))
            return _resident(tx, _account(tx, name))

        return await self._core.store.write(work)

    async def reset_factors(self, name: str) -> int:
        """Ask an account for no second factor any more, for who lost theirs; how many there were.

        Its owner is told in the same transaction, on every device. The password still has to be
        proven. Raises NotFound; Unfit where there is none; TooMany when nobody can be told.
        """
        now = self._core.clock.now_ms()

        def work(tx: Transaction) -> int:
            row = _account(tx, name)
            before = of_account(row)
            if not before.asked:
                raise Unfit(f"'{name}' has no second factor", hint="nothing was changed")
            tx.put_account(replace(row, factors=before.reset.encoded))
            tell(tx, name, _RESET, now)
            return len(before.codes) + len(before.keys)

        count = await self._core.store.write(work)
        self._core.signals.fire(Told())
        _log.warning("second factors reset", factors=count)
        return count

    async def replicas(self) -> list[KeptReplica]:
        """The replicas that are kept here, and those of accounts here."""
        return await keeping.kept(self._core)

    async def end_replica(self, which: str) -> KeptReplica:
        """Keep one no longer, by its owner's handle; what is held of it is given up. NotFound."""
        return await keeping.end(self._core, which)

    async def is_empty(self) -> bool:
        """Whether nobody has an account here yet."""
        return not await self.accounts()


def _called(text: str) -> str:
    return sha256(Invite.parse(text).code).hex()[:ID]


def _invited(row: InviteRow) -> Invited:
    return Invited(
        row.hash.hex()[:ID], row.created, row.expires, row.quota, row.used_by, row.replica
    )


def _find(view: View, which: str) -> InviteRow:
    called = which if len(which) <= ID else _called(which)
    found = [row for row in view.invites() if row.hash.hex()[:ID] == called]
    if len(found) != 1:
        raise NotFound("there is no such invite", hint="'holdfast node invite list' has all")
    return found[0]


def _account(view: View, name: str) -> AccountRow:
    row = view.account(name)
    if row is None:
        raise NotFound(
            f"there is no account '{name}' here", hint="'holdfast node accounts' has all"
        )
    return row


def _resident(view: View, row: AccountRow) -> Resident:
    usage, inbox = view.usage(row.id), view.inbox_size(row.id)
    return Resident(row.name, row.id, *usage, row.quota, row.created, *inbox)
