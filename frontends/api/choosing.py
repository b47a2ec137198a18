"""Choosing a password: judging one while it is typed, and making one by chance."""

from dataclasses import dataclass

import trio

from client.identity.strength import judge
from client.words.passphrase import passphrase as made
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Judging:
    """A password that somebody may choose, for an account of that ``name``. Kept nowhere."""

    password: str
    name: str = ""


async def verdict(_state: State, asked: Judging, _reply: Reply) -> Json:
    """How easily a password is guessed: the decimal logarithm of the tries it takes."""
    found = await trio.to_thread.run_sync(judge, asked.password, (asked.name,))
    return {"guesses": found.guesses, "weak": found.weak, "advice": list(found.advice)}


async def passphrase(_state: State, _asked: Nothing, _reply: Reply) -> Json:
    """A passphrase made by chance. Kept nowhere."""
    return {"passphrase": await trio.to_thread.run_sync(made)}
