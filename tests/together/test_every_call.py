"""Each verb, cut off at every call that it makes: what it was or what it shall be, never between.

Cut off in three ways: the line breaks before the call, the answer is lost after it, or
the device dies there and the node too. Then somebody looks, from a new device; then it
is done again, and everything is as if nothing had happened.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio

from client.drive.asof import Number
from client.drive.change import rm
from client.drive.clearing import clear
from client.drive.handle.opening import Access, open_handle
from client.drive.trash import empty, restore
from client.drive.versions import restore_version, versions
from client.sharing.drive import own_drive
from formats.errors import Exists, HoldfastError, NotFound, Unreachable
from tests.together.campaign import everything
from tests.together.whole import check_whole
from tests.world.faults import Breaks, Hangs, LosesAnswer
from tests.world.person import Person
from tests.world.world import World

Step = Callable[[Person], Awaitable[object]]
BIG = bytes(range(256)) * 1200
WIDE = 300
"""Files in the wide folder: more labels than one commit takes away."""


@dataclass(frozen=True)
class Verb:
    """A verb, and what was done before."""

    name: str
    before: tuple[Step, ...]
    act: Step

    def __str__(self) -> str:
        return self.name


async def make_wide(alice: Person) -> None:
    """A folder that one commit cannot take away whole."""
    with TemporaryDirectory() as disk:
        wide = Path(disk) / "wide"
        wide.mkdir()
        for number in range(WIDE):
            (wide / str(number)).write_bytes(b"x")
        await alice.upload(wide)


async def restore_first(alice: Person) -> object:
    """A file as it was before: the same by number, however often it is said."""
    drive = own_drive(alice.session)
    first = (await versions(drive, "notes/a"))[-1]
    return await restore_version(drive, "notes/a", Number(first.seq))


async def write_in_the_middle(alice: Person) -> None:
    """A few bytes of a large file, through a handle."""
    async with await open_handle(own_drive(alice.session), "notes/b", Access(write=True)) as file:
        await file.write(len(BIG) // 2, b"other bytes")


async def rm_for_ever(alice: Person) -> object:
    return await rm(own_drive(alice.session), ["wide"], recursive=True, forever=True)


async def restore_all(alice: Person) -> object:
    return await restore(own_drive(alice.session), ["notes"])


async def empty_all(alice: Person) -> object:
    return await empty(own_drive(alice.session))


NOTES: tuple[Step, ...] = (
    lambda alice: alice.put("notes/a", b"first"),
    lambda alice: alice.put("notes/b", BIG),
    lambda alice: alice.mkdir("other"),
)
SECOND: Step = lambda alice: alice.put("notes/a", b"second")  # noqa: E731  # as those above
SHARED: tuple[Step, ...] = (*NOTES, lambda alice: alice.share("notes", "bob"))

VERBS = (
    Verb("put something new", NOTES, lambda alice: alice.put("notes/c", b"new")),
    Verb("put something large", NOTES, lambda alice: alice.put("notes/c", BIG)),
    Verb("put a new version", NOTES, lambda alice: alice.put("notes/a", b"second")),
    Verb("put a large new version", NOTES, lambda alice: alice.put("notes/b", BIG[1:])),
    Verb("mv", NOTES, lambda alice: alice.mv("notes/a", "other/b")),
    Verb("mv a folder", SHARED, lambda alice: alice.mv("notes", "other/deep")),
    Verb("rm", NOTES, lambda alice: alice.rm("notes")),
    Verb("rm something shared", SHARED, lambda alice: alice.rm("notes")),
    Verb("restore", (*SHARED, lambda alice: alice.rm("notes")), restore_all),
    Verb("empty", (*NOTES, lambda alice: alice.rm("notes")), empty_all),
    Verb("empty something wide", (make_wide, lambda alice: alice.rm("wide")), empty_all),
    Verb("rm --forever", (make_wide,), rm_for_ever),
    Verb("restore a version", (*NOTES, SECOND), restore_first),
    Verb("write in the middle", NOTES, write_in_the_middle),
    Verb("unshare", SHARED, lambda alice: alice.unshare("notes", "bob")),
)


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS, ids=str)
@pytest.mark.parametrize("kind", [Breaks, LosesAnswer, Hangs])
async def test_cut_off_at_every_call(verb: Verb, kind: type[Breaks]) -> None:
    old, new, calls = await undisturbed(verb)
    assert calls
    for at in range(1, calls + 1):
        print(f"{verb}: {kind.__name__} at call {at} of {calls}")
        await cut_off(verb, kind(at=at), old, new)


State = dict[str, bytes | None]


async def undisturbed(verb: Verb) -> tuple[State, State, int]:
    """What there is before and after, and how many calls it takes."""
    async with World.open("alice", "bob") as w:
        await prepare(w, verb)
        old = await everything(w.alice)
        with w.alice.counting() as calls:
            await verb.act(w.alice)
        await settle(w.alice)
        await check_whole(w.alice)
        return old, await everything(w.alice), len(calls)


async def cut_off(verb: Verb, fault: Breaks | LosesAnswer | Hangs, old: State, new: State) -> None:
    """The verb with one thing going wrong in it."""
    async with World.open("alice", "bob") as w:
        await prepare(w, verb)
        with w.alice.meeting(fault):
            done = await came_to_its_end(w, verb, fault)
        if isinstance(fault, Hangs):
            await wake(w)
        seen = await everything(await w.alice.another_device())
        assert seen in ((new,) if done else (old, new))
        if not done:
            await again(w, verb)
        await settle(w.alice)
        assert await everything(w.alice) == new
        await check_whole(w.alice)


async def prepare(w: World, verb: Verb) -> None:
    await w.alice.befriend(w.bob)
    for step in verb.before:
        await step(w.alice)
    await settle(w.alice)


async def came_to_its_end(w: World, verb: Verb, fault: Breaks | LosesAnswer | Hangs) -> bool:
    if not isinstance(fault, Hangs):
        return await ended(verb.act(w.alice))
    done = False
    async with trio.open_nursery() as nursery:
        nursery.start_soon(give_up, fault, nursery.cancel_scope)
        done = await ended(verb.act(w.alice))
        nursery.cancel_scope.cancel()
    return done


async def ended(act: Awaitable[object]) -> bool:
    try:
        await act
    except Unreachable:
        return False
    return True


async def give_up(fault: Hangs, verb: trio.CancelScope) -> None:
    """What the kernel does for a process that is killed."""
    await fault.reached.wait()
    verb.cancel()
    fault.over.set()


async def wake(w: World) -> None:
    """The device and the node died; now they are back."""
    await w.alice.crash()
    await w.restart("alice")
    await w.alice.sign_in()


async def again(w: World, verb: Verb) -> None:
    """Once more; that it was done already is no error."""
    try:
        await verb.act(w.alice)
    except (NotFound, Exists):
        return


async def settle(alice: Person) -> None:
    """What a daemon goes on with by itself."""
    try:
        await alice.rotate()
        await clear(own_drive(alice.session))
    except HoldfastError as error:
        raise AssertionError("what was left to be done could not be done") from error
