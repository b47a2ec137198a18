"""The recovery drill: ``make drill``. A laptop burns; words on paper and one replica are left.

    python -m tests.stories.drill                      100,000 files
    python -m tests.stories.drill --files 2000 --seed 7

Real daemons on loopback: a laptop that is home and only device, a node that keeps a replica, and a
fresh machine, which is given the words and what is no secret on the paper. It ends well if every
file is there again, byte for byte, the fresh node finds itself whole, and its owner can go on.
Prints its seed, how long each step took, and the processor time of all daemons and commands.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, SystemRandom
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Final

from tests.daemons.processes import Home, Ran, soon
from tests.stories.trees import differences, figures

FILES: Final = 100_000
A_FOLDER: Final = 250
"""Files in each folder."""
LARGE: Final = 1000
"""One file in so many is of some hundred kilobytes; the others are of at most two."""
PATIENCE: Final = 4 * 3600
"""Seconds for one step: the machine may be a slow one, and busy."""
PASSWORD: Final = "correct horse battery staple\n"
FRESH: Final = "quite another battery of horses\n"


class Lost(Exception):
    """What was acknowledged is not there again."""


@dataclass(slots=True)
class Drill:
    """One run: its machines, and what each step took (wall seconds)."""

    folder: Path
    files: int
    seed: int
    took: dict[str, float] = field(default_factory=dict)

    @property
    def tree(self) -> Path:
        """What the laptop's owner had."""
        return self.folder / "tree"

    def home(self, name: str) -> Home:
        """A machine."""
        return Home(self.folder / name)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step, timed and told."""
        begun = time.monotonic()
        yield
        self.took[name] = time.monotonic() - begun
        print(f"{name:42} {self.took[name]:8.1f} s", flush=True)

    def make(self) -> None:
        """The files, from the seed."""
        rng = Random(self.seed)
        for number in range(self.files):
            path = self.tree / f"{number // A_FOLDER:04}" / f"{number:06}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            large = number % LARGE == LARGE - 1
            path.write_bytes(rng.randbytes(rng.randrange(400_000 if large else 2_000)))
        print(figures(self.tree), flush=True)

    def run(self) -> None:
        """All of it; raises Lost."""
        keeper, laptop, fresh = map(self.home, ("keeper", "laptop", "fresh"))
        with keeper.daemon("serve"):
            with laptop.daemon():
                words, text = self.before(laptop, keeper)
            rmtree(laptop.path)
            with fresh.daemon():
                self.after(fresh, words, text)

    def before(self, laptop: Home, keeper: Home) -> tuple[str, str]:
        """Somebody's life until then; the words, and what else is on the paper."""
        laptop.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        with self.step("the files are put"):
            laptop.run("put", str(self.tree), patience=PATIENCE).ok()
        made = laptop.run("--json", "recovery", "kit", "--password-stdin", stdin=PASSWORD).ok()
        words = str(_done(made)["words"])
        with self.step("a replica has them"):
            allowed = keeper.run("node", "replicas", "allow", "--ceiling", "20GiB").ok()
            laptop.run("replicas", "add", allowed.out.splitlines()[-1]).ok()
            if not soon(lambda: _has_all(laptop) and _rehearsed(laptop, words), PATIENCE):
                raise Lost("the replica never had everything")
        return words, str(_done(laptop.run("--json", "recovery", "status").ok())["text"])

    def after(self, fresh: Home, words: str, text: str) -> None:
        """On a machine that never saw anything of it."""
        paper = self.folder / "paper.txt"
        paper.write_text(text)
        kit = ("--kit", str(paper), "--password-stdin")
        with self.step("the kit is rehearsed"):
            tried = fresh.run("recovery", "rehearse", *kit, stdin=f"{words}\n").ok()
        if "Nothing was changed" not in tried.out:
            raise Lost(tried.out)
        with self.step("the account is restored there"):
            both = f"{words}\n{FRESH}"
            fresh.run("recovery", "restore", *kit, stdin=both, patience=PATIENCE).ok()
        with self.step("all is read back, and compared"):
            fresh.run("get", "tree", str(self.folder / "back"), patience=PATIENCE).ok()
            wrong = differences(self.tree, self.folder / "back")
        if wrong:
            raise Lost(f"{len(wrong)} differences: {wrong[:10]}")
        with self.step("the node verifies all it has"):
            fresh.run("node", "verify", patience=PATIENCE).ok()
        fresh.run("put", str(next(self.tree.rglob("*.bin"))), "and on we go.bin").ok()


def _done(ran: Ran) -> Mapping[str, object]:
    """What a command answered."""
    done = ran.events[-1]["done"]
    assert isinstance(done, dict)
    return done


def _has_all(laptop: Home) -> bool:
    """Whether the replica says that it has followed every space to its newest state."""
    time.sleep(0.2)  # another process: there is nothing to await
    listed = _done(laptop.run("--json", "replicas", "list").ok())["replicas"]
    assert isinstance(listed, list)
    return bool(listed[0]["behind"] == 0)


def _rehearsed(laptop: Home, words: str) -> bool:
    """Whether the words open the account at the home and at the replica."""
    rehearse = ("--json", "recovery", "rehearse", "--password-stdin")
    nodes = _done(laptop.run(*rehearse, stdin=f"{words}\n").ok())["nodes"]
    assert isinstance(nodes, list)
    return [each["opens"] for each in nodes] == [True, True]


def main(words: Sequence[str] | None = None) -> int:
    """Run it, and tell; the exit code."""
    parser = argparse.ArgumentParser(
        prog="make drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args(words)
    seed: int = SystemRandom().getrandbits(32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    with TemporaryDirectory(prefix="drill-") as folder:
        drill = Drill(Path(folder), options.files, seed)
        drill.make()
        try:
            drill.run()
        except Lost as error:
            print(f"IT DOES NOT HOLD (with --seed {seed}): {error}", flush=True)
            return 1
    used = os.times()
    print(
        f"everything is there again; {used.children_user + used.children_system:.0f} s of processor"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
