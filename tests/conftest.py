"""What every test can count on: known random numbers, and a data folder that is nobody's.

At the end the run says what was left out and why: a test that needs a server,
a browser or a privilege this machine lacks calls ``pytest.skip`` with the reason.
"""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SEED = int(os.environ.get("HOLDFAST_SEED", "1"))

# Two busy cores make any deadline a coin toss; a build machine also wants the same cases each time.
settings.register_profile(
    "holdfast",
    deadline=None,
    print_blob=True,
    derandomize="HOLDFAST_SEED" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("holdfast")


def pytest_report_header() -> str:
    """The line above the tests that lets a failure be repeated."""
    return f"HOLDFAST_SEED={SEED} (set it to another number for other random cases)"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Keep bytes out of the names of tests: random ones differ between two processes of one run."""
    return f"{argname}{len(val)}B" if isinstance(val, bytes) and len(val) > 4 else None


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers that depend on HOLDFAST_SEED and the test's name only."""
    return random.Random(f"{SEED}/{request.node.nodeid}")


@pytest.fixture(autouse=True)
def _nobodys_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep a test that forgets ``--home`` away from the data of whoever runs it."""
    home: Path = tmp_path_factory.getbasetemp() / "nobodys-home"
    monkeypatch.setenv("HOLDFAST_HOME", str(home))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, by reason, above pytest's closing line."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        if isinstance(report.longrepr, tuple):
            reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"left out: {count} test{'s' * (count > 1)}: {reason}")
