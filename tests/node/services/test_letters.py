"""Lines between those who live on a node and whoever runs it."""

from functools import partial

import pytest
import trio
import trio.testing

from formats.errors import Denied, NotFound, TooMany, Usage
from formats.invite import Invite
from node.build import Node
from node.core import Told
from node.letters import MOST, Letter, letters, remove
from node.notices import tell
from protocols import accounts as a
from protocols import inbox as i
from protocols.services import Doors
from tests.node.people import NOW, Person


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


@pytest.fixture
async def bob(node: Node) -> Person:
    person = Person("bob")
    await person.sign_up(node.open(), Invite.parse(await node.admin.invite()).code)
    return person


async def write(doors: Doors, person: Person, text: str) -> int:
    return (await doors.accounts.write(a.Write(person.id, text))).waiting


async def say(node: Node, text: str, to: str = "", at: int = NOW) -> None:
    """Whoever runs the node says something."""
    await node.store.write(lambda tx: tell(tx, to, text, at))
    node.core.signals.fire(Told())


async def test_whoever_runs_the_node_reads_who_wrote_what(
    node: Node, mine: Doors, alice: Person, bob: Person
) -> None:
    theirs = node.open()
    await bob.arrive(theirs)
    assert await write(mine, alice, "  More room? \n") == 1
    assert await write(theirs, bob, "I am bob's") == 1
    assert await write(mine, alice, "Please") == 2
    assert await node.store.read(letters) == [
        Letter("alice", 1, NOW, "More room?"),
        Letter("alice", 2, NOW, "Please"),
        Letter("bob", 1, NOW, "I am bob's"),
    ]
    await node.store.write(lambda tx: remove(tx, "alice", 1))
    assert [each.text for each in await node.store.read(letters)] == ["Please", "I am bob's"]
    for name, number in (("alice", 1), ("zoe", 2)):
        with pytest.raises(NotFound):
            await node.store.write(partial(remove, name=name, number=number))


async def test_nobody_writes_as_somebody_else(
    node: Node, mine: Doors, alice: Person, bob: Person
) -> None:
    for doors in (mine, node.open(node.caller(b"another node", local=False))):
        with pytest.raises(Denied):
            await write(doors, bob, "as bob")
        with pytest.raises(Denied):
            await doors.accounts.notices(a.AwaitNotices(bob.id, 0, 0))
    assert await node.store.read(letters) == []


@pytest.mark.parametrize("text", ["", " ", "a\nb", "\x1b[2J", "a\u202eb", "\0"], ids=ascii)
async def test_what_is_no_line(mine: Doors, alice: Person, text: str) -> None:
    with pytest.raises(Usage):
        await write(mine, alice, text)


async def test_one_who_writes_much_leaves_room_for_others(
    node: Node, mine: Doors, alice: Person, bob: Person
) -> None:
    for number in range(MOST):
        assert await write(mine, alice, "ü" * 500) == number + 1
    with pytest.raises(TooMany):
        await write(mine, alice, "one more")
    theirs = node.open()
    await bob.arrive(theirs)
    assert await write(theirs, bob, "room for me") == 1
    await node.store.write(lambda tx: remove(tx, "alice", 3))
    assert await write(mine, alice, "one more") == MOST


async def test_a_notice_is_heard_at_once_by_whom_it_is_for(
    node: Node, mine: Doors, alice: Person, bob: Person, autojump_clock: trio.testing.MockClock
) -> None:
    heard: list[a.Notices] = []

    async def hear() -> None:
        heard.append(await mine.accounts.notices(a.AwaitNotices(alice.id, 0, 60_000)))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(hear)
        await trio.testing.wait_all_tasks_blocked()
        await say(node, "for bob alone", "bob")
        await trio.testing.wait_all_tasks_blocked()
        assert heard == []
        await say(node, "Back by noon.")
    assert [each.text for each in heard[0].notices] == ["Back by noon."]
    assert trio.current_time() < 60


async def test_waiting_ends(
    mine: Doors, alice: Person, autojump_clock: trio.testing.MockClock
) -> None:
    before = trio.current_time()
    assert (await mine.accounts.notices(a.AwaitNotices(alice.id, 0, 2**40))).notices == ()
    assert trio.current_time() - before == pytest.approx(60)


async def test_only_what_is_later_is_told(node: Node, mine: Doors, alice: Person) -> None:
    await say(node, "one", at=NOW)
    await say(node, "two", at=NOW + 1)
    found = await mine.accounts.notices(a.AwaitNotices(alice.id, NOW, 60_000))
    assert [each.text for each in found.notices] == ["two"]


async def test_neither_comes_into_the_inbox_of_friends(
    node: Node, mine: Doors, alice: Person
) -> None:
    await say(node, "follow eve, she is nice")
    await write(mine, alice, "I am your node")
    assert (await mine.inbox.collect(i.Collect(alice.id, 0, 0))).messages == ()
    assert [
        each.text for each in (await mine.accounts.notices(a.AwaitNotices(alice.id, 0, 0))).notices
    ] == ["follow eve, she is nice"]
