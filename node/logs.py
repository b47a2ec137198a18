"""Quiet, structured logging: one line an event, and nothing secret in it.

    2026-11-23T10:04:22.123Z info node.jobs retention released=3

Fields are numbers, flags and words of our own code (a door, the kind of an
error). Names, ids, keys, tokens, addresses and capabilities are not for logs, at no
level; so the field types leave no room for bytes, and text that is not one plain
word is not written.
"""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

ROOT: Final = "holdfast"
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,40}", re.ASCII)

Field = int | float | bool | str


class Log:
    """Where one part of the node writes its events."""

    __slots__ = ("_logger",)

    def __init__(self, part: str) -> None:
        self._logger: Final = logging.getLogger(f"{ROOT}.{part}")

    def debug(self, event: str, **fields: Field) -> None:
        """Something for whoever looks for a fault."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: Field) -> None:
        """Something that happens rarely and that the node's owner may want to know."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: Field) -> None:
        """Something went wrong and was coped with."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: Field) -> None:
        """Something failed."""
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, Field]) -> None:
        if self._logger.isEnabledFor(level):
            said = "".join(f" {name}={_said(value)}" for name, value in fields.items())
            self._logger.log(level, "%s%s", event, said)


class Repeated:
    """A warning that one flood could have written a thousand times: told now and then.

    ``every``: milliseconds for which it is only counted. Times are the caller's, and may
    go back (a clock that was set): then it is told.
    """

    def __init__(self, log: Log, event: str, every: int) -> None:
        self._log: Final = log
        self._event: Final = event
        self._every: Final = every
        self._told: int | None = None
        self._times = 0

    def note(self, now: int) -> None:
        """It happened again; told with how often since the last time."""
        self._times += 1
        if self._told is not None and 0 <= now - self._told < self._every:
            return
        self._log.warning(self._event, times=self._times)
        self._told, self._times = now, 0


@contextmanager
def written(level: str, stream: TextIO) -> Iterator[None]:
    """Write everything of ours from ``level`` on to ``stream``, until the block is left.

    What libraries log goes nowhere meanwhile: they name peers and addresses.
    """
    handler, nowhere = logging.StreamHandler(stream), logging.NullHandler()
    handler.setFormatter(_Lines())
    logger, everybody = logging.getLogger(ROOT), logging.getLogger()
    before = logger.level, logger.propagate
    logger.setLevel(level.upper())
    logger.propagate = False
    logger.addHandler(handler)
    everybody.addHandler(nowhere)  # without any, Python writes warnings to stderr by itself
    try:
        yield
    finally:
        everybody.removeHandler(nowhere)
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]


class _Lines(logging.Formatter):
    """Time in UTC, level, part, event."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        part = record.name.removeprefix(f"{ROOT}.")
        level = record.levelname.lower()
        return f"{seconds}.{int(record.msecs):03}Z {level} {part} {record.getMessage()}"


def _said(value: Field) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, str):
        return value if _WORD.fullmatch(value) else "-"
    return str(value)
