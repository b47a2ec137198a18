"""The accounts of one daemon: who is signed in, who could be, who calls are about; locking them.

signed in   the keys are in this process; inbox and whereabouts are looked after
locked      the keys are not: the password opens them again, also without the home
signed out  nothing is kept here of the account but where it lives and its device secret
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from client.identity.entry import Entries, Entry
from client.identity.returning import entry_of, open_stayed
from client.private_file import write_private
from client.session import Session
from formats.base58 import base58
from formats.errors import HoldfastError, NotFound, StorageFailed, Usage
from formats.handle import handle
from formats.whereabouts import Home
from frontends.api.around import surroundings
from frontends.api.homes import Homes
from frontends.api.presence import arrive, leave
from frontends.api.reply import Json, Reply
from frontends.api.state import State

LOOK_EVERY: Final = 5.0
"""Seconds between two looks at whether it is time to lock."""

MOST_IDLE: Final = 365 * 24 * 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Switching:
    """Whom calls are about from now on: a name, or a handle where two have one name."""

    who: str


@dataclass(frozen=True, slots=True)
class Locking:
    """``after``: lock by itself after so many seconds without a call; 0: never. Without it: now."""

    after: int | None = None


def entries(state: State) -> Entries:
    """What is kept here of accounts."""
    return Entries(Homes(state.place).folder)


async def keep_entry(state: State, session: Session, home: Home, stay: bool | None = None) -> None:
    """Keep what brings the session back; ``stay`` None: as it was."""
    kept = entries(state)
    if stay is None:
        before = await trio.to_thread.run_sync(kept.find, session.name, home.peer)
        stay = before is not None and before.stay is not None
    entry = entry_of(session, home, kept.key if stay else None)
    if entry is not None:
        await trio.to_thread.run_sync(kept.put, entry)


async def accounts(state: State) -> Json:
    """Which accounts there are here: signed in or locked, and which one calls are about."""
    found = await trio.to_thread.run_sync(entries(state).all)
    kept = {entry.id: _told(state, entry) for entry in found}
    return {"accounts": list(kept.values()), "lock_after": await idle_limit(state)}


def _told(state: State, entry: Entry) -> Json:
    person = state.people.get(entry.id)
    return {
        "name": entry.name,
        "handle": handle(entry.name, entry.id),
        "home": base58(entry.home.peer),
        "signed_in": person is not None,
        "current": person is not None and person is state.signed_in,
        "stay": entry.stay is not None,
    }


async def switch(state: State, asked: Switching, _reply: Reply) -> Json:
    """Have calls be about another account that is signed in."""
    async with state.signing:
        fits = [
            person
            for id, person in state.people.items()
            if asked.who in (person.session.name, handle(person.session.name, id))
        ]
        if not fits:
            raise NotFound(
                f"'{asked.who}' is not signed in here",
                hint=f"'holdfast accounts list' shows who is; 'holdfast login {asked.who}'",
            )
        if len(fits) > 1:
            raise Usage(f"two accounts here are called '{asked.who}'", hint="name the handle")
        state.signed_in = fits[0]
        session = fits[0].session
        await trio.to_thread.run_sync(entries(state).used, session.id)
    return {"name": session.name, "handle": handle(session.name, session.id)}


async def lock(state: State, asked: Locking, _reply: Reply) -> Json:
    """Let go of all keys now, or by itself after a while; the password brings them back."""
    if asked.after is not None:
        if not 0 <= asked.after <= MOST_IDLE:
            raise Usage("after: out of range", hint=f"0 for never, or up to {MOST_IDLE} seconds")
        await trio.to_thread.run_sync(_write_limit, state, asked.after)
        return {"locked": [], "after": asked.after}
    return {"locked": list(await lock_all(state)), "after": await idle_limit(state)}


async def lock_all(state: State) -> tuple[str, ...]:
    """Lock everybody; returns their names."""
    async with state.signing:
        people = list(state.people.values())
        for person in people:
            await trio.to_thread.run_sync(entries(state).lock, person.session.id)
            await leave(state, person.session.id)
        for waiting in list(state.waiting.values()):
            await waiting.attempt.aclose()
        state.waiting.clear()
    return tuple(person.session.name for person in people)


async def lock_when_idle(state: State) -> None:
    """Lock everybody when nobody has asked for anything for as long as they said."""
    while True:
        await trio.sleep(LOOK_EVERY)
        limit = await idle_limit(state)
        idle = trio.current_time() - state.used
        if limit and state.people and not state.busy and idle >= limit:
            names = await lock_all(state)
            state.note_news(f"locked after {limit} s without a command: {', '.join(names)}")


async def resume(state: State) -> None:
    """Sign everybody in again who wanted to stay, the last used one last; raises nothing.

    What does not open any more is noted, and takes a sign-in.
    """
    kept = entries(state)
    for entry in await trio.to_thread.run_sync(kept.all):
        if entry.stay is None:
            continue
        try:
            async with state.signing:
                await arrive(state, open_stayed(surroundings(state), entry, kept.key))
        except HoldfastError as error:
            state.note(error)


async def idle_limit(state: State) -> int:
    """Seconds after which it locks by itself; 0: never."""
    try:
        return int(await trio.to_thread.run_sync(_limit_file(state).read_text, "ascii"))
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        raise StorageFailed(f"{_limit_file(state)} cannot be read: {error}") from None


def _limit_file(state: State) -> Path:
    return Homes(state.place).folder / "lock-after"


def _write_limit(state: State, seconds: int) -> None:
    write_private(_limit_file(state), f"{seconds}\n".encode("ascii"))
