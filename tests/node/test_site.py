"""Two nodes of one site: whoever is asked, the answer is the same, and watchers hear of both."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trio

from formats.cid import Block
from formats.pointer import Pointer
from formats.root import Root
from node.build import Node, build
from node.config import Config
from protocols import inbox as i
from protocols import pointers as p
from protocols.services import Doors
from storage.postgres.address import Address
from tests.node.people import (
    Clock,
    Person,
    Space,
    item,
    label,
    leaf,
    lock_key,
    move,
    read,
    secret,
    segment,
)
from tests.node.services.test_inbox import sealed, worked
from tests.storage.postgres.counting import check_sound
from tests.storage.postgres.stores import opened
from tests.world.postgres import need_postgres, shared_cluster


@pytest.fixture
def address() -> Address:
    need_postgres()
    return shared_cluster().database()


@pytest.fixture
async def nodes(address: Address, tmp_path: Path, clock: Clock) -> AsyncIterator[list[Node]]:
    """Two nodes of one key, each with a data folder and a store of its own."""
    async with AsyncExitStack() as stack:
        made = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            store = await stack.enter_async_context(opened(address, tmp_path / "packs"))
            config, key = Config(tmp_path / name, work_bits=4), secret("node")
            node = build(config, store=store, clock=clock, key=key)
            made.append(await stack.enter_async_context(node))
        yield made


@pytest.fixture
async def doors(nodes: list[Node], alice: Person) -> list[Doors]:
    """Alice's connections to both."""
    made = [node.open() for node in nodes]
    for each in made:
        await alice.arrive(each)
    return made


@pytest.fixture
async def alice(nodes: list[Node]) -> Person:
    """Somebody with an account that was made at the first."""
    person = Person("alice")
    await person.sign_up(nodes[0].open())
    return person


async def put(person: Person, doors: Doors, word: object) -> p.Committed | p.Conflict:
    return await person.space.commit(doors, {label(word): leaf(lock_key(word), word)})


async def test_both_have_one_name_and_one_secret(nodes: list[Node]) -> None:
    assert nodes[0].peer_id == nodes[1].peer_id
    assert nodes[0].core.secret == nodes[1].core.secret


async def test_what_one_took_the_other_has(
    nodes: list[Node], doors: list[Doors], alice: Person
) -> None:
    large = segment("large", size=200_000)
    place = leaf(lock_key("photo"), "photo", segments=[large])
    answer = await alice.space.commit(doors[0], {label("photo"): place}, segments=[large])
    assert isinstance(answer, p.Committed)
    found = await doors[1].blocks.read(read(alice.space, item(label("photo"), all=True)))
    assert large.data in [block.data for block in found.blocks]
    used = await nodes[1].store.read(lambda view: view.usage(alice.id))
    assert used == (answer.usage.used, answer.usage.reserved)


def alice_moves(space: Space, place: bytes, word: str) -> tuple[Pointer, Root, list[Block]]:
    """A state that may follow the present one, signed."""
    root, blocks = space.change({place: leaf(lock_key(word), word)})
    return space.sign(root), root, blocks


async def commit(
    doors: Doors, request: p.Move, answers: dict[int, p.Committed | p.Conflict], at: int
) -> None:
    answers[at] = await doors.pointers.move(request)


async def test_commits_at_both_never_overwrite_each_other(
    nodes: list[Node], doors: list[Doors], alice: Person
) -> None:
    """Each of many rounds: both sign the next state; one is taken, the other is a conflict."""
    space = alice.space
    for number in range(10):
        made = [alice_moves(space, label(word, number), word) for word in ("one", "other")]
        answers: dict[int, p.Committed | p.Conflict] = {}
        async with trio.open_nursery() as nursery:
            for at, (pointer, _, blocks) in enumerate(made):
                nursery.start_soon(commit, doors[at], move(pointer, blocks), answers, at)
        (won,) = [at for at in (0, 1) if isinstance(answers[at], p.Committed)]
        assert isinstance(answers[1 - won], p.Conflict)
        space.took(made[won][0], made[won][1])
        assert space.pointer is not None
        for each in doors:
            ask = p.Resolve(alice.id, space.record.space, None)
            assert (await each.pointers.resolve(ask)).pointer == space.pointer.encoded


async def test_a_watcher_at_one_is_told_what_moved_at_the_other(
    nodes: list[Node], doors: list[Doors], alice: Person
) -> None:
    seen: list[p.Resolved] = []

    async def watch() -> None:
        request = p.Watch(alice.id, alice.space.record.space, 0, p.MAX_WAIT)
        seen.append(await doors[0].pointers.watch(request))

    with trio.fail_after(30):  # far below what a watcher waits for in vain
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch)
            while not len(nodes[0].core.signals):
                await trio.lowlevel.checkpoint()
            await put(alice, doors[1], "x")
    assert alice.space.pointer is not None
    assert seen[0].pointer == alice.space.pointer.encoded


async def test_a_message_left_at_one_is_collected_at_the_other(
    nodes: list[Node], doors: list[Doors], alice: Person
) -> None:
    found: list[i.Messages] = []

    async def collect() -> None:
        found.append(await doors[0].inbox.collect(i.Collect(alice.id, 0, i.MAX_WAIT)))

    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(collect)
            while not len(nodes[0].core.signals):
                await trio.lowlevel.checkpoint()
            await nodes[1].open().inbox.leave(worked(alice.id, 1))
    assert [each.sealed for each in found[0].messages] == [sealed(1)]


async def test_one_of_them_keeps_house(nodes: list[Node], alice: Person) -> None:
    assert [node.store.keeps_house for node in nodes] == [True, False]
    for node in nodes:
        await check_sound(node.store)
