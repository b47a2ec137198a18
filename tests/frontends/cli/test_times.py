"""Times and ages as people write them."""

import time

import pytest

from formats.errors import Usage
from frontends.cli.times import parse_age, parse_moment, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("90s", 90), ("10m", 600), ("12h", 43_200), ("30D", 2_592_000), ("8 w", 4_838_400)],
)
def test_an_age(text: str, seconds: int) -> None:
    assert parse_age(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "30", "-1d", "1.5h", "1y", "٣d", "1234567890s"])
def test_no_age(text: str) -> None:
    with pytest.raises(Usage):
        parse_age(text)


@pytest.mark.parametrize("text", ["2026-11-23", "2026-11-23 10:04", "2026-11-23T10:04"])
def test_a_time(text: str) -> None:
    said = time.strftime("%Y-%m-%d %H:%M", time.localtime(parse_time(text) / 1000))
    assert said.startswith(text.replace("T", " "))


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "10:04", "2026-11-23 25:00"])
def test_no_time(text: str) -> None:
    with pytest.raises(Usage):
        parse_time(text)


def test_a_moment_is_a_time_or_an_age() -> None:
    assert parse_moment("2026-11-23") == parse_time("2026-11-23")
    ago = time.time() * 1000 - parse_moment("2h")
    assert 7_200_000 <= ago < 7_260_000
