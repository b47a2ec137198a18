"""Alice's folder reaches Bob through nodes that cannot read it, and is taken back.

Each chapter is a function over a stage and ends with what it claims. Together,
in this order, they are the main story; see ``tell_all``.
"""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import trio

from formats.errors import Denied, HoldfastError, NotFound
from tests.stories.stage import Actor, Stage, Tell, soon
from tests.stories.trees import differences, figures

REFUSALS: Final = (Denied, NotFound)
"""What somebody is told who may not see a thing: no difference to its not being there."""


@dataclass(frozen=True, slots=True)
class Props:
    """What the story is played with: a folder and two large files of Alice's, a place for copies.

    ``heavy`` takes long enough to be put that it can be interrupted.
    """

    tree: Path
    file: Path
    heavy: Path
    copies: Path

    def place(self, name: str) -> Path:
        """A new folder for copies."""
        made = self.copies / name
        made.mkdir(parents=True)
        return made


async def tell_all(stage: Stage, props: Props, tell: Tell) -> None:
    """The whole story."""
    await alice_puts(stage, props, tell)
    await they_become_friends(stage, tell)
    await she_shares_and_he_gets(stage, props, tell)
    await nothing_is_lost_when_killed(stage, props, tell)
    await a_third_sees_nothing(stage, props, tell)
    await she_takes_it_back(stage, props, tell)


async def alice_puts(stage: Stage, props: Props, tell: Tell) -> None:
    """A real folder and a large file go into Alice's drive and are all there."""
    await stage.alice.put(props.tree)
    await stage.alice.put(props.file)
    names = await stage.alice.listing(f"/alice/{props.tree.name}")
    count = figures(props.tree)
    expect(len(names) == count.files + count.folders + count.links, "every path is listed")
    tell(f"Alice put {count}, and a file of {await _size(props.file):,} bytes")


async def they_become_friends(stage: Stage, tell: Tell) -> None:
    """Bob follows Alice from her card; she accepts and follows back."""
    alice, bob = stage.alice, stage.bob
    await bob.follow(await alice.card())

    async def asked() -> bool:
        return "bob" in await alice.requests()

    await soon(alice, asked, "Alice hears of Bob's request")
    await alice.accept("bob", back=True)
    expect("bob" in await alice.following(), "Alice follows Bob")
    expect("bob" not in await alice.requests(), "his request is answered")

    async def accepted() -> bool:
        return "alice" in await bob.following()

    await soon(bob, accepted, "Bob hears that she accepted")
    expect(await bob.shared_with_me() == set(), "nothing is shared yet")
    tell("Bob follows Alice from her card, she accepted and follows him")


async def she_shares_and_he_gets(stage: Stage, props: Props, tell: Tell) -> None:
    """She shares both; he hears of it, lists it, gets it, and every byte is the same."""
    alice, bob = stage.alice, stage.bob
    for path in (props.tree, props.file):
        await alice.share(f"/alice/{path.name}", "bob")
        await _hears_of(bob, f"/alice/{path.name}", True)
    shared = f"/alice/{props.tree.name}"
    hers, his = await alice.listing(shared), await bob.listing(shared)
    expect(hers == his, "Bob lists what Alice lists")
    place = await trio.to_thread.run_sync(props.place, "bob")
    await bob.get(shared, place)
    await bob.get(f"/alice/{props.file.name}", place)
    await _same(props.tree, place / props.tree.name, "what Bob got of the folder")
    await _same(props.file, place / props.file.name, "what Bob got of the file")
    tell(
        f"Bob heard of the shares, listed {len(his):,} paths, got them and the large file: "
        "names, bytes, times, executable bits and links are the same"
    )


async def nothing_is_lost_when_killed(stage: Stage, props: Props, tell: Tell) -> None:
    """Both nodes are killed in the middle of a put and of a get; what was acknowledged is there."""
    alice, bob = stage.alice, stage.bob
    heavy = props.heavy
    await stage.crash_in_put(alice, heavy)
    if heavy.name in await alice.listing("/alice"):
        await _gets_the_same(alice, f"/alice/{heavy.name}", heavy, props.place("after the kill"))
    await alice.put(heavy)
    await _gets_the_same(alice, f"/alice/{heavy.name}", heavy, props.place("put again"))
    tell("killed in the middle of a put: it was all or nothing, and a second put completed it")

    # Something that Bob has not read before: the rest he keeps, and would not ask for.
    path, place = f"/alice/{heavy.name}", props.place("killed get")
    await alice.share(path, "bob")
    await _hears_of(bob, path, True)
    await stage.crash_in_get(bob, path, place)
    await _nothing_half(heavy, place)
    await bob.get(path, place, force=True)
    await _same(heavy, place / heavy.name, "what Bob got in the second attempt")
    tell("killed in the middle of a get: no half file has its name, and a second get completed it")

    for actor in (alice, bob):
        shared = f"/alice/{props.tree.name}"
        await _gets_the_same(actor, shared, props.tree, props.place(f"{actor.name} after all"))
    tell("after all kills Alice and Bob both still read everything that was acknowledged")


