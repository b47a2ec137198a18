"""The real thing in small: see ``python -m tests.world.finding`` for fifty nodes."""

import pytest

from tests.world.finding import run


@pytest.mark.slow
def test_people_are_found_by_nodes_in_several_processes_two_of_which_are_killed() -> None:
    assert run(9, 3) == []
