"""Homes that one moved away from: what still waits there, and what they are to be told.

One record each, ``system/former/<peer id in hex>``. A friend who was away for long leaves
messages at the old home: they are fetched from there for as long as whereabouts hold that named
it. An old home that was not there when one moved is told as soon as it is: from then on it
takes no changes, and says where one is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from client.answers import handed_over
from client.home import Connected, HomeLine
from client.identity.whereabouts import WHEREABOUTS_LIFE, publish_at
from client.session import Session, own_line
from client.social.events import Event
from client.social.inbox import collect
from client.social.store import FORMER, System, change, look
from client.space.reading import Changing
from formats.dag_cbor import Value
from formats.errors import Denied, HoldfastError, Stale
from formats.fields import Fields
from formats.identity import IdentityChain
from formats.limits import PEER
from formats.whereabouts import Home, Whereabouts
from protocols.directory import Look, Person

MAX_ADDRESSES = 16
_WHAT = "home before"


@dataclass(frozen=True, slots=True)
class Former:
    """A node that was the home until ``since`` (ms)."""

    home: Home
    since: int

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        addresses: list[Value] = list(self.home.addresses)
        return {"peer": self.home.peer, "addresses": addresses, "since": self.since}

    @classmethod
    def read(cls, fields: Fields) -> "Former":
        """As it was kept."""
        addresses = tuple(map(str, fields.list_("addresses", MAX_ADDRESSES)))
        home = Home(fields.bytes_("peer", minimum=1, maximum=PEER), addresses)
        return cls(home, fields.uint("since"))


async def remember(session: Session, home: Home) -> None:
    """Keep in mind that this node was the home; the one that is now never was."""
    now = session.around.now()

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await system.put((FORMER, home.peer.hex()), Former(home, now).value)
        here = session.whereabouts.home.peer.hex()
        if here in await system.names(FORMER):
            await system.remove(FORMER, here)
        await system.flush()

    await change(session, operation)


async def forget(session: Session, peer: bytes) -> None:
    """There is nothing more to be had from it."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        if peer.hex() in await system.names(FORMER):
            await system.remove(FORMER, peer.hex())
            await system.flush()

    await change(session, operation)


async def former_homes(session: Session) -> list[Former]:
    """Those that are kept in mind."""
    return list(map(Former.read, (await (await look(session)).all(FORMER)).values()))


async def look_back(session: Session, on_event: Callable[[Event], None]) -> list[HoldfastError]:
    """Fetch what waits at former homes, and tell them where one is; what kept from it.

    One that does not know the account any more, or was left for long, is forgotten.
    """
    problems: list[HoldfastError] = []
    for each in await former_homes(session):
        line = own_line(session.around, each.home, session.bundle)
        try:
            await tell(session, line)
            for event in await collect(session, line):
                on_event(event)
        except Denied:
            await forget(session, each.home.peer)
        except HoldfastError as error:
            problems.append(error)
        finally:
            await line.aclose()
        if session.around.now() - each.since > WHEREABOUTS_LIFE:
            await forget(session, each.home.peer)
    return problems


async def tell(session: Session, line: HomeLine) -> None:
    """Have a former home know the newest whereabouts, and the keys if they were renewed.

    Where they were, it does not know the key that ``line`` shows: it is told by records that
    go on from those it has, which need no proof. Raises Denied, Stale, Unreachable.
    """
    stranger = HomeLine(session.around.network, line.homes)
    try:
        chain, known = await _known_at(session, stranger)
        if known.seq > session.whereabouts.seq:
            raise Stale("a home that you left has newer whereabouts of yours")
        session.chain.extends(chain.id, chain.seq, chain.head_hash)
        records = session.chain.encoded[chain.seq + 1 :]
        if records:
            await publish_at(stranger, session.whereabouts, records)
        elif known.seq < session.whereabouts.seq:
            await publish_at(line, session.whereabouts)
    finally:
        await stranger.aclose()


async def _known_at(session: Session, line: HomeLine) -> tuple[IdentityChain, Whereabouts]:
    """What a former home has of one's records: it names the first, which each has."""

    async def ask(connected: Connected) -> Person:
        head = session.chain.records[0].hash
        return await connected.doors.directory.look(Look(session.id, head, None))

    person = await line.call(ask)
    with handed_over("record of yours"):
        return IdentityChain.decode(person.chain), Whereabouts.decode(person.whereabouts)
