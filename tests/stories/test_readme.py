"""Every command of the README is run, as it stands there, by real processes."""

import re
from pathlib import Path

import pytest
import trio

from formats.errors import Denied
from tests.stories.processes import ROOT
from tests.stories.readme import ANY_BLOCK, Tour, blocks
from tests.stories.trees import differences

README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.slow
async def test_the_tour_of_the_readme(tmp_path: Path) -> None:
    async with trio.open_nursery() as nursery:
        tour = Tour(tmp_path, nursery)
        await trio.to_thread.run_sync(tour.prepare)
        shown = [await tour.follow(block) for block in blocks(README)]
        await tour.refused("bob", "holdfast ls /alice/docs", Denied.exit_code)
        await tour.stop()
    assert any("bob" in each and "you follow" in each for each in shown)
    docs = tour.clone / "docs"
    for copy in ("copy-of-docs", "from-alice"):
        assert differences(docs, tour.user / copy) == []


def test_every_block_of_shell_says_who_types_it() -> None:
    assert len(blocks(README)) == len(ANY_BLOCK.findall(README)) > 5


def test_make_run_does_what_the_tour_takes_it_for() -> None:
    assert re.search(r"^run: setup .*\n\t@?\.venv/bin/holdfast up", MAKEFILE, re.MULTILINE)


def test_every_make_word_of_the_readme_exists() -> None:
    words = set(re.findall(r"`make ([a-z-]+)", README))
    there = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    assert words
    assert words <= there
