"""Calls that take the password go on by themselves, or after a second factor was shown.

    login, passwd, …   {…, "password": …}   →  what they give, or
                                               {"asked": {"attempt": …, "code": …, "keys": […], …}}
    factor/code        {"attempt", "code"}  →  what the first call gives
    factor/backup, factor/key                  the same, each with a shape of its own

What the first call was to do waits with its attempt, for a few minutes, on its connection to
the home. A command line or a page needs nothing of its own but how it asks a person.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import trio

from crypto.secret import random_bytes
from formats.errors import Expired, HoldfastError, TooMany, Usage
from formats.paper import from_letters, to_letters
from frontends.api.reply import Json, Reply
from frontends.api.state import State

if TYPE_CHECKING:
    from client.identity.attempt import Attempt

WAITING_TIME: Final = 300.0
"""Seconds for which an attempt waits for what is asked."""

MOST: Final = 8
"""Attempts that wait at once."""

Then = Callable[["Attempt", Reply], Awaitable[Json]]
"""What is done then; told how far it is by the answer to the call that it is done in."""


@dataclass(frozen=True, slots=True)
class Code:
    """Six digits that an authenticator app shows."""

    attempt: str
    code: str


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup code, as it was written down."""

    attempt: str
    code: str


@dataclass(frozen=True, slots=True)
class Key:
    """What a security key answered, each in base64url: ``said`` is its authenticator data."""

    attempt: str
    credential: str
    client_data: str
    said: str
    signature: str


async def go_on(
    state: State, attempt: "Attempt", then: Then, reply: Reply, close: bool = True
) -> Json:
    """Do it now, if nothing else is asked; else say what is, and do it when that was shown.

    ``close``: the attempt is over when it is done, also when it failed.
    """
    await _clear(state)
    if attempt.asked is not None:
        return {"asked": _asked(keep(state, attempt, "", then, close), attempt)}
    done = False
    try:
        answer = await then(attempt, reply)
        done = True
    finally:
        if close or not done:
            await attempt.aclose()
    return answer


def keep(
    state: State, attempt: "Attempt", label: str, then: Then | None = None, close: bool = True
) -> str:
    """Have the attempt wait; returns the word by which it is gone on with. Raises TooMany."""
    if len(state.waiting) >= MOST:
        raise TooMany("too many attempts wait for a second factor", hint="wait five minutes")
    word = to_letters(random_bytes(12))
    state.waiting[word] = Waiting(attempt, label, then, close, _now() + WAITING_TIME)
    return word


async def _clear(state: State) -> None:
    """Close what waited for too long."""
    for word in [word for word, each in state.waiting.items() if each.until < _now()]:
        await state.waiting.pop(word).attempt.aclose()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An attempt that waits until then, and what it is for; ``label``: the name of a key to add."""

    attempt: "Attempt"
    label: str
    then: Then | None
    close: bool
    until: float


async def code(state: State, asked: Code, reply: Reply) -> Json:
    """Show an authenticator app's code, and go on with what asked for it."""
    return await _shown(state, asked.attempt, lambda attempt: attempt.show_code(asked.code), reply)


async def backup(state: State, asked: Backup, reply: Reply) -> Json:
    """Show a backup code, and go on with what asked for it."""
    return await _shown(
        state, asked.attempt, lambda attempt: attempt.show_backup(asked.code), reply
    )


async def key(state: State, asked: Key, reply: Reply) -> Json:
    """Show what a security key signed, and go on with what asked for it."""
    parts = (asked.credential, asked.client_data, asked.said, asked.signature)
    credential, client_data, said, signature = map(from_letters, parts)
    return await _shown(
        state,
        asked.attempt,
        lambda attempt: attempt.show_key(credential, client_data, said, signature),
        reply,
    )


async def _shown(
    state: State, word: str, show: Callable[["Attempt"], Awaitable[None]], reply: Reply
) -> Json:
    waiting = take(state, word)
    if waiting.then is None:
        raise Usage("that attempt waits for a key to be added", hint="call factors/key")
    try:
        await show(waiting.attempt)
    except HoldfastError:
        state.waiting[word] = waiting  # the home counts how often
        raise
    return await go_on(state, waiting.attempt, waiting.then, reply, waiting.close)


def take(state: State, word: str) -> Waiting:
    """The attempt of that word, which waits no more; raises Expired."""
    waiting = state.waiting.get(word)
    if waiting is None or waiting.until < _now():  # whose connection ``_clear`` closes
        raise Expired("that attempt is over", hint="begin again")
    del state.waiting[word]
    return waiting


def _asked(word: str, attempt: "Attempt") -> dict[str, Json]:
    wanted = attempt.asked
    if wanted is None:
        return {"attempt": word}
    return {
        "attempt": word,
        "name": attempt.name,
        "code": wanted.code,
        "keys": [to_letters(each) for each in wanted.keys],
        "challenge": to_letters(attempt.challenge),
        "backups": wanted.backups,
        "tries": wanted.tries,
    }


def _now() -> float:
    return trio.current_time()
