"""What whoever runs the node tells those who live on it."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from frontends.api.reply import Json, Reply
from frontends.api.state import State

if TYPE_CHECKING:
    from node.notices import Kept


@dataclass(frozen=True, slots=True)
class Telling:
    """One line of text, for the account named ``to``, or for everybody."""

    text: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A message, by its number in the list."""

    number: int


async def messages(state: State) -> Json:
    """What is told to those who live here, oldest first."""
    node = await state.node.wait()
    from node.notices import kept

    return {"messages": [_told(each) for each in await node.store.read(kept)]}


async def send(state: State, asked: Telling, _reply: Reply) -> Json:
    """Tell everybody who lives here, or one of them, something."""
    node = await state.node.wait()
    from node.notices import tell

    work = partial(tell, to=asked.to, text=asked.text, now=node.clock.now_ms())
    return _told(await node.store.write(work))


async def remove(state: State, asked: Numbered, _reply: Reply) -> Json:
    """Stop telling it."""
    node = await state.node.wait()
    from node.notices import withdraw

    return _told(await node.store.write(partial(withdraw, number=asked.number)))


def _told(each: "Kept") -> dict[str, Json]:
    return {"number": each.number, "time": each.time, "to": each.to, "text": each.text}
