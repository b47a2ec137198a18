"""The directory door: people are found by who knows them, and by nobody else."""

from collections.abc import Sequence

import pytest

from formats.drop import token_hash
from formats.errors import (
    Denied,
    Expired,
    Forged,
    Forked,
    HoldfastError,
    Malformed,
    Stale,
    Unreachable,
)
from formats.identity import IdentityChain, IdentityRecord
from formats.statement import Role
from formats.whereabouts import Home, Living, Whereabouts
from node.build import Node
from node.finding import Publication, Sighting
from protocols import directory as d
from protocols import inbox as i
from protocols.services import Doors
from tests.node.people import NOW, YEAR, Clock, Person, prove, signing_key

TOKEN = bytes(range(16))


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


def stranger(node: Node) -> Doors:
    return node.open(node.caller(b"another node", local=False))


def rotate(person: Person, number: int = 1) -> IdentityRecord:
    """The person's next identity record; the person goes on with the new keys."""
    daily = signing_key(person.name, "daily", number)
    next_ = signing_key(person.name, "next", number)
    record = IdentityRecord.following(
        person.chain.head, person.next, daily.verify_key, next_.verify_key.digest(), NOW
    )
    person.chain = IdentityChain((*person.chain.records, record))
    person.daily, person.next = daily, next_
    return record


async def test_who_names_a_record_of_the_chain_finds_the_person(
    node: Node, mine: Doors, alice: Person
) -> None:
    first = alice.chain.head_hash
    record = rotate(alice)
    whereabouts = alice.whereabouts(mine.peer, 1).encoded
    await mine.directory.publish(d.Publish(alice.id, (record.encoded,), whereabouts))
    for head in (first, record.hash):
        found = await stranger(node).directory.look(d.Look(alice.id, head, None))
        assert found == d.Person(alice.chain.encoded, whereabouts)


async def test_who_has_a_card_finds_the_person_until_it_expires(
    node: Node, mine: Doors, alice: Person, clock: Clock
) -> None:
    await mine.inbox.allow(i.Allow(alice.id, token_hash(TOKEN), 1, clock.now + 1000))
    for _ in range(3):
        found = await stranger(node).directory.look(d.Look(alice.id, None, TOKEN))
        assert found.chain == alice.chain.encoded
    clock.now += 1000
    with pytest.raises(Denied):
        await stranger(node).directory.look(d.Look(alice.id, None, TOKEN))


async def test_for_strangers_nobody_lives_here(node: Node, alice: Person) -> None:
    said = set()
    for id in (alice.id, bytes(32)):
        for head in (None, bytes(32), alice.id):
            for token in (None, bytes(16)):
                with pytest.raises(Denied) as refused:
                    await stranger(node).directory.look(d.Look(id, head, token))
                said.add(str(refused.value))
    assert len(said) == 1


async def test_a_card_is_good_for_its_person_only(node: Node, mine: Doors, alice: Person) -> None:
    await mine.inbox.allow(i.Allow(alice.id, token_hash(TOKEN), 1, NOW + 1000))
    with pytest.raises(Denied):
        await stranger(node).directory.look(d.Look(bytes(32), None, TOKEN))


async def test_only_the_owner_publishes(node: Node, alice: Person) -> None:
    request = d.Publish(alice.id, (), alice.whereabouts(node.peer_id, 1).encoded)
    with pytest.raises(Denied):
        await stranger(node).directory.publish(request)


async def test_records_that_go_on_from_the_stored_ones_need_no_other_proof(
    node: Node, alice: Person
) -> None:
    """Whoever brings them: a home that was away while keys were renewed hears of it so."""
    record = rotate(alice)
    request = d.Publish(alice.id, (record.encoded,), alice.whereabouts(b"elsewhere", 5).encoded)
    await stranger(node).directory.publish(request)
    found = await stranger(node).directory.look(d.Look(alice.id, record.hash, None))
    assert found == d.Person(alice.chain.encoded, request.whereabouts)
    with pytest.raises(Denied):  # they are known now, and prove nothing
        await stranger(node).directory.publish(request)


