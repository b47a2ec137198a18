"""Many at once: exactly one is first, everybody else hears who, and nothing is lost."""

from functools import partial

import trio

from formats.commit import Commit, Move
from node.build import Node
from protocols import pointers as p
from storage.contracts import SpaceKey
from tests.hostile.clients.test_requests import check_whole
from tests.node.people import Person, Space, label, leaf, lock_key, move, prove_member

CONTENDERS = 8


async def test_of_many_who_stand_on_one_state_one_is_first(any_node: Node) -> None:
    alice = Person("alice")
    await alice.sign_up(any_node.open())
    answers: list[p.Committed | p.Conflict] = []

    async def contend(number: int) -> None:
        doors = any_node.open()
        await alice.arrive(doors)
        root, blocks = alice.space.change({label(number): leaf(lock_key(number), number)})
        request = move(alice.space.sign(root), blocks)
        answers.append(await doors.pointers.move(request))

    async with trio.open_nursery() as nursery:
        for number in range(CONTENDERS):
            nursery.start_soon(contend, number)
    firsts = [each for each in answers if isinstance(each, p.Committed)]
    others = [each for each in answers if isinstance(each, p.Conflict)]
    assert (len(firsts), len(others)) == (1, CONTENDERS - 1)
    assert len({each.current[0].pointer for each in others}) == 1
    key = SpaceKey(alice.id, alice.space.record.space)
    await any_node.store.read(lambda view: check_whole(view, key))


async def test_spaces_of_one_owner_move_side_by_side(any_node: Node) -> None:
    alice = Person("alice")
    mine = any_node.open()
    await alice.sign_up(mine)
    spaces: list[Space] = []
    for number in range(4):
        space = alice.new_space(str(number))
        await prove_member(mine, space)
        root, blocks = space.change({label(number): leaf(lock_key(number), number)})
        pointer = space.sign(root)
        assert isinstance(
            await mine.pointers.move(move(pointer, blocks, space.record)), p.Committed
        )
        space.took(pointer, root)
        spaces.append(space)

    async def work(space: Space) -> None:
        for number in range(5):
            made = leaf(lock_key(number), number)
            assert isinstance(await space.commit(mine, {label("w", number): made}), p.Committed)

    async with trio.open_nursery() as nursery:
        for space in spaces:
            nursery.start_soon(work, space)
    for space in spaces:
        key = SpaceKey(alice.id, space.record.space)
        await any_node.store.read(partial(check_whole, key=key))


async def test_two_commits_over_the_same_spaces_in_other_orders(any_node: Node) -> None:
    """Neither waits for the other, and neither is done by half."""
    alice = Person("alice")
    mine = any_node.open()
    await alice.sign_up(mine)
    other = alice.new_space("other")
    await prove_member(mine, other)
    root, blocks = other.change({label("o"): leaf(lock_key("o"), "o")})
    pointer = other.sign(root)
    await mine.pointers.move(move(pointer, blocks, other.record))
    other.took(pointer, root)
    answers: list[p.Committed | p.Conflict] = []

    async def commit(word: str, spaces: list[Space]) -> None:
        moves, new = [], []
        for space in spaces:
            root, blocks = space.change({label(word): leaf(lock_key(word), word)})
            moves.append(Move(space.sign(root)))
            new += blocks
        request = p.Move(Commit(tuple(moves)).encoded, tuple(new))
        answers.append(await mine.pointers.move(request))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(commit, "one", [alice.space, other])
        nursery.start_soon(commit, "two", [other, alice.space])
    assert sorted(type(each).__name__ for each in answers) == ["Committed", "Conflict"]
    found = [
        await mine.pointers.resolve(p.Resolve(alice.id, each.record.space, 0))
        for each in (alice.space, other)
    ]
    (conflict,) = [each for each in answers if isinstance(each, p.Conflict)]
    assert {each.pointer for each in conflict.current} == {each.pointer for each in found}
