"""A writing process is killed with -9, again and again: nothing acknowledged is ever lost.

``HOLDFAST_KILLS`` asks for more rounds.
"""

import os
import random
import time
from pathlib import Path

from storage.contracts import View
from storage.embedded.store import EmbeddedStore
from tests.storage.embedded.killed import KEY, PACK, blocks_of, last_of, session_of
from tests.storage.killing import run_and_kill

SCRIPT = Path(__file__).with_name("killed.py")
ROUNDS = int(os.environ.get("HOLDFAST_KILLS", "6"))
OF_ONE_STORE = 20
"""Rounds after which a new store is begun."""

WRITERS = 4
OPENS_WITHIN = 1.0


def check(view: View, seed: int, acknowledged: dict[int, int]) -> int:
    """All steps up to the last one are whole, and it is no earlier than acknowledged; the bytes."""
    used = reserved = 0
    for writer in range(WRITERS):
        last = last_of(view, writer)
        said = acknowledged.get(writer, -1)
        assert said <= last <= said + 1, f"writer {writer} was told {said} and has {last}"
        for step in range(last + 1):
            staged = step > last - 3
            assert (view.session(session_of(writer, step)) is not None) == staged
            for number, block in enumerate(blocks_of(seed, writer, step)):
                used += len(block.data) if number == 0 else 0
                reserved += len(block.data) if staged else 0
                if number == 0 or staged:
                    assert view.block(block.cid) == block.data
    assert view.usage(KEY.owner) == (used, reserved)
    return used


async def test_killed_at_any_moment(tmp_path: Path, rng: random.Random) -> None:
    seed, acknowledged, steps, slowest = rng.getrandbits(32), dict[int, int](), 0, 0.0
    for round_ in range(ROUNDS):
        folder = tmp_path / f"s{round_ // OF_ONE_STORE}"
        if round_ % OF_ONE_STORE == 0:
            acknowledged = {}
        arguments = [str(folder), str(seed), str(WRITERS)]
        told = run_and_kill(SCRIPT, arguments, rng.randint(0, 60))
        steps += sum(last - acknowledged.get(writer, -1) for writer, last in told.items())
        acknowledged |= told
        began = time.perf_counter()
        store = await EmbeddedStore.open(folder, pack_size=PACK)
        slowest = max(slowest, time.perf_counter() - began)
        assert slowest < OPENS_WITHIN
        acknowledged = await store.read(
            lambda view, known=acknowledged: settled(view, seed, known)  # type: ignore[misc]
        )
        await store.aclose()
    print(
        f"\nseed {seed}: {ROUNDS} kills, {steps} steps acknowledged, none lost, nothing repaired,"
        f" opened within {slowest:.2f} s"
    )


def settled(view: View, seed: int, acknowledged: dict[int, int]) -> dict[int, int]:
    """Check, and take what is there for acknowledged from now on."""
    check(view, seed, acknowledged)
    return {writer: last_of(view, writer) for writer in range(WRITERS)}
