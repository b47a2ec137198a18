"""What the command line writes: plain lines for people, JSON lines for programs.

Results go to standard output, a line at a time and flushed, so that whoever
reads a pipe sees each as it comes. Everything else (progress, errors, advice)
goes to standard error. On a terminal, characters that could deceive are escaped;
into a pipe, names go as they are, in UTF-8.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import TextIO

from formats.errors import HoldfastError
from frontends.cli.terminal import safe
from frontends.telling import tell


class OutputClosed(Exception):
    """Whoever read our output has gone (``holdfast ls | head``)."""


class Output:
    """Standard output and error of one run. ``json``: JSON lines instead of plain ones."""

    def __init__(self, json: bool = False) -> None:
        self.json = json
        self.terminal = sys.stdout.isatty()
        self.error_terminal = sys.stderr.isatty()
        if not self.terminal:
            _set_up(sys.stdout, "utf-8", "surrogateescape")
        else:
            _set_up(sys.stdout, None, "backslashreplace")
        _set_up(sys.stderr, None, "backslashreplace")

    def line(self, text: str) -> None:
        """One line for a person, on standard output."""
        self._write(safe(text) if self.terminal else text)

    def row(self, text: str) -> None:
        """A line already made safe for the terminal by whoever aligned it."""
        self._write(text)

    def raw(self, line: bytes) -> None:
        """One line of JSON as the daemon sent it."""
        self._write(line.decode("utf-8", "replace"))

    def event(self, kind: str, value: Mapping[str, object]) -> None:
        """One line of JSON of our own."""
        self._write(json.dumps({kind: value}, ensure_ascii=self.terminal))

    def data(self, data: bytes) -> None:
        """Bytes of a file, on standard output."""
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise OutputClosed from None

    def note(self, text: str) -> None:
        """One line beside the results, on standard error."""
        self.on_error(safe(text) + "\n")

    def on_error(self, text: str) -> None:
        """Text on standard error as it is; nobody reading it is no reason to stop."""
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except BrokenPipeError:
            silence(sys.stderr)

    def failure(self, error: HoldfastError) -> None:
        """An error: what happened and what to do next."""
        if self.json:
            self.event("error", tell(error))
            return
        self.note(f"holdfast: {error.message}")
        if error.advice:
            self.note(f"  {error.advice}")

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            raise OutputClosed from None


def silence(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that the interpreter's last flush is quiet too."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _set_up(stream: object, encoding: str | None, errors: str) -> None:
    import io

    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=encoding, errors=errors)
