"""A sample of the power cuts of ``make crash``, and that the campaign would notice a fault."""

from pathlib import Path

import pytest
import trio

from tests.crash.disk import Call
from tests.crash.power import Lost, _cut, _record, run_round, small_checkpoints
from tests.crash.sqlite import available

pytestmark = pytest.mark.skipif(not available, reason="this Python's SQLite cannot be reached")

POINTS = 500


@pytest.mark.parametrize("seed", [101, 102, 103, 104])
def test_power_goes_anywhere(seed: int) -> None:
    result = run_round(seed, POINTS)
    assert result.points == POINTS
    assert result.calls > 500


@pytest.mark.parametrize(("what", "path"), [("sync", "packs/"), ("sync", "index.db-wal")])
def test_a_sync_that_is_left_out_is_noticed(tmp_path: Path, what: str, path: str) -> None:
    """The campaign can fail: without one kind of sync, something acknowledged is lost."""
    with small_checkpoints():
        calls = trio.run(_record, tmp_path / "store", 7)
    kept = [call for call in calls if not forgotten(call, what, path)]
    assert len(kept) < len(calls)
    with pytest.raises(Lost):
        _cut(tmp_path / "store", kept, 7, POINTS)


def forgotten(call: Call, what: str, path: str) -> bool:
    return call.what == what and call.path.startswith(path)
