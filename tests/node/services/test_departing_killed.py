"""A node is killed with -9 while accounts leave: each of them is whole, or gone."""

import random
from pathlib import Path

from node.build import build
from node.checking.verify import verify
from node.config import Config
from node.jobs.retention import give_back
from storage.contracts import View
from tests.node.people import Clock, secret
from tests.node.services.departing_killed import CHANGES
from tests.storage.killing import run_and_kill

SCRIPT = Path(__file__).with_name("departing_killed.py")
PEOPLE = 6


def who_is_there(view: View) -> tuple[list[str], list[bytes]]:
    """The names of those who are whole, the ids of those who are gone; nobody is in between."""
    whole = list(view.accounts())
    for row in whole:
        (space,) = view.spaces_of(row.id)
        assert space.seq == CHANGES
        assert all(view.history(space.key, seq) is not None for seq in range(CHANGES))
        assert view.departure(row.id) is None
    gone = [row.id for row in view.departures()]
    for id in gone:
        assert list(view.spaces_of(id)) == []
        assert view.identity(id) is not None
    return [row.name for row in whole], gone


async def test_killed_at_any_moment_it_is_whole_or_gone(tmp_path: Path, rng: random.Random) -> None:
    for round_ in range(2):
        folder = tmp_path / str(round_)
        told = run_and_kill(SCRIPT, [str(folder), str(PEOPLE)], rng.randint(0, PEOPLE - 2))
        said = told.get(0, -1)
        config = Config(folder, work_bits=4)
        async with build(config, clock=Clock(), key=secret("node")) as node:
            names, gone = await node.store.read(who_is_there)
            assert len(names) + len(gone) == PEOPLE
            assert not {f"p{number}" for number in range(said + 1)} & set(names), "it was said so"
            while await give_back(node.core):
                pass
            left = await node.store.read(lambda view, gone=gone: [view.usage(id) for id in gone])  # type: ignore[misc]
            assert left == [(0, 0)] * len(gone)
            assert (await verify(node.store, deep=True)).found.listed == []
