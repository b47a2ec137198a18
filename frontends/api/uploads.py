"""A file that is sent in order and goes on where it broke off: upload."""

from dataclasses import dataclass

from client.drive.arriving import Arriving, arrived, take
from client.drive.header import MAX_TIME, MIN_TIME
from formats.errors import TooLarge, Usage
from formats.limits import FILE
from frontends.api.incoming import Incoming
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import NS_A_MS, Transfer, summed


@dataclass(frozen=True, slots=True)
class Beginning:
    """``to``: the file in the drive. ``size`` in bytes. ``mark``: another one for other content.

    The name, size and time of a file where it is read, say.
    """

    to: str
    size: int
    mark: str


@dataclass(frozen=True, slots=True)
class Sending:
    """As for ``upload/begin``, with the ``offset`` that it said; ``modified`` in ms."""

    to: str
    size: int
    mark: str
    offset: int = 0
    modified: int | None = None
    each: bool = False


async def begin(state: State, asked: Beginning, _reply: Reply) -> Json:
    """Where to go on with a file of that size: how many bytes from its beginning are here."""
    return {"offset": await arrived(state.drive, _coming(asked))}


async def upload(state: State, asked: Sending, reply: Reply, incoming: Incoming) -> Json:
    """The bytes of the body, from an offset to the end of a file; what breaks off is kept."""
    told = Transfer(reply, asked.each)
    coming = _coming(asked, time_of(asked.modified))
    return summed(await take(state.drive, incoming.piped, coming, asked.offset, told))


def time_of(modified: int | None) -> int | None:
    """Milliseconds of a caller in nanoseconds; raises Usage for what no file can have."""
    if modified is None:
        return None
    if not MIN_TIME <= modified * NS_A_MS <= MAX_TIME:
        raise Usage("a time is out of range")
    return modified * NS_A_MS


def _coming(asked: Beginning | Sending, modified: int | None = None) -> Arriving:
    if asked.size < 0 or (isinstance(asked, Sending) and not 0 <= asked.offset <= asked.size):
        raise Usage("a size or an offset is out of range")
    if asked.size > FILE:
        raise TooLarge(f"a file of {asked.size} bytes: {FILE} are the most")
    return Arriving(asked.to, asked.size, asked.mark, modified)
