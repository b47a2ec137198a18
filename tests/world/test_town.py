"""The town is made, and everything it suggests works."""

from pathlib import Path

import pytest

from tests.stories.processes import environment, run
from tests.world.town import suggestions, town


@pytest.mark.slow
async def test_everything_that_the_town_suggests_works(tmp_path: Path) -> None:
    async with town(tmp_path) as people:
        env = environment(people["alice"].command, people["alice"].home)
        said = [
            (await run(["sh", "-c", line], env)).check().out
            for line in suggestions(people, tmp_path)
        ]
        assert "beans" in "".join(said)
        assert (tmp_path / "copies/list.txt").exists() or (tmp_path / "copies/music").exists()
