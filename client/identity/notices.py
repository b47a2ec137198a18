"""What whoever runs my home tells me, and what I write to them. Nothing of it is sealed: the home
reads it as it is, so it is told apart from what friends send, which no home can read or write.
"""

from client.home import Connected
from client.session import Session
from protocols.accounts import MAX_WAIT, AwaitNotices, Notice, Write


async def notices(session: Session, after: int = 0, wait: int = 0) -> tuple[Notice, ...]:
    """What is told to me since ``after`` (ms), newest first; waits up to ``wait`` ms for some."""
    request = AwaitNotices(session.id, after, min(wait, MAX_WAIT))

    async def ask(connected: Connected) -> tuple[Notice, ...]:
        return (await connected.doors.accounts.notices(request)).notices

    return await session.line.call(ask)


async def write(session: Session, text: str) -> int:
    """A line to whoever runs my home; how many of mine wait. Raises Usage, TooMany."""
    request = Write(session.id, text)

    async def ask(connected: Connected) -> int:
        return (await connected.doors.accounts.write(request)).waiting

    return await session.line.call(ask)
