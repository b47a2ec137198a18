"""What doctor sees of a data folder from outside."""

from pathlib import Path

import pytest

from frontends.checks import BAD, EARLIEST, GOOD, WARNING, check_clock, check_folder, check_place
from frontends.place import Place


@pytest.mark.parametrize(("mode", "state"), [(0o700, GOOD), (0o750, BAD), (0o701, BAD)])
def test_a_folder_others_can_look_into_is_bad(tmp_path: Path, mode: int, state: str) -> None:
    tmp_path.chmod(mode)
    assert check_folder(Place(str(tmp_path))).state == state


def test_a_folder_that_is_not_there_is_no_trouble_yet(tmp_path: Path) -> None:
    checks = {check.name: check for check in check_place(Place(str(tmp_path / "a" / "b")))}
    assert checks["folder"].state == WARNING
    assert checks["space"].state in (GOOD, WARNING)


@pytest.mark.parametrize(("now", "state"), [(EARLIEST, GOOD), (EARLIEST - 1, BAD), (0, BAD)])
def test_a_clock_of_the_past_is_bad(now: float, state: str) -> None:
    assert check_clock(now).state == state


def test_whatever_is_not_good_says_what_to_do(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for check in [*check_place(Place(str(tmp_path))), check_clock(0)]:
        assert check.state == GOOD or check.hint
