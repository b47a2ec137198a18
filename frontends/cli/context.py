"""What a running command has at hand: the data folder, the daemon, the output."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from formats.errors import Interrupted
from frontends.cli.call import Answer, ask, ask_piping, gone, read_asides, read_event
from frontends.cli.fields import Fields
from frontends.cli.output import Output
from frontends.cli.progress import Progress
from frontends.place import Place
from frontends.telling import told

LOOK_TIME: Final = 10.0
"""Seconds that a question which changes nothing may take."""

Show = Callable[[str, Fields], None]
"""Shows one event of an answer to a person: its kind and what it says."""


class Context:
    """What a running command has: the data folder and the output."""

    def __init__(self, place: Place, output: Output) -> None:
        self.place = place
        self.output = output

    def call(
        self,
        verb: str,
        arguments: dict[str, object],
        show: Show | None = None,
        progress: Progress | None = None,
        at_end: Callable[[], None] | None = None,
    ) -> Fields:
        """Ask the daemon to do ``verb``; returns what it says at the end.

        Events on the way go to ``show``, or out as JSON lines; ``at_end`` is
        called when there are no more, however it ended. Ctrl-C asks the daemon
        to stop and raises Interrupted with what was committed.
        """
        answer = ask(self.place, "POST", f"/v1/{verb}", arguments)
        return self._run(answer, show, progress, at_end)

    def pipe_in(
        self,
        verb: str,
        arguments: dict[str, object],
        show: Show,
        progress: Progress | None = None,
    ) -> Fields:
        """The same for a call that takes standard input."""
        answer, pump = ask_piping(self.place, f"/v1/{verb}", arguments)
        try:
            return self._run(answer, show, progress, None)
        except Interrupted:
            raise pump.failed or Interrupted("stopped; nothing was stored") from None

    def _run(
        self,
        answer: Answer,
        show: Show | None,
        progress: Progress | None,
        at_end: Callable[[], None] | None,
    ) -> Fields:
        try:
            with stopping(answer):
                return self._follow(answer, show, progress)
        except Interrupted:
            if progress is None:
                raise
            raise progress.interrupted() from None
        finally:
            if progress is not None:
                progress.clear()
            answer.close()
            if at_end is not None:
                at_end()

    def look(self, what: str) -> Fields:
        """Ask the daemon something that changes nothing; with ``--json``, the answer goes out."""
        done = self.ask(what)
        if self.output.json:
            self.output.event("done", done.values)
        return done

    def ask(self, what: str) -> Fields:
        """The same for what a command wants to know by the way: nothing goes out."""
        answer = ask(self.place, "GET", f"/v1/{what}", timeout=LOOK_TIME)
        try:
            for line in answer.lines():
                kind, value = read_event(line)
                if kind == "error":
                    raise told(Fields(value).values)
                if kind == "done":
                    return Fields(value)
        finally:
            answer.close()
        raise gone()

    def pour(
        self,
        verb: str,
        arguments: dict[str, object],
        write: Callable[[bytes], object] | None = None,
    ) -> None:
        """Ask the daemon for bytes and write them as they come, to standard output or ``write``."""
        answer = ask(self.place, "POST", f"/v1/{verb}", arguments)
        try:
            with stopping(answer):
                if not answer.is_bytes:
                    self._follow(answer, None, None)
                    return
                for kind, value in read_asides(answer):
                    self._aside(kind, value)
                for data in answer.data():
                    (write or self.output.data)(data)
        finally:
            answer.close()

    def _follow(self, answer: Answer, show: Show | None, progress: Progress | None) -> Fields:
        for line in answer.lines():
            kind, value = read_event(line)
            if kind == "error":
                raise told(Fields(value).values)
            if kind == "progress":
                if progress is not None:
                    progress.update(Fields(value))
                continue
            if progress is not None:
                progress.clear()
            if self.output.json:
                self.output.raw(line)
            elif kind == "away":
                self._aside(kind, value)
                continue
            if kind == "done":
                return Fields(value)
            if show is not None and not self.output.json:
                show(kind, Fields(value))
        raise gone()

    def _aside(self, kind: str, value: object) -> None:
        """What a person should know beside the results: so far, that a home is away."""
        if kind == "away":
            from frontends.cli.terminal import moment

            said = Fields(value)
            then, how = moment(said.number("time")), "as a replica of it has it"
            if said.has("confirmed"):
                how = f"kept here and last confirmed on {moment(said.number('confirmed'))}"
            self.output.note(
                f"holdfast: the home of {said.text('who')} cannot be reached: this is as it was on "
                f"{then}, {how}"
            )


@contextmanager
def stopping(answer: Answer) -> Iterator[None]:
    """The first Ctrl-C asks the daemon to stop and waits for its last words; the second leaves.

    No exception is raised for the first, so that reading goes on where it was.
    """
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        answer.stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
