"""What whoever runs one's home tells one, and what one writes to them."""

from dataclasses import dataclass

from client.identity.notices import notices, write
from client.session import Session
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from protocols.accounts import MAX_WAIT


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, at most 1,000 bytes. The home reads it as it is."""

    text: str


async def shown(state: State) -> Json:
    """What whoever runs one's home tells one, newest first."""
    found = await notices(state.session)
    return {"notices": [{"time": each.time, "text": each.text} for each in found]}


async def send(state: State, asked: Line, _reply: Reply) -> Json:
    """Write a line to whoever runs one's home; how many of one's own wait to be read."""
    return {"waiting": await write(state.session, asked.text)}


async def hear(state: State, session: Session) -> None:
    """Make news of what whoever runs the home says from now on, as soon as they say it."""
    newest = max((each.time for each in await notices(session)), default=0)
    while True:
        for each in reversed(await notices(session, newest, MAX_WAIT)):
            newest = max(newest, each.time)
            state.note_news(f"whoever runs your node says: {each.text}")