async def a_third_sees_nothing(stage: Stage, props: Props, tell: Tell) -> None:
    """Carol has an account on Bob's node, files of her own, and sees nothing of theirs."""
    carol = await stage.carol()
    await carol.put(props.file.parent / "carol.txt")
    expect(await carol.listing("/carol") == {"carol.txt"}, "Carol's home folder is hers alone")
    expect(await carol.following() == set(), "Carol follows nobody")
    expect(await carol.shared_with_me() == set(), "nothing is shared with Carol")
    for path in (f"/alice/{props.tree.name}", f"/alice/{props.file.name}", "/alice", "/bob"):
        await refused(partial(carol.listing, path), f"Carol lists {path}")
        await refused(partial(carol.cat, path), f"Carol reads {path}")
    tell("Carol, on Bob's node by his invite, has a home of her own and sees nothing of theirs")


async def she_takes_it_back(stage: Stage, props: Props, tell: Tell) -> None:
    """She unshares; his next read fails plainly, whatever he kept; she still reads everything."""
    alice, bob = stage.alice, stage.bob
    shared = f"/alice/{props.tree.name}"
    some = sorted(await bob.listing(shared))[0]
    await bob.listing(f"{shared}/unusual/sizes")
    await alice.unshare(shared, "bob")
    said = await refused(lambda: bob.cat(f"{shared}/unusual/sizes/1.bin"), "Bob reads a file")
    place = props.place("taken back")
    await refused(lambda: bob.listing(shared), "Bob lists the folder")
    await refused(lambda: bob.get(shared, place), "Bob gets the folder")
    await refused(lambda: bob.get(f"{shared}/{some}", place), f"Bob gets {some}")
    await _hears_of(bob, shared, False)
    expect(list(place.iterdir()) == [], "nothing reached Bob's disk")
    tell(f"Alice took the folder back; Bob is told: {said}")
    await bob.get(f"/alice/{props.file.name}", place)
    await _same(props.file, place / props.file.name, "the file that is still shared")
    await _gets_the_same(alice, shared, props.tree, props.place("alice after taking back"))
    tell("the file she still shares, Bob still reads; Alice reads everything as before")


# --- what chapters claim


def expect(true: bool, claim: str) -> None:
    """Claim something."""
    if not true:
        raise AssertionError(f"not so: {claim}")


async def refused(attempt: Callable[[], Awaitable[object]], what: str) -> str:
    """It must be refused, plainly; returns what was said."""
    try:
        await attempt()
    except REFUSALS as error:
        expect("Traceback" not in error.message, "the message is plain")
        return error.message
    except HoldfastError as error:
        raise AssertionError(f"{what}: refused with {type(error).__name__}: {error}") from error
    raise AssertionError(f"{what}: it was not refused")


async def _hears_of(actor: Actor, path: str, there: bool) -> None:
    async def true() -> bool:
        return (path in await actor.shared_with_me()) is there

    await soon(actor, true, f"{actor.name} hears {'of' if there else 'of the end of'} {path}")


async def _gets_the_same(actor: Actor, source: str, original: Path, place: Path) -> None:
    await actor.get(source, place)
    await _same(original, place / original.name, f"what {actor.name} got of {source}")


async def _same(original: Path, copy: Path, what: str) -> None:
    """Compare every byte; the copy is not needed any more then."""
    found = await trio.to_thread.run_sync(differences, original, copy)
    expect(not found, f"{what} is the same; {len(found)} differences: {found[:10]}")
    await trio.to_thread.run_sync(_remove, copy)


async def _nothing_half(original: Path, place: Path) -> None:
    copy = place / original.name
    if await trio.Path(copy).exists():
        await _same(original, copy, "what has the name of the file")


async def _size(file: Path) -> int:
    return (await trio.Path(file).stat()).st_size


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
