"""Being found by strangers: a choice, off until it is made. One's home publishes and counts."""

from dataclasses import dataclass

from client.home import Connected, HomeLine
from client.session import Session
from protocols.directory import Announce, Announced, Hint


@dataclass(frozen=True, slots=True)
class Announcement:
    """Whether one is published; of ``asked`` nodes ``stored`` said at ``time`` that they keep it.

    ``time`` in milliseconds; None: it did not succeed since the home was started.
    """

    public: bool
    stored: int
    asked: int
    time: int | None


async def announce(
    session: Session, public: bool | None, hints: tuple[Hint, ...] = ()
) -> Announcement:
    """Be published from now on, or no more; None: only say how it stands.

    Raises Unreachable when one's home is.
    """
    return await announce_at(session.line, session.id, public, hints)


async def announce_at(
    line: HomeLine, id: bytes, public: bool | None, hints: tuple[Hint, ...] = ()
) -> Announcement:
    """The same at a home of one's own; the daily key is shown on the line."""
    request = Announce(id, public, hints)

    async def ask(connected: Connected) -> Announced:
        return await connected.doors.directory.announce(request)

    told = await line.call(ask)
    return Announcement(told.public, told.stored, told.asked, told.time)
