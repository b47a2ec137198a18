"""A session's line to its own home, which says so when the keys it shows were renewed elsewhere.

A home refuses keys that are not in force any more, and says no more than that. What it tells
anybody who names a record of the chain explains it: signed records that go on from there.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from client.home import Connected, HomeLine, Prover
from formats.errors import Denied, Forged, HoldfastError, NotSignedIn, Stale
from formats.identity import IdentityChain
from formats.whereabouts import Home
from protocols.directory import Look, Person
from protocols.services import Network

T = TypeVar("T")


def renewed_elsewhere() -> NotSignedIn:
    """What a machine is told whose person renewed their keys on another one."""
    return NotSignedIn(
        "your identity keys were renewed elsewhere, so those on this machine are of no more use",
        hint="sign in again with your password: 'holdfast login NAME'",
    )


class OwnLine(HomeLine):
    """``known``: the id, and number and hash of the newest identity record, of whose line it is."""

    def __init__(
        self,
        network: Network,
        homes: Sequence[Home],
        known: tuple[bytes, int, bytes],
        *provers: Prover,
    ) -> None:
        super().__init__(network, homes, *provers)
        self._ask_around: Final = HomeLine(network, homes)
        self._known: Final = known

    async def call(self, ask: Callable[[Connected], Awaitable[T]], repeat: bool = True) -> T:
        """As ``HomeLine.call``; raises NotSignedIn when the keys were renewed elsewhere."""
        try:
            return await super().call(ask, repeat)
        except (Denied, Forged, Stale) as error:
            if await self._is_renewed():
                raise renewed_elsewhere() from error
            raise

    async def _is_renewed(self) -> bool:
        """Whether the home shows records of this very identity that go on from the known one."""
        id, seq, head = self._known

        async def look(connected: Connected) -> Person:
            return await connected.doors.directory.look(Look(id, head, None))

        try:
            chain = IdentityChain.decode((await self._ask_around.call(look)).chain)
            chain.extends(id, seq, head)
        except HoldfastError:
            return False
        finally:
            await self._ask_around.aclose()
        return chain.seq > seq
