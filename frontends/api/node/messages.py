"""What whoever runs the node tells those who live on it."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from frontends.api.reply import Json, Reply
from frontends.api.state import State

if TYPE_CHECKING:
    from node.letters import Letter
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
    from node.core import Told
    from node.notices import tell

    work = partial(tell, to=asked.to, text=asked.text, now=node.clock.now_ms())
    told = _told(await node.store.write(work))
    node.core.signals.fire(Told())
    return told


async def remove(state: State, asked: Numbered, _reply: Reply) -> Json:
    """Stop telling it."""
    node = await state.node.wait()
    from node.notices import withdraw

    return _told(await node.store.write(partial(withdraw, number=asked.number)))


@dataclass(frozen=True, slots=True)
class Read:
    """A line of the account named ``who``, by its number in the list."""

    who: str
    number: int


async def inbox(state: State) -> Json:
    """What those who live here wrote to whoever runs the node, by account, oldest first."""
    node = await state.node.wait()
    from node.letters import letters

    return {"messages": [_letter(each) for each in await node.store.read(letters)]}


async def read(state: State, asked: Read, _reply: Reply) -> Json:
    """One of them was read: it is kept no longer."""
    node = await state.node.wait()
    from node.letters import remove

    return _letter(await node.store.write(partial(remove, name=asked.who, number=asked.number)))


def _letter(each: "Letter") -> dict[str, Json]:
    return {"who": each.name, "number": each.number, "time": each.time, "text": each.text}


def _told(each: "Kept") -> dict[str, Json]:
    return {"number": each.number, "time": each.time, "to": each.to, "text": each.text}
