"""The moving line on standard error while something large is under way.

Only on a terminal. What is shown was acknowledged: a byte counts when losing
power would not lose it.
"""

import time

from formats.errors import Interrupted
from frontends.cli.fields import Fields
from frontends.cli.output import Output
from frontends.cli.terminal import counted, duration, safe, size, terminal_width, width

EVERY: float = 0.1
"""Seconds between two drawings."""

SETTLE: float = 2.0
"""Seconds before a rate or a remaining time is worth showing."""


class Progress:
    """One line, drawn over itself. ``verb``: what is happening, such as ``stored``.

    ``unit``: what is counted. Whoever interrupts it is told ``stopped``, or how much was done, and
    ``resume``: what to do next. ``always``: also when no person is looking.
    """

    def __init__(
        self,
        output: Output,
        verb: str,
        unit: str = "file",
        stopped: str | None = None,
        resume: str | None = None,
        always: bool = False,
    ) -> None:
        self.last = Fields({})
        self._output = output
        self._verb = verb
        self._unit = unit
        self._stopped = stopped
        self._resume = resume
        self._shown = always or (output.error_terminal and not output.json)
        self._began = time.monotonic()
        self._drawn = 0.0
        self._visible = False
        self._told = 0

    def update(self, fields: Fields) -> None:
        """Remember where things are, and draw it if it is time."""
        self.last = fields
        now = time.monotonic()
        if self._shown and now - self._drawn >= EVERY:
            self._drawn = now
            self._draw(describe(self._verb, fields, now - self._began, self._unit))

    def told(self) -> None:
        """One more file was said to be in its place: more may be than the last figures said."""
        self._told += 1

    def interrupted(self) -> Interrupted:
        """What to raise when somebody stopped it."""
        files = max(self._told, self.last.number("files"))
        done = f"stopped; {amount(self._verb, files, self.last.number('bytes'))}"
        return Interrupted(self._stopped or done, hint=self._resume)

    def clear(self) -> None:
        """Take the line away, before anything else is written."""
        if self._visible:
            self._output.on_error("\r\x1b[K")
            self._visible = False

    def _draw(self, text: str) -> None:
        room = terminal_width() - 1
        while width(text) > room:
            text = text[:-1]
        self._output.on_error(f"\r\x1b[K{text}")
        self._visible = True


def describe(verb: str, fields: Fields, seconds: float, unit: str = "file") -> str:
    """``stored 12 of 90 files, 3.1 MiB of 2.0 GiB, 110 MiB/s, 18 s left  music/a.flac``."""
    done, total = fields.number("bytes"), fields.number("total_bytes")
    begun = fields.text("step") if fields.has("step") else f"{verb} {_of_files(fields, unit)}"
    parts = [begun, _of(size(done), size(total) if total else "")]
    if seconds >= SETTLE and done:
        rate = done / seconds
        parts.append(f"{size(int(rate))}/s")
        if total > done:
            parts.append(f"{duration((total - done) / rate)} left")
    return ", ".join(parts) + (f"  {safe(fields.text('path'))}" if fields.has("path") else "")


def amount(verb: str, files: int, moved: int) -> str:
    """``12 files are stored, 3.1 MiB were sent``: of a file that is not whole, bytes alone."""
    how = "sent" if verb == "stored" else "written"
    are = "is" if files == 1 else "are"
    return f"{counted(files, 'file')} {are} {verb}, {size(moved)} were {how}"


def _of_files(fields: Fields, unit: str) -> str:
    done, total = fields.number("files"), fields.number("total_files")
    return f"{done:,} of {counted(total, unit)}" if total else counted(done, unit)


def _of(done: str, total: str) -> str:
    return f"{done} of {total}" if total else done
