"""People are found over real nodes on real sockets; what is false is refused on both sides."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trio

from crypto.secret import Secret
from formats.errors import Unreachable
from formats.published import Published
from formats.whereabouts import Home
from node.dht.answering import Answer, Kind, Request
from node.dht.contact import Contact
from node.dht.messages import read_message, write_request
from node.dht.rules import CACHE_SECONDS, MAX_MESSAGE, PROTOCOL
from node.network import Network
from node.transport.carrier import Stream
from node.transport.handlers import Handlers
from node.transport.peers import Peers
from storage.contracts import Transaction
from storage.memory import MemoryStore
from tests.node.dht.town import Member, member, published, town
from tests.node.people import Clock
from tests.node.transport.test_network import ended, until

HAS_NOBODY: frozenset[bytes] = frozenset()


async def store(by: Member, what: Published, key: int = 0) -> int:
    """How many took it."""
    stored = await by.dht.store(what.keys[key], what.encode(), (), HAS_NOBODY)
    return len(stored.by)


async def found(by: Member, what: Published, key: int = 0) -> list[Published]:
    sighting = await by.dht.find(what.keys[key], newest=True)
    return [Published.decode(value) for value in sighting.values]


async def test_somebody_is_found_by_id_and_by_handle_from_any_node(
    tmp_path: Path, clock: Clock
) -> None:
    alice = published("alice")
    async with town(tmp_path, 8, clock) as nodes:
        for key in (0, 1):
            assert await store(nodes[1], alice, key) == 7
            for each in nodes:
                assert await found(each, alice, key) == [alice]
        assert await found(nodes[3], published("bob")) == []


async def test_each_question_of_one_stream_takes_a_turn(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, asked, turns = (
        write_request(Request(Kind.FIND, bytes(32)), bytes(34)),
        20,
        list[str](),
    )

    async def turn(address: str) -> None:
        turns.append(address)

    async with town(tmp_path, 2, clock) as nodes:
        await until(lambda: len(nodes[1].dht.table) == 1)
        monkeypatch.setattr(nodes[0].host, "turn", turn)
        stream = await nodes[1].host.peers.open(nodes[0].host.peer, (), PROTOCOL)
        await stream.send_all(question * asked)
        ahead = bytearray()
        for _ in range(asked):
            assert await read_message(stream, ahead) is not None
        await stream.aclose()
        assert len(turns) >= asked
        assert all(each.startswith("/ip4/127.0.0.1/tcp/") for each in turns)


async def test_the_newest_wins_over_what_was_read_before(tmp_path: Path, clock: Clock) -> None:
    """libp2p's own answers from its memory for ever (decision 0255)."""
    async with town(tmp_path, 6, clock) as nodes:
        for seq in (1, 2, 3):
            assert await store(nodes[seq], published("alice", 1, seq)) == 5
            assert await found(nodes[5], published("alice")) == [published("alice", 1, seq)]


async def test_what_was_found_is_remembered_with_its_time(tmp_path: Path, clock: Clock) -> None:
    alice = published("alice", 1, 1)
    async with town(tmp_path, 4, clock) as nodes:
        await store(nodes[1], alice)
        first = await nodes[2].dht.find(alice.keys[0], newest=False)
        await store(nodes[1], published("alice", 1, 2))
        clock.now += 1000
        again = await nodes[2].dht.find(alice.keys[0], newest=False)
        assert again == first
        assert again.time == clock.now - 1000
        clock.now += CACHE_SECONDS * 1000
        fresh = await nodes[2].dht.find(alice.keys[0], newest=False)
        assert (fresh.values, fresh.time) == ((published("alice", 1, 2).encode(),), clock.now)


async def test_how_many_took_it_is_counted_not_hoped(tmp_path: Path, clock: Clock) -> None:
    """Who refuses is not counted: here everybody has something newer."""
    async with town(tmp_path, 5, clock) as nodes:
        assert await store(nodes[1], published("alice", 1, 2)) == 4
        assert await store(nodes[1], published("alice", 1, 1)) == 0
        assert await found(nodes[4], published("alice")) == [published("alice", 1, 2)]


async def _silent(stream: Stream, peer: bytes, address: str) -> None:
    """Ends the stream without a word."""
    await trio.lowlevel.checkpoint()


