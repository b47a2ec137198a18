"""A connection: ended for good, and bounded in what it may prove."""

import pytest
import trio
import trio.testing

from formats.errors import Denied, TooMany, Unreachable
from node.build import Node
from node.caller import MAX_PROVEN, MAX_READERS, Caller
from protocols import accounts as a
from protocols import pointers as p
from tests.node.people import Person, prove_reader


async def test_closing_ends_what_is_under_way(node: Node, alice: Person) -> None:
    doors, outcome = node.open(), []
    await alice.arrive(doors)
    owner, space = alice.id, alice.space.record.space

    async def watch() -> None:
        with pytest.raises(Unreachable):
            await doors.pointers.watch(p.Watch(owner, space, 0, 60_000))
        outcome.append("ended")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch)
        await trio.testing.wait_all_tasks_blocked()
        await doors.aclose()
    assert outcome == ["ended"]
    with pytest.raises(Unreachable):
        await doors.accounts.hello(a.AskHello("tests"))
    assert len(node.core.signals) == 0


async def test_closing_does_not_touch_another_connection(node: Node, alice: Person) -> None:
    one, other = node.open(), node.open()
    await alice.arrive(other)
    await one.aclose()
    found = await other.pointers.resolve(p.Resolve(alice.id, alice.space.record.space, None))
    assert found.record == alice.space.record.encoded


async def test_cancelling_a_call_is_not_the_end_of_the_connection(
    node: Node, alice: Person, autojump_clock: object
) -> None:
    doors = node.open()
    await alice.arrive(doors)
    with trio.move_on_after(1) as scope:
        await doors.pointers.watch(p.Watch(alice.id, alice.space.record.space, 0, 60_000))
    assert scope.cancelled_caught
    assert (await doors.accounts.hello(a.AskHello("tests"))).server == doors.peer


def test_a_connection_proves_a_bounded_number_of_keys() -> None:
    caller = Caller()
    caller.readers.update(bytes([i % 256, i // 256]) for i in range(MAX_PROVEN - 1))
    caller.check_room()
    caller.readers.add(b"one more")
    with pytest.raises(TooMany):
        caller.check_room()


def test_each_connection_has_a_nonce_of_its_own() -> None:
    assert Caller().nonce != Caller().nonce


async def test_a_connection_proves_few_keys_of_readers(node: Node) -> None:
    """Thousands of proofs times a thousand readers were minutes of somebody else's processor."""
    doors = node.open()
    for number in range(MAX_READERS):
        await prove_reader(doors, number)
    await prove_reader(doors, 0)
    with pytest.raises(TooMany):
        await prove_reader(doors, MAX_READERS)


async def test_what_is_refused_on_a_closed_connection_says_nothing_else() -> None:
    """Its proofs were forgotten in the middle: 'denied' would be news of another request."""
    caller = Caller()

    def closed_meanwhile() -> None:
        with caller.busy():
            caller.close()
            raise Denied("there is nothing here for you")

    await trio.lowlevel.checkpoint()
    with pytest.raises(Unreachable):
        closed_meanwhile()