async def test_records_that_do_not_go_on_prove_nothing(node: Node, alice: Person) -> None:
    """Known ones, another person's, one that leaves a gap; of who lives here, and who does not."""
    known = alice.chain.encoded[0]
    whereabouts = alice.whereabouts(node.peer_id, 5).encoded
    foreign = rotate(Person("mallory")).encoded
    rotate(alice)
    far = rotate(alice).encoded
    for id in (alice.id, bytes(32)):
        for records in ((known,), (foreign,), (far,), (known, far)):
            with pytest.raises(Denied):
                await stranger(node).directory.publish(d.Publish(id, records, whereabouts))


async def test_publishing_again_is_no_error(mine: Doors, alice: Person) -> None:
    record = rotate(alice)
    request = d.Publish(alice.id, (record.encoded,), alice.whereabouts(mine.peer, 1).encoded)
    await mine.directory.publish(request)
    await prove(mine, Role.OWNER, alice.id, alice.daily)
    await mine.directory.publish(request)
    found = await mine.directory.look(d.Look(alice.id, record.hash, None))
    assert found == d.Person(alice.chain.encoded, request.whereabouts)


async def test_after_a_new_daily_key_the_old_one_is_nobodys(mine: Doors, alice: Person) -> None:
    yesterday = alice.daily
    record = rotate(alice)
    request = d.Publish(alice.id, (record.encoded,), alice.whereabouts(mine.peer, 1).encoded)
    await mine.directory.publish(request)
    with pytest.raises(Denied):
        await mine.directory.publish(request)
    with pytest.raises(Forged):
        await prove(mine, Role.OWNER, alice.id, yesterday)


def older(me: Person, peer: bytes) -> d.Publish:
    return d.Publish(me.id, (), me.whereabouts(peer, 1).encoded)


def other_with_the_same_number(me: Person, peer: bytes) -> d.Publish:
    return d.Publish(me.id, (), me.whereabouts(peer, 2, name="other").encoded)


def expired(me: Person, peer: bytes) -> d.Publish:
    old = me.whereabouts(peer, 3)
    late = Whereabouts.make(me.chain, 3, Living(old.homes, me.name), old.sealing, NOW, me.daily)
    return d.Publish(me.id, (), late.encoded)


def forged(me: Person, peer: bytes) -> d.Publish:
    old = me.whereabouts(peer, 3)
    key = signing_key("mallory")
    made = Whereabouts.make(me.chain, 3, Living(old.homes, me.name), old.sealing, NOW + YEAR, key)
    return d.Publish(me.id, (), made.encoded)


def of_another(me: Person, peer: bytes) -> d.Publish:
    return d.Publish(me.id, (), Person("mallory").whereabouts(peer, 3).encoded)


def records_of_another(me: Person, peer: bytes) -> d.Publish:
    other = Person("mallory")
    return d.Publish(me.id, (rotate(other).encoded,), me.whereabouts(peer, 3).encoded)


def a_gap(me: Person, peer: bytes) -> d.Publish:
    rotate(me)
    second = rotate(me, 2)
    return d.Publish(me.id, (second.encoded,), me.whereabouts(peer, 3).encoded)


def signed_by_the_daily_key(me: Person, peer: bytes) -> d.Publish:
    me.next = me.daily
    record = IdentityRecord.following(
        me.chain.head, me.daily, signing_key("x").verify_key, bytes(32), NOW
    )
    return d.Publish(me.id, (record.encoded,), me.whereabouts(peer, 3).encoded)


def garbage(me: Person, peer: bytes) -> d.Publish:
    return d.Publish(me.id, (b"garbage",), me.whereabouts(peer, 3).encoded)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (older, Stale),
        (other_with_the_same_number, Forked),
        (expired, Expired),
        (forged, Forged),
        (of_another, Forged),
        (records_of_another, Forged),
        (a_gap, Forged),
        (signed_by_the_daily_key, Forged),
        (garbage, Malformed),
    ],
)
async def test_what_does_not_follow_is_refused_and_changes_nothing(
    node: Node, mine: Doors, alice: Person, wrong: object, kind: type[HoldfastError]
) -> None:
    head = alice.chain.head_hash
    good = alice.whereabouts(mine.peer, 2).encoded
    await mine.directory.publish(d.Publish(alice.id, (), good))
    before = await node.store.read(lambda view: view.identity(alice.id))
    assert callable(wrong)
    with pytest.raises(kind):
        await mine.directory.publish(wrong(alice, mine.peer))
    assert await node.store.read(lambda view: view.identity(before.id if before else b"")) == before
    found = await stranger(node).directory.look(d.Look(mine_id(before), head, None))
    assert found.whereabouts == good


