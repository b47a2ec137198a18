"""A session's line to its own home, which says so when its keys or its account are no more.

A home refuses keys that are not in force any more, and all that is asked of an account that was
deleted, and says no more than that. What it tells anybody who names a record of the chain
explains it: signed records that go on from there, or the owner's farewell.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from client.home import Connected, HomeLine
from client.provers import Prover
from formats.errors import Denied, Forged, HoldfastError, NotSignedIn, Stale
from formats.farewell import Farewell
from formats.identity import IdentityChain
from formats.whereabouts import Home, Whereabouts
from protocols.directory import Look, Person
from protocols.services import Network

T = TypeVar("T")


def renewed_elsewhere() -> NotSignedIn:
    """What a machine is told whose person renewed their keys on another one."""
    return NotSignedIn(
        "your identity keys were renewed elsewhere, so those on this machine are of no more use",
        hint="sign in again with your password: 'holdfast login NAME'",
    )


def was_left() -> NotSignedIn:
    """What a machine is told whose person had the account deleted, on this one or another."""
    return NotSignedIn(
        "your account at this home was deleted, as your own keys and password asked for",
        hint="'holdfast import FILE' brings it to another node; if it was not you, somebody has "
        "your password",
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Whose line it is: their id, their newest identity record, the number of the newest
    whereabouts, as far as is known.
    """

    id: bytes
    seq: int
    head: bytes
    whereabouts: int


class OwnLine(HomeLine):
    """A line that looks why it was refused. ``known``: whose it is."""

    def __init__(
        self,
        network: Network,
        homes: Sequence[Home],
        known: Known,
        *provers: Prover,
    ) -> None:
        super().__init__(network, homes, *provers)
        self._ask_around: Final = HomeLine(network, homes)
        self._known: Final = known

    async def call(self, ask: Callable[[Connected], Awaitable[T]], repeat: bool = True) -> T:
        """As ``HomeLine.call``; raises NotSignedIn when the keys or the account are no more."""
        try:
            return await super().call(ask, repeat)
        except (Denied, Forged, Stale) as error:
            ended = await self._ended()
            if ended is not None:
                raise ended from error
            raise

    async def _ended(self) -> NotSignedIn | None:
        """Why there is nothing for these keys any more, in the owner's own signed words."""
        known = self._known

        async def look(connected: Connected) -> Person:
            return await connected.doors.directory.look(Look(known.id, known.head, None))

        try:
            person = await self._ask_around.call(look)
            chain = IdentityChain.decode(person.chain)
            chain.extends(known.id, known.seq, known.head)
            if chain.seq == known.seq and self._is_left(chain, person):
                return was_left()
        except HoldfastError:
            return None
        finally:
            await self._ask_around.aclose()
        return renewed_elsewhere() if chain.seq > known.seq else None

    def _is_left(self, chain: IdentityChain, person: Person) -> bool:
        """Whether the owner took leave of this home after all that is known here."""
        if person.farewell is None:
            return False
        said = Farewell.decode(person.farewell)
        said.verify(chain)
        fits = said.home == self.homes[0].peer and said.seq > self._known.whereabouts
        return fits and said.ends(Whereabouts.decode(person.whereabouts))
