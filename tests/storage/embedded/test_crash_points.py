"""Power goes at every call about packs, and in the middle of commits: reopened, whole, at once.

What a disk may have done is made from a copy of the folder: of every pack, the
part that was not synced is there, torn, swapped for zeros or gone, sector by
sector; a file whose folder was not synced may be missing, a removed one may be
back. Of SQLite's log, every sector that the last commit wrote is old or new.
``HOLDFAST_CRASHES`` asks for more points than the sample of every run.
"""

import os
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from storage.contracts import View
from storage.embedded.files import Files
from storage.embedded.store import EmbeddedStore
from tests.contracts.rows import session_id, stage
from tests.storage.embedded.workload import Step, check, last_step, step_blocks

SEED = 5
STEPS = 16
PACK = 400_000
SECTOR = 512
POINTS = int(os.environ.get("HOLDFAST_CRASHES", "40"))


class CrashingFiles(Files):
    """Knows what is synced; at call number ``at``, leaves in ``target`` what a crash would."""

    def __init__(self, folder: Path, at: int, target: Path, rng: random.Random) -> None:
        self.folder, self.at, self.target, self.rng = folder, at, target, rng
        self.calls = 0
        self.acknowledged = -1
        self.at_crash: int | None = None
        self._paths: dict[int, Path] = {}
        self._synced: dict[str, bytes] = {}
        self._named: set[str] = set()
        self._removed: dict[str, bytes] = {}

    def create(self, path: Path) -> int:
        self._step()
        handle = super().create(path)
        self._paths[handle] = path
        self._synced[path.name] = b""
        return handle

    def write(self, handle: int, parts: Sequence[bytes], offset: int) -> int:
        self._step()
        return super().write(handle, parts, offset)

    def sync(self, handle: int) -> None:
        self._step()
        super().sync(handle)
        path = self._paths[handle]
        self._synced[path.name] = path.read_bytes()

    def sync_folder(self, path: Path) -> None:
        self._step()
        super().sync_folder(path)
        self._named = set(self._synced)
        self._removed.clear()

    def truncate(self, handle: int, size: int) -> None:
        self._step()
        super().truncate(handle, size)

    def remove(self, path: Path) -> None:
        self._step()
        self._removed[path.name] = path.read_bytes()
        super().remove(path)
        self._synced.pop(path.name, None)

    def _step(self) -> None:
        self.calls += 1
        if self.calls - 1 == self.at:
            self.at_crash = self.acknowledged
            self._crash()

    def _crash(self) -> None:
        shutil.copytree(self.folder, self.target)
        packs = self.target / "packs"
        for path in packs.iterdir():
            self._damage(path)
        for name, data in self._removed.items():
            if self.rng.random() < 0.5:
                (packs / name).write_bytes(data)

    def _damage(self, path: Path) -> None:
        synced = self._synced[path.name]
        if path.name not in self._named and self.rng.random() < 0.5:
            path.unlink()
            return
        written = path.read_bytes()
        length = self.rng.choice([len(synced), len(written), max(len(synced), len(written))])
        path.write_bytes(mixed(synced.ljust(length, b"\0"), written.ljust(length, b"\0"), self.rng))


def mixed(old: bytes, new: bytes, rng: random.Random) -> bytes:
    """Each sector from one of the two; the length is that of ``old``."""
    new = new[: len(old)]
    parts = [
        (old if rng.random() < 0.5 else new)[at : at + SECTOR] for at in range(0, len(old), SECTOR)
    ]
    return b"".join(parts)


async def run(files: CrashingFiles) -> None:
    store = await EmbeddedStore.open(files.folder, files=files, pack_size=PACK, readers=1)
    for step in range(STEPS):
        await store.write(Step(SEED, step))
        files.acknowledged = step
    await store.aclose()


async def test_power_goes_at_any_call(tmp_path: Path, rng: random.Random) -> None:
    counted = CrashingFiles(tmp_path / "count", -1, tmp_path / "none", rng)
    await run(counted)
    for point in range(POINTS):
        at = point * counted.calls // POINTS if counted.calls > POINTS else point % counted.calls
        files = CrashingFiles(tmp_path / f"s{point}", at, tmp_path / f"crashed{point}", rng)
        await run(files)
        if files.at_crash is None:
            continue  # reclaiming went at another pace this time, with fewer calls
        store = await EmbeddedStore.open(files.target, pack_size=PACK, readers=1)
        last = await store.read(last_step)
        assert files.at_crash <= last <= files.at_crash + 1
        await store.read(lambda view: check(view, SEED))
        for step in range(last + 1, last + 3):
            await store.write(Step(SEED, step))
        await store.read(lambda view: check(view, SEED))
        await store.aclose()
        shutil.rmtree(files.target)
        shutil.rmtree(files.folder)


@pytest.mark.parametrize("steps", range(1, 9))
async def test_power_goes_in_the_middle_of_a_commit(
    tmp_path: Path, rng: random.Random, steps: int
) -> None:
    """The commit after ``steps`` is old or new as one, however much of its log was written."""
    folder = tmp_path / "s"
    store = await EmbeddedStore.open(folder, readers=1)
    for step in range(steps):
        await store.write(stage(step_blocks(SEED, step), step))
    log = folder / "index.db-wal"
    before = log.read_bytes()
    await store.write(stage(step_blocks(SEED, steps), steps))
    after = log.read_bytes()
    assert after[: len(before)] == before  # nothing was overwritten: no checkpoint came between
    outcomes = set()
    for number in range(max(2, POINTS // 10)):
        target = tmp_path / f"crashed{number}"
        shutil.copytree(folder, target)
        length = rng.randint(len(before), len(after)) if number else len(after)
        old = before.ljust(length, b"\0")
        torn = mixed(old, after, rng) if number else after
        (target / "index.db-wal").write_bytes(torn)
        crashed = await EmbeddedStore.open(target, readers=1)
        outcomes.add(await crashed.read(lambda view: count_whole(view, steps)))
        await crashed.write(stage(step_blocks(SEED, 99), 99))
        await crashed.aclose()
        shutil.rmtree(target)
    await store.aclose()
    assert steps + 1 in outcomes
    assert outcomes <= {steps, steps + 1}


def count_whole(view: View, steps: int) -> int:
    """How many sessions there are; each must have all its blocks, whole."""
    there = 0
    for step in range(steps + 1):
        row = view.session(session_id(step))
        blocks = step_blocks(SEED, step)
        there += row is not None
        for each in blocks:
            assert view.is_staged(session_id(step), each.cid) == (row is not None)
            assert row is None or view.block(each.cid) == each.data
    return there