def mine_id(row: object) -> bytes:
    id = getattr(row, "id", b"")
    assert isinstance(id, bytes)
    return id


# --- strangers: finding and being found


class Found:
    """A network in which everything works at once."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, bool, list[Home]]] = []
        self.told: list[bytes] = []
        self.hints: list[list[Home]] = []
        self.last: Publication | None = None
        self.fails = False

    async def find(self, key: bytes, newest: bool, hints: Sequence[Home]) -> Sighting:
        self.asked.append((key, newest, list(hints)))
        return Sighting((b"person",), 5, 7)

    async def publish(self, id: bytes, hints: Sequence[Home]) -> Publication:
        self.hints.append(list(hints))
        if self.fails:
            raise Unreachable("nobody is there")
        self.last = Publication(18, 20, 9)
        return self.last

    def changed(self, id: bytes) -> None:
        self.told.append(id)

    def publication(self, id: bytes) -> Publication | None:
        return self.last


KEY = bytes(32)
HINT = d.Hint(b"peer", ("/ip4/192.0.2.1/tcp/1",))


@pytest.fixture
def network(node: Node) -> Found:
    node.core.finder = found = Found()
    return found


async def test_only_who_runs_the_node_looks_for_strangers(node: Node, network: Found) -> None:
    sighted = await node.open().directory.find(d.Find(KEY, True, (HINT,)))
    assert sighted == d.Sighted((b"person",), 5, 7)
    assert network.asked == [(KEY, True, [Home(b"peer", HINT.addresses)])]
    for caller in (node.caller(b"peer", local=False), node.caller(b"peer", local=True)):
        with pytest.raises(Denied):
            await node.open(caller).directory.find(d.Find(KEY, True, ()))
    assert len(network.asked) == 1


async def test_before_there_is_a_network_nobody_is_found(node: Node) -> None:
    with pytest.raises(Unreachable, match="still being started"):
        await node.open().directory.find(d.Find(KEY, False, ()))


async def test_being_published_is_a_choice_and_is_told(
    node: Node, mine: Doors, alice: Person, network: Found
) -> None:
    ask = d.Announce(alice.id, None, ())
    assert await mine.directory.announce(ask) == d.Announced(False, 0, 0, None)
    on = await mine.directory.announce(d.Announce(alice.id, True, (HINT,)))
    assert on == await mine.directory.announce(ask) == d.Announced(True, 18, 20, 9)
    assert network.hints == [[Home(b"peer", HINT.addresses)]]
    off = await mine.directory.announce(d.Announce(alice.id, False, ()))
    assert off == await mine.directory.announce(ask) == d.Announced(False, 0, 0, None)
    assert network.told == [alice.id, alice.id]


async def test_a_choice_stands_when_nobody_can_be_told_yet(
    mine: Doors, alice: Person, network: Found
) -> None:
    network.fails = True
    told = await mine.directory.announce(d.Announce(alice.id, True, ()))
    assert told == d.Announced(True, 0, 0, None)


async def test_nobody_publishes_somebody_else(
    node: Node, mine: Doors, alice: Person, network: Found
) -> None:
    for doors in (node.open(), stranger(node)):
        for public in (True, False, None):
            with pytest.raises(Denied):
                await doors.directory.announce(d.Announce(alice.id, public, ()))
    assert network.told == []


async def test_from_afar_nobody_says_where_the_node_dials(
    node: Node, alice: Person, network: Found
) -> None:
    doors = stranger(node)
    await prove(doors, Role.OWNER, alice.id, alice.daily)
    await doors.directory.announce(d.Announce(alice.id, True, (HINT,)))
    assert network.hints == [[]]


async def test_new_records_are_told_to_the_network(
    mine: Doors, alice: Person, network: Found
) -> None:
    fresh = alice.whereabouts(mine.peer, 1).encoded
    await mine.directory.publish(d.Publish(alice.id, (), fresh))
    assert network.told == [alice.id]
    await mine.directory.publish(d.Publish(alice.id, (), fresh))
    assert network.told == [alice.id]
