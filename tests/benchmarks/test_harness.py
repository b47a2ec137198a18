"""The harness does what it says: jobs run and verify. No timings are judged."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import report, table
from benchmarks.__main__ import chosen, main
from benchmarks.catalogue import ANCHORS, JOBS, LAYERS, WORKLOADS, Line, Unit
from benchmarks.child import JobFailed, Settings, run_apart, run_here
from benchmarks.figures import Figure, by_name, from_json, to_json
from benchmarks.measuring import Bench
from benchmarks.sources import (
    Differs,
    large_file,
    must_be_same_files,
    must_equal,
    small_files,
    sparse_file,
)

MIB = 1024 * 1024
SIZE = 12 * MIB + 4321
QUICK_JOBS = [job for job in JOBS if job.startswith(("anchor/", "pipeline", "engine/"))]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    source = large_file(tmp_path / "source", SIZE)
    (tmp_path / "work").mkdir()
    return Settings(str(tmp_path / "work"), str(source), SIZE, files=40)


@pytest.mark.parametrize("job", QUICK_JOBS)
def test_a_job_measures_what_the_catalogue_names(job: str, settings: Settings) -> None:
    figures = run_here(job, settings)
    named = {line.name for line in (*ANCHORS, *LAYERS, *WORKLOADS)}
    assert figures
    assert {figure.name for figure in figures} <= named
    assert all(figure.seconds > 0 for figure in figures)


def test_a_job_runs_apart_and_leaves_nothing(settings: Settings) -> None:
    [figure] = run_apart("anchor/cp", settings)
    assert figure.size == SIZE
    assert list(Path(settings.folder).iterdir()) == []


def test_a_job_that_fails_is_told(settings: Settings) -> None:
    with pytest.raises(JobFailed, match="anchor/cp"):
        run_apart("anchor/cp", replace(settings, source="/nowhere"))


def test_memory_and_processor_time_are_of_the_stretch(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path, 0)
    with bench.measuring("large") as stretch, stretch.lap():
        assert len(bytes(bytearray(64 * MIB))) == 64 * MIB
    with bench.measuring("small"):
        pass
    large, small = bench.figures
    assert large.growth >= 60 * MIB > 20 * MIB > small.growth
    assert large.cpu > 0
    assert len(large.laps) == 1


def test_figures_travel_as_json() -> None:
    figures = [Figure("a", 1.5, 0.5, 10, 2, 3, 4, 5, 6, (0.1, 0.2))]
    assert from_json(to_json(figures)) == figures


def test_a_median_is_of_all_rounds() -> None:
    rounds = by_name([Figure("a", seconds, 0.0, size=6_000_000) for seconds in (3.0, 1.0, 2.0)])
    assert rounds["a"].median(lambda figure: figure.rate) == 3
    assert rounds["a"].between(lambda figure: figure.seconds) == (1.0, 3.0)


def test_sources_are_what_they_say(tmp_path: Path) -> None:
    one, other = (large_file(tmp_path / name, SIZE) for name in ("one", "other"))
    must_be_same_files(one, other)
    with other.open("r+b") as file:
        file.seek(SIZE - 1)
        file.write(b"!!"[:1])
    with pytest.raises(Differs):
        must_be_same_files(one, other)
    sparse = sparse_file(tmp_path / "sparse", 64 * MIB)
    assert sparse.stat().st_blocks * 512 < MIB
    left, right = (small_files(tmp_path / name, 3) for name in ("left", "right"))
    must_be_same_files(left, right)
    (right / "one more").touch()
    with pytest.raises(Differs):
        must_be_same_files(left, right)
    with pytest.raises(Differs):
        must_equal(1, 2, "numbers")


LINES = (
    Line("fast", "fast", Unit.RATE, peergos=10, goal=400, against="anchor"),
    Line("slow", "slow", Unit.TIME, peergos=100, goal=50, requests=2),
    Line("absent", "absent", Unit.COUNT, peergos=1, goal=1),
)


def test_a_line_worse_than_peergos_or_its_goal_is_named() -> None:
    measured = by_name(
        [
            Figure("fast", 1.0, 1.0, size=200_000_000),
            Figure("slow", 0.04, 0.01, requests=3),
            Figure("anchor", 1.0, 1.0, size=400_000_000),
        ]
    )
    assert table.worse_than_peergos(LINES, measured) == []
    assert table.short_of_goal(LINES, measured) == ["fast", "slow"]
    text = table.workloads(LINES, measured)
    assert "0.50 × anchor" in text
    assert "| 20.0 |" in text
    slower = by_name([Figure("slow", 0.2, 0.2)])
    assert table.worse_than_peergos(LINES, slower) == ["slow"]


def test_the_page_names_what_failed_and_the_machine() -> None:
    text = report.page([Figure("anchor/cp", 1.0, 1.0, size=10**9)], ["own/bulk"], "a machine")
    assert "a machine" in text
    assert "- own/bulk" in text
    assert "1,000 MB/s" in text


def test_every_line_has_a_name_of_its_own_and_every_ratio_something_to_be_held_against() -> None:
    lines = (*ANCHORS, *LAYERS, *WORKLOADS)
    assert len({line.name for line in lines}) == len(lines)
    assert {line.against for line in lines if line.against} <= {line.name for line in lines}
    names = {line.name for line in lines}
    assert {name for line in lines for name, _ in line.beats} <= names


def test_jobs_are_chosen_by_how_they_begin() -> None:
    assert chosen(None) == list(JOBS)
    assert chosen(["anchor/cp"]) == ["anchor/cp", "anchor/cp-small"]


def test_the_command_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--quick", "--size", "1", "--only", "anchor/cp", "--folder", str(tmp_path)]
    assert main(arguments) == 0
    assert "| `cp` and one fsync |" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