async def test_half_of_the_nodes_may_go_and_the_first_one_too(tmp_path: Path, clock: Clock) -> None:
    alice = published("alice")
    async with town(tmp_path, 8, clock) as nodes:
        assert await store(nodes[7], alice) == 7
        for gone in nodes[:4]:
            served = gone.host.handlers._served
            served[PROTOCOL] = replace(served[PROTOCOL], handler=_silent)
        assert await found(nodes[5], alice) == [alice]
        assert await store(nodes[5], published("alice", 1, 1)) == 3
        assert await found(nodes[6], alice) == [published("alice", 1, 1)]


def _watched(store: MemoryStore, wrote: trio.Event) -> Any:
    write = store.write

    async def watched(work: Callable[[Transaction], object]) -> object:
        done = await write(work)
        wrote.set()
        return done

    return watched


async def test_a_restarted_node_needs_none_of_those_to_begin_with(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.dht.running.NOTE_SECONDS", 0.05)
    kept = MemoryStore()
    async with town(tmp_path, 4, clock) as nodes:
        await store(nodes[1], published("alice"))
        settings = Network(bootstrap=(nodes[0].address,))
        async with member(tmp_path, "late", settings, clock, kept) as late:
            await until(lambda: len(late.dht.table) == 4)
            noted = trio.Event()
            late.node.core.store.write = _watched(kept, noted)  # type: ignore[method-assign]
            await noted.wait()
        async with member(tmp_path, "late", Network(), clock, kept) as late:
            assert await found(late, published("alice")) == [published("alice")]
        async with member(tmp_path, "late", Network("other"), clock, kept) as late:
            with pytest.raises(Unreachable):
                await found(late, published("alice"))


# --- private networks


async def test_a_node_alone_dials_nobody(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[bytes] = []

    async def refuse(self: Peers, peer: bytes, addresses: object, protocol: str) -> Stream:
        dialled.append(peer)
        raise Unreachable("nobody is dialled here")

    monkeypatch.setattr(Peers, "open", refuse)
    async with member(tmp_path, "alone", Network(), clock) as alone:
        await alone.dht.staying.look_around()
        with pytest.raises(Unreachable, match="no other node") as refused:
            await found(alone, published("alice"))
        assert "bootstrap" in refused.value.advice
        assert dialled == []
        hint = Home(b"\x00\x24somebody", ("/ip4/127.0.0.1/tcp/9",))
        with pytest.raises(Unreachable):
            await alone.dht.find(published("alice").keys[0], True, [hint])
        assert dialled == [hint.peer]


async def test_it_keeps_no_more_than_its_settings_say(tmp_path: Path, clock: Clock) -> None:
    least = Network(keep=2**20)
    async with town(tmp_path, 2, clock, least) as nodes:
        keeper = nodes[0].dht.keeper
        people = [published(f"p{number}", 24) for number in range(4)]
        took = [await store(nodes[1], each, key) for each in people for key in (0, 1)]
        assert 0 < keeper.size <= 2**20 < sum(2 * len(each.encode()) for each in people)
        assert len(keeper) < len(took)


async def test_a_hint_is_enough_to_begin_with(tmp_path: Path, clock: Clock) -> None:
    async with town(tmp_path, 3, clock) as nodes, member(tmp_path, "x", Network(), clock) as new:
        await store(nodes[1], published("alice"))
        hint = Home(nodes[2].host.peer, nodes[2].host.addresses)
        sighting = await new.dht.find(published("alice").keys[0], True, [hint])
        assert sighting.values == (published("alice").encode(),)


KEY, OTHER = Secret(bytes(32)), Secret(bytes([1]) * 32)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Network("one"), Network("two")),
        (Network("one"), Network()),
        (Network(key=KEY), Network(key=OTHER)),
        (Network(key=KEY), Network()),
        (Network(), Network(key=KEY)),
        (Network("one", KEY), Network("two", KEY)),
    ],
)
async def test_networks_of_other_names_and_keys_do_not_meet(
    tmp_path: Path, clock: Clock, ours: Network, theirs: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.dht.asking.ANSWER_SECONDS", 0.7)
    async with town(tmp_path, 2, clock, ours) as nodes:
        stranger = replace(theirs, bootstrap=(nodes[0].address,))
        async with member(tmp_path, "stranger", stranger, clock) as outside:
            assert await outside.dht.staying.look_around() is False
            assert len(outside.dht.table) == 0
            assert outside.dht.own not in {each.peer for each in nodes[0].dht.table}


async def test_who_has_the_key_takes_part(tmp_path: Path, clock: Clock) -> None:
    async with town(tmp_path, 4, clock, Network("ours", KEY)) as nodes:
        assert await store(nodes[1], published("alice")) == 3
        assert await found(nodes[3], published("alice")) == [published("alice")]


# --- hostile nodes

Answering = Callable[[Request], Awaitable[Answer]]


def lies(node: Member, answering: Answering) -> None:
    """This node answers like that from now on."""

    async def answer(request: Request, asker: bytes, observed: str) -> Answer:
        return await answering(request)

    node.dht.answer = answer  # type: ignore[method-assign]


async def test_poisoned_answers_are_not_believed(tmp_path: Path, clock: Clock) -> None:
    alice, old, expired = published("alice", 1, 5), published("alice", 1, 4), published("bob")
    forged = alice.encode()[:-1] + bytes([alice.encode()[-1] ^ 1])
    async with town(tmp_path, 8, clock) as nodes:
        await store(nodes[7], alice)
        for node, value in zip(
            nodes[1:5], (forged, old.encode(), expired.encode(), b"\xff" * 1000), strict=True
        ):

            async def answer(request: Request, value: bytes = value) -> Answer:
                return Answer(value if request.kind is Kind.GET else None)

            lies(node, answer)
        assert await found(nodes[6], alice) == [alice]


async def test_made_up_nodes_do_not_hide_anybody(tmp_path: Path, clock: Clock) -> None:
    alice = published("alice")
    made_up = tuple(
        Contact.of(b"\x00\x24\x08\x01\x12\x20" + bytes([n]) * 32, ("/ip4/127.0.0.1/tcp/1",))
        for n in range(200)
    )

    async def answer(request: Request) -> Answer:
        return Answer(named=made_up)

    async with town(tmp_path, 6, clock) as nodes:
        await store(nodes[5], alice)
        lies(nodes[0], answer)
        lies(nodes[1], answer)
        sighting = await nodes[4].dht.find(alice.keys[0], newest=True)
        assert sighting.values == (alice.encode(),)


async def test_addresses_of_this_machine_are_not_believed_from_elsewhere() -> None:
    from node.dht.trust import Reach, believed, is_there

    named = Contact.of(b"x", ("/ip4/127.0.0.1/tcp/22", "/ip4/10.0.0.1/tcp/1", "/ip4/8.8.8.8/tcp/1"))
    for by, kept in ((Reach.MACHINE, 3), (Reach.SITE, 2), (Reach.WORLD, 1)):
        one = believed(named, by)
        assert one is not None
        assert len(one.addresses) == kept
    assert believed(Contact.of(b"x", ("/ip4/127.0.0.1/tcp/22",)), Reach.WORLD) is None
    assert is_there(("/ip4/10.0.0.1/tcp/1", "/ip4/8.8.8.8/tcp/1"), "/ip4/8.8.8.8/tcp/999")
    assert not is_there(("/ip4/10.0.0.1/tcp/1",), "/ip4/8.8.8.8/tcp/999")
    assert is_there(("/dns4/example.org/tcp/1",), "/ip4/8.8.8.8/tcp/999")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff" * 10,
        b"\xff\xff\xff\x7f",
        b"\x00",
        b"\x05hello",
        bytes([4]) + b"\x08\x01\x12\x00",
        bytes([2]) + b"\x08\x02",
        b"\x20" + b"x" * 10,
    ],
)
async def test_garbage_ends_its_stream_and_others_are_served(
    tmp_path: Path, clock: Clock, garbage: bytes
) -> None:
    async with town(tmp_path, 3, clock) as nodes:
        await store(nodes[1], published("alice"))
        stream = await nodes[2].host.peers.open(nodes[0].host.peer, (), PROTOCOL)
        await stream.send_all(garbage)
        await stream.aclose()
        assert await ended(stream)
        assert await found(nodes[2], published("alice")) == [published("alice")]


async def test_an_answer_that_never_ends_is_not_kept(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.dht.asking.ANSWER_SECONDS", 1.0)

    async def flood(stream: Stream, peer: bytes, address: str) -> None:
        await stream.receive_some()
        await stream.send_all(b"\xff\xff\x3f")
        for _ in range(2 * MAX_MESSAGE // 65536):
            await stream.send_all(bytes(65536))
        await trio.sleep_forever()

    alice = published("alice")
    async with town(tmp_path, 4, clock) as nodes:
        await store(nodes[1], alice)
        hostile: Handlers = nodes[0].host.handlers
        hostile._served[PROTOCOL] = replace(hostile._served[PROTOCOL], handler=flood)
        assert await found(nodes[3], alice) == [alice]
