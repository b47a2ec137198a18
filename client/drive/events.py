"""What a long verb tells while it works: small values that a frontend prints.

A byte is counted when it is durable: at the home for ``upload``, on the local
disk as far as a file is in its place for ``download``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from client.drive.entry import Kind
from formats.errors import Conflict, HoldfastError, Partial


@dataclass(frozen=True, slots=True)
class Started:
    """It has begun. ``verb`` is "upload", "download", "copy"."""

    verb: str


@dataclass(frozen=True, slots=True)
class FileDone:
    """A file, folder or link is in its place. ``path`` is where; ``size`` in bytes."""

    path: str
    kind: Kind
    size: int = 0


@dataclass(frozen=True, slots=True)
class KeptBoth:
    """Somebody else changed the file at ``path`` meanwhile: what was put is ``beside`` it."""

    path: str
    beside: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something was left out, and why. ``path`` is where it would have come from."""

    path: str
    error: HoldfastError

    @property
    def reason(self) -> str:
        """Why, in words."""
        return self.error.message


@dataclass(frozen=True, slots=True)
class Progress:
    """Where it is. Totals are 0 until everything was found.

    ``resumed``: of ``bytes``, those that an earlier run had moved.
    """

    files: int
    bytes: int
    total_files: int = 0
    total_bytes: int = 0
    path: str = ""
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """It has ended. ``resumed``: of ``bytes``, those that an earlier run had moved."""

    files: int = 0
    folders: int = 0
    links: int = 0
    bytes: int = 0
    skipped: tuple[Skipped, ...] = ()
    unchanged: int = 0
    resumed: int = 0
    kept_both: int = 0
    """Of ``files``, those that are beside a version that somebody else made meanwhile."""


Event: TypeAlias = Started | FileDone | KeptBoth | Skipped | Progress | Summary
OnEvent: TypeAlias = Callable[[Event], Awaitable[None]]

MAX_SKIPPED_KEPT: Final = 1000
"""Skipped things that a summary lists; all of them are told as they happen."""


class LeftOut(Exception):
    """Inside a long verb: this one thing cannot be done, for a reason that spares the rest."""

    def __init__(self, error: HoldfastError) -> None:
        super().__init__(error.message)
        self.error = error


async def nobody(_event: Event) -> None:
    """For whoever does not listen."""


@dataclass(slots=True)
class Told:
    """Counts what is told, and passes it on."""

    on_event: OnEvent
    files: int = 0
    folders: int = 0
    links: int = 0
    bytes: int = 0
    total_files: int = 0
    total_bytes: int = 0
    all_found: bool = False
    resumed: int = 0
    skipped_count: int = 0
    unchanged: int = 0
    kept: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    async def kept_both(self, path: str, beside: str, size: int) -> None:
        """A file is beside the one whose place it should have taken."""
        self.kept += 1
        await self.on_event(KeptBoth(path, beside))
        await self.done(beside, Kind.FILE, size)

    async def done(self, path: str, kind: Kind, size: int = 0) -> None:
        """Something is in its place. Its bytes were counted before, as they came."""
        if kind is Kind.FILE:
            self.files += 1
        elif kind is Kind.LINK:
            self.links += 1
        else:
            self.folders += 1
        await self.on_event(FileDone(path, kind, size))

    async def moved(self, size: int, path: str = "") -> None:
        """Bytes became durable."""
        self.bytes += size
        known = self.all_found
        await self.on_event(
            Progress(
                self.files,
                self.bytes,
                self.total_files if known else 0,
                self.total_bytes if known else 0,
                path,
                self.resumed,
            )
        )

    async def skip(self, path: str, error: HoldfastError) -> None:
        """Something is left out; the rest goes on."""
        event = Skipped(path, error)
        self.skipped_count += 1
        if len(self.skipped) < MAX_SKIPPED_KEPT:
            self.skipped.append(event)
        await self.on_event(event)

    def same(self, size: int) -> None:
        """A file that was found need not be moved: it is there as it is here."""
        self.unchanged += 1
        self.total_files -= 1
        self.total_bytes -= size

    def was_there(self, size: int) -> None:
        """A file whose bytes were counted as they were compared is there as it is here."""
        self.bytes -= size
        self.resumed = max(0, self.resumed - size)
        self.same(size)

    def already(self, size: int) -> None:
        """Bytes that are about to be counted were moved by an earlier run."""
        self.resumed += size

    def found(self, size: int) -> None:
        """A file was found that will be moved."""
        self.total_files += 1
        self.total_bytes += size

    async def end(self) -> Summary:
        """Tell the summary. Raises Partial if something was left out.

        When it was the only thing there was to do, its own error is raised. If all was
        done, and some of it beside what others made meanwhile, Conflict.
        """
        skipped, unchanged = tuple(self.skipped), self.unchanged
        sums = self.files, self.folders, self.links, self.bytes
        summary = Summary(*sums, skipped, unchanged, self.resumed, self.kept)
        await self.on_event(summary)
        done = self.files or self.folders or self.links or unchanged
        if self.skipped_count == 1 and not done:
            raise self.skipped[0].error
        if self.skipped_count:
            raise Partial(f"{self.skipped_count} of what was asked for could not be done")
        if self.kept:
            raise kept_both(self.kept)
        return summary


def kept_both(count: int) -> Conflict:
    """For a verb that did everything, and some of it beside what others made meanwhile."""
    files = "1 file was" if count == 1 else f"{count} files were"
    return Conflict(
        f"{files} changed by somebody else meanwhile; both are kept",
        hint="compare them, and remove or rename one: yours has '(conflict from' in its name",
    )
