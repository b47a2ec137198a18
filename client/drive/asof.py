"""A drive as it was: at a state by its number, at a time, or at a snapshot.

A drive of the past is a drive like any other whose space has one reading and takes no
commits. So whatever looks at a drive (ls, stat, find, du, cat, get) looks at the past.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from client.drive.drive import Alone, Drive, Forgetful
from client.keys import NodeKeys
from client.space.past import Was
from client.space.reading import Operation, Reading, Staging
from formats.errors import Denied, NotFound, Unfit
from formats.names import normalise_name

T = TypeVar("T")
MAX_SNAPSHOT: Final = 128
"""Bytes of the name of a snapshot."""
_LIST: Final = "'holdfast log' and 'holdfast snapshot --list' show what is kept"


@dataclass(frozen=True, slots=True)
class Number:
    """The state of this number."""

    seq: int


@dataclass(frozen=True, slots=True)
class Time:
    """The newest state that was made by then, in milliseconds since 1970."""

    time: int


@dataclass(frozen=True, slots=True)
class Name:
    """The newest snapshot of this name."""

    name: str


When = Number | Time | Name


async def find_state(drive: Drive, when: When) -> Was:
    """The state that is meant; raises NotFound where it is not kept (any more)."""
    states = await drive.past.states()
    if isinstance(when, Time):
        return _by_time(states, when.time)
    seq = when.seq if isinstance(when, Number) else await _of_snapshot(drive, when.name)
    for was in states:
        if was.seq == seq:
            return was
    raise NotFound(f"state {seq} is not kept (any more)", hint=_LIST)


async def drive_at(drive: Drive, when: When) -> Drive:
    """The drive as it was then. What others share is not part of it."""
    return drive_of(drive, await find_state(drive, when))


def drive_of(drive: Drive, was: Was) -> Drive:
    """The drive at one state."""
    made = was.made
    return replace(
        drive,
        space=Still(drive.past.reading(was)),
        now=lambda: made,
        shares=_NotThen(),
        past=Forgetful(),
    )


class _NotThen(Alone):
    """What others shared then, and folders with spaces of their own, are not part of it."""

    async def mounted(self, owner: bytes, space: bytes, keys: NodeKeys) -> Reading:
        """Such a folder has states of its own."""
        raise Denied(
            "what is shared for writing has states of its own",
            hint="name that folder itself, at a time",
        )


class Still:
    """A space that is only looked at: it has one reading and takes no commits."""

    def __init__(self, reading: Reading) -> None:
        self._reading: Final = reading

    async def reading(self) -> Reading:
        """The one there is."""
        return self._reading

    async def at_hand(self) -> Reading:
        """The one there is."""
        return self._reading

    async def commit(self, operation: Operation[T]) -> T:
        """Nobody changes what was."""
        raise _still()

    def staging(self) -> AbstractAsyncContextManager[Staging]:
        """Nor adds to it."""
        raise _still()

    async def open_staging(self) -> Staging:
        """Nor for later."""
        raise _still()

    def staged(self, session: bytes) -> Staging:
        """Nor goes on."""
        raise _still()

    async def close_staging(self, session: bytes) -> None:
        """There is none."""


def _still() -> Unfit:
    return Unfit("what was can be looked at, copied and restored, and not changed")


def check_snapshot(name: str) -> str:
    """``name`` in Unicode normal form C, if a snapshot can have it; raises BadName, Unfit.

    A name of a file, but shorter, and with something other than digits in it.
    """
    checked = normalise_name(name)
    if len(checked.encode()) > MAX_SNAPSHOT or checked.isdecimal():
        raise Unfit(
            "not a name for a snapshot",
            hint=f"up to {MAX_SNAPSHOT} bytes, with something other than digits in it",
        )
    return checked


async def _of_snapshot(drive: Drive, name: str) -> int:
    for pin in await drive.past.pins():
        if pin.name == name:
            return pin.seq
    raise NotFound(f"there is no snapshot '{name}'", hint=_LIST)


def _by_time(states: Sequence[Was], time: int) -> Was:
    for was in states:
        if was.made <= time:
            return was
    raise NotFound("nothing is kept from so long ago", hint=_LIST)
