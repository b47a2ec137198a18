"""Logs: one line an event, and no way to say a secret."""

import io
import logging
import re

import pytest

from node import logs
from node.logs import Log, Repeated


def written(level: str, *, name: str = "ok") -> str:
    stream = io.StringIO()
    with logs.written(level, stream):
        log = Log("node.test")
        log.debug("small")
        log.info("event", count=3, ms=1.25, kind=name, done=True)
        log.error("failed")
        logging.getLogger("libp2p.host").warning("peer 12D3KooW… at 10.0.0.7")
    return stream.getvalue()


def test_a_line_has_time_level_part_event_and_fields() -> None:
    lines = written("info").splitlines()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info node.test event"
        r" count=3 ms=1.2 kind=ok done=True",
        lines[0],
    )
    assert len(lines) == 2


def test_what_repeats_is_told_now_and_then_with_how_often() -> None:
    stream = io.StringIO()
    with logs.written("info", stream):
        repeated = Repeated(Log("node.test"), "full", 60_000)
        for now in (0, 1, 59_999, 60_000, 60_001, 5, 6):  # the clock was set back
            repeated.note(now)
    said = [line.partition("full ")[2] for line in stream.getvalue().splitlines()]
    assert said == ["times=1", "times=3", "times=2"]


def test_the_level_is_kept() -> None:
    assert len(written("debug").splitlines()) == 3
    assert len(written("error").splitlines()) == 1


@pytest.mark.parametrize("text", ["photos/cat.jpg", "two words", "line\nbreak", "x" * 42, ""])
def test_text_that_is_no_plain_word_is_not_written(text: str) -> None:
    assert " kind=- " in written("info", name=text)


def test_what_libraries_say_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert "libp2p" not in written("debug")
    assert "10.0.0.7" not in "".join(capfd.readouterr())


def test_afterwards_nothing_is_written() -> None:
    stream = io.StringIO()
    with logs.written("info", stream):
        pass
    Log("node.test").error("late")
    assert stream.getvalue() == ""
