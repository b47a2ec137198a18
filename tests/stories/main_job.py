"""``make story``: the main story with real processes, sockets and disks, and then the search.

    python -m tests.stories.main_job            the standard library of Python, and 1 GiB
    python -m tests.stories.main_job --small    a part of it and 16 MiB

Prints each thing it checked, with figures; ends with 0 if all of it held.
"""

import argparse
import sys
import tempfile
import time
import traceback
import unicodedata
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

import trio

from tests.stories.canaries import Canaries
from tests.stories.real import RealStage, real_stage
from tests.stories.search import Searched, Words, search
from tests.stories.stage import Tell
from tests.stories.story import Props, expect, tell_all
from tests.stories.trees import MIB, figures, make_file, make_tree


@dataclass(frozen=True, slots=True)
class Size:
    """How large the props are: folders of the library (none: all), bytes of the large files."""

    library: tuple[str, ...]
    file: int
    heavy: int


SMALL: Final = Size(("json", "email", "unittest"), 16 * MIB, 128 * MIB)
FULL: Final = Size((), 1024 * MIB, 1024 * MIB)


def main(words: Sequence[str] | None = None) -> int:
    """Tell the story; the exit code."""
    options = _parser().parse_args(words)
    size = SMALL if options.small else FULL
    seed: int = SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"The main story, with seed {seed} and Python {sys.version.split()[0]}", flush=True)
    begun = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - begun:6.1f} s] {what}", flush=True)

    with ExitStack() as exits:
        folder = _folder(options.folder, exits)
        try:
            trio.run(tell, folder, size, seed, say)
        except Exception as error:  # noqa: BLE001  # whatever it is: the story does not hold
            traceback.print_exception(_alone(error))
            print(f"THE STORY DOES NOT HOLD (it was told with --seed {seed})")
            return 1
    print(f"All of it holds; it took {time.monotonic() - begun:.0f} seconds")
    return 0


async def tell(folder: Path, size: Size, seed: int, say: Tell) -> None:
    """The story and the search, in an empty folder; raises when something does not hold."""
    random = Random(seed)
    canaries = Canaries(random)
    props = await trio.to_thread.run_sync(make_props, folder / "disk", size, canaries, random)
    words = canaries.words(props.tree)
    async with real_stage(folder / "stage") as stage:
        say("Alice's and Bob's nodes are up, each behind a proxy; both have accounts")
        await tell_all(stage, props, say)
        check_wire(stage, figures(props.tree).bytes + size.file, say)
    await trio.to_thread.run_sync(check_search, words, props, say)
    await trio.to_thread.run_sync(check_for_canaries, words, folder / "stage", say)


def make_props(folder: Path, size: Size, canaries: Canaries, random: Random) -> Props:
    """What Alice has on her disk, under names that are canaries themselves."""
    tree, file, heavy = (folder / canaries.name() for _ in range(3))
    props = Props(tree, file, heavy, folder / "copies")
    make_tree(tree, canaries, random, size.library)
    make_file(file, size.file, canaries, random)
    make_file(heavy, size.heavy, canaries, random)
    (folder / "carol.txt").write_text("a file of Carol's")
    return props


def check_wire(stage: RealStage, least: int, say: Tell) -> None:
    """Everything that Bob got went through the proxy, and so is where canaries are looked for."""
    proxy = stage.proxies["alice"]
    expect(proxy.bytes > least, f"at least {least:,} bytes went through the proxy")
    say(
        f"the wire: a recording proxy before each node (not tcpdump); {proxy.connections} "
        f"connections and {proxy.bytes / MIB:,.0f} MiB went to and from Alice's node"
    )


def check_search(words: dict[bytes, str], props: Props, say: Tell) -> None:
    """The search finds what is there: tried on the plaintext itself."""
    disk = props.tree.parent
    paths = [path for path in disk.rglob("*") if not path.is_relative_to(props.copies)]
    targets = [str(path.readlink()) for path in paths if path.is_symlink()]
    listing = "\0".join((*map(str, paths), *targets))
    (disk / "listing").write_text(unicodedata.normalize("NFC", listing), "utf-8")
    found = {hit.word for hit in search(Words(words), [disk]).hits}
    planted = {word for word, what in words.items() if ", in " not in what}
    expect(planted <= found, f"all words are found in plaintext, also {planted - found}")
    say(f"the search finds {len(planted):,} of {len(planted):,} words in the plaintext")


def check_for_canaries(words: dict[bytes, str], stage: Path, say: Tell) -> None:
    """No word is in what nodes wrote to disk, logged, or sent."""
    looked = Words(words)
    for name, what in (
        ("homes", "the data folders of Alice, Bob and Carol"),
        ("logs", "what their daemons logged, at debug level"),
        ("wire", "what went between the nodes"),
    ):
        searched = search(looked, [stage / name])
        _expect_nothing(searched, words)
        expect(searched.bytes > 0, f"{what}: there is something to search")
        say(f"{what}: {searched.files} files, {searched.bytes / MIB:,.1f} MiB, no canary in them")


def _expect_nothing(searched: Searched, words: dict[bytes, str]) -> None:
    found = [f"{words[hit.word]} in {hit.file} at {hit.at}" for hit in searched.hits[:20]]
    expect(not found, f"nothing can be read; {len(searched.hits)} words were found: {found}")


def _alone(error: BaseException) -> BaseException:
    """What happened, without the groups of one around it."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _folder(given: Path | None, exits: ExitStack) -> Path:
    if given is None:
        return Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-story-")))
    given.mkdir(parents=True)
    return given.absolute()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.stories.main_job")
    parser.add_argument("--small", action="store_true", help="a small folder and 16 MiB")
    parser.add_argument("--seed", type=int, help="tell it again as it was told before")
    parser.add_argument("--folder", type=Path, help="a new folder to keep everything in")
    return parser


if __name__ == "__main__":
    sys.exit(main())
