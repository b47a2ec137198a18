"""People found in the network: whatever one's own node brings is verified, and none is guessed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from client.identity.announce import Announcement, announce
from client.session import Session, Surroundings
from client.social.contacts import contacts
from client.social.follow import accept, follow_found
from client.social.inbox import collect
from client.social.owners import refresh
from client.social.strangers import hints_of, parse_who, seek, the_one
from formats.errors import BadName, Forked, NotFound, Unfit, Unreachable, Usage
from formats.handle import handle, parse_handle
from formats.published import Published, key_of_handle, key_of_id
from formats.whereabouts import Home, Living, Whereabouts
from node.build import Node
from node.finding import Publication, Sighting
from protocols.services import Doors
from tests.client.people import Town


class Network:
    """What the own node finds: whatever a test says."""

    def __init__(self) -> None:
        self.values: dict[bytes, tuple[bytes, ...]] = {}
        self.asked: list[tuple[bytes, list[Home]]] = []

    async def find(self, key: bytes, newest: bool, hints: Sequence[Home]) -> Sighting:
        self.asked.append((key, list(hints)))
        return Sighting(self.values.get(key, ()), 77, 5)

    async def publish(self, id: bytes, hints: Sequence[Home]) -> Publication:
        return Publication(3, 4, 88)

    def changed(self, id: bytes) -> None:
        """Nothing to do."""

    def publication(self, id: bytes) -> Publication | None:
        return Publication(3, 4, 88)


@pytest.fixture
def network(world: Town) -> Network:
    """Of the node that is here."""
    found = Network()
    for node in world.nodes.values():
        node.core.finder = found
    return found


class Here:
    """A network that reaches one node, in process."""

    def __init__(self, node: Node) -> None:
        self.node = node

    async def reach(self, home: Home) -> Doors:
        assert home.peer == self.node.peer_id
        return self.node.open()


@pytest.fixture
def around(world: Town) -> Surroundings:
    node = world.nodes["one"]
    return replace(world.around(), network=Here(node), here=node.peer_id)


def published(session: Session) -> Published:
    return Published(session.chain, session.whereabouts)


def later(
    session: Session, seq: int, name: str | None = None, homes: tuple[Home, ...] = ()
) -> Published:
    """The same person with other whereabouts."""
    known = session.whereabouts
    where = Whereabouts.make(
        session.chain,
        seq,
        Living(homes or known.homes, name or known.name),
        known.sealing,
        known.expires,
        session.bundle.daily,
    )
    return Published(session.chain, where)


async def test_somebody_is_found_by_handle_and_by_id(
    network: Network, around: Surroundings, alice: Session
) -> None:
    person = published(alice)
    for key in person.keys:
        network.values[key] = (person.encode(),)
    for text in (handle("alice", alice.id), alice.id.hex()):
        found = the_one(await seek(around, parse_who(text)), text)
        assert (found.person, found.time) == (person, 77)
        assert found.handle == handle("alice", alice.id)
    assert [key for key, _ in network.asked] == [
        key_of_handle(parse_handle(handle("alice", alice.id))),
        key_of_id(alice.id),
    ]


async def test_what_the_own_node_makes_up_is_not_believed(
    network: Network, around: Surroundings, alice: Session, bob: Session
) -> None:
    who = parse_who(handle("alice", alice.id))
    good = published(alice).encode()
    for value in (
        b"",
        good[:-1],
        good[:-1] + bytes([good[-1] ^ 1]),
        published(bob).encode(),
        later(alice, 9, "mallory").encode(),
    ):
        network.values = dict.fromkeys([key_of_id(alice.id), published(alice).keys[1]], (value,))
        assert await seek(around, who) == []
    with pytest.raises(NotFound, match="nobody is published"):
        the_one([], "alice")


async def test_the_newest_of_one_person_is_taken(
    network: Network, around: Surroundings, alice: Session
) -> None:
    old, new = published(alice), later(alice, alice.whereabouts.seq + 3)
    for values in ((old, new), (new, old), (new, new)):
        network.values[old.keys[0]] = tuple(each.encode() for each in values)
        [found] = await seek(around, alice.id)
        assert found.person == new


async def test_two_who_contradict_each_other_are_shown_and_none_is_chosen(
    network: Network, around: Surroundings, alice: Session
) -> None:
    seq = alice.whereabouts.seq + 1
    one, other = later(alice, seq), later(alice, seq, "eve")
    network.values[one.keys[0]] = (one.encode(), other.encode())
    found = await seek(around, alice.id)
    assert {each.person for each in found} == {one, other}
    with pytest.raises(Forked, match="none was chosen"):
        the_one(found, "alice")


@pytest.mark.parametrize("away", [False, True])
async def test_a_stranger_is_followed_without_a_card(
    world: Town, network: Network, around: Surroundings, alice: Session, bob: Session, away: bool
) -> None:
    network.values[key_of_id(alice.id)] = (published(alice).encode(),)
    [found] = await seek(around, alice.id)
    home = alice.whereabouts.home.peer
    if away:
        world.down.add(home)
    asked = await follow_found(bob, found, "al")
    assert (asked.contact.name, asked.contact.asked, asked.waiting) == ("al", True, away)
    world.down.discard(home)
    if not away:
        await collect(alice)
        await accept(alice, "bob", back=True)
        await collect(bob)
        [friend] = await contacts(bob)
        assert friend.following


async def test_nobody_follows_themselves(
    network: Network, around: Surroundings, alice: Session
) -> None:
    network.values[key_of_id(alice.id)] = (published(alice).encode(),)
    [found] = await seek(around, alice.id)
    with pytest.raises(Unfit, match="own handle"):
        await follow_found(alice, found)


async def test_homes_of_friends_are_where_to_begin(
    network: Network, around: Surroundings, alice: Session, bob: Session
) -> None:
    network.values[key_of_id(alice.id)] = (published(alice).encode(),)
    [found] = await seek(around, alice.id)
    await follow_found(bob, found)
    friends = await contacts(bob)
    await seek(around, alice.id, friends)
    [hint] = hints_of(friends)
    assert network.asked[-1] == (key_of_id(alice.id), [Home(hint.peer, hint.addresses)])
    assert hint.peer == alice.whereabouts.home.peer


async def test_a_friend_who_moved_is_found_again(
    world: Town, network: Network, alice: Session, bob: Session
) -> None:
    bob.around = replace(bob.around, network=_Both(world), here=world.nodes["two"].peer_id)
    network.values[key_of_id(alice.id)] = (published(alice).encode(),)
    [found] = await seek(bob.around, alice.id)
    await follow_found(bob, found)
    assert await refresh(bob, alice.id) == (await contacts(bob))[0]
    world.down.add(alice.whereabouts.home.peer)
    with pytest.raises(Unreachable):
        await refresh(bob, alice.id)
    moved = later(alice, alice.whereabouts.seq + 1, homes=(world.home("two"),))
    network.values[key_of_id(alice.id)] = (moved.encode(),)
    assert (await refresh(bob, alice.id)).reach.homes == moved.whereabouts.homes
    assert (await contacts(bob))[0].reach.homes == moved.whereabouts.homes
    assert network.asked[-1] == (key_of_id(alice.id), [])


class _Both:
    """Bob's own node in process, others as in the world."""

    def __init__(self, world: Town) -> None:
        self.world = world

    async def reach(self, home: Home) -> Doors:
        own = self.world.nodes["two"]
        return own.open() if home.peer == own.peer_id else await self.world.reach(home)


async def test_without_a_node_here_nobody_is_looked_for(world: Town) -> None:
    with pytest.raises(Unfit):
        await seek(world.around(), bytes(32))


async def test_no_network_is_said(world: Town, around: Surroundings) -> None:
    with pytest.raises(Unreachable, match="still being started"):
        await seek(around, bytes(32))


async def test_being_published_is_told(network: Network, alice: Session) -> None:
    assert await announce(alice, None) == Announcement(False, 0, 0, None)
    assert await announce(alice, True) == Announcement(True, 3, 4, 88)
    assert await announce(alice, False) == Announcement(False, 0, 0, None)


@pytest.mark.parametrize("text", ["", "alice", "ab" * 31, "zz" * 32, "alice~123"])
def test_what_names_nobody_is_refused(text: str) -> None:
    with pytest.raises((Usage, BadName)):
        parse_who(text)


def test_an_id_is_read_as_it_is_shown() -> None:
    assert parse_who("0F" * 32) == b"\x0f" * 32
