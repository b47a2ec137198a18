"""Moving house: another node becomes the home of who is signed in; and following them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import trio

from client.identity.account import account, prove
from client.identity.attempt import Attempt
from client.identity.whereabouts import replicas_of
from client.moving.house import Moved, Wish, copied_from, lacking, moved_without
from client.moving.house import move as move_with
from client.moving.missing import Lack, code_of
from client.moving.opening import opened_by, opened_here
from client.moving.rehoming import at_home_of
from client.session import Session
from formats.base58 import base58
from formats.errors import HoldfastError, NotFound, Usage
from formats.whereabouts import Home
from frontends.api.account import who_is
from frontends.api.accounts import entries, keep_entry
from frontends.api.homes import Homes, parse_at
from frontends.api.network import own_home
from frontends.api.presence import arrive
from frontends.api.proving import go_on
from frontends.api.reply import Json, Reply
from frontends.api.state import Person, State
from frontends.telling import tell


@dataclass(frozen=True, slots=True)
class Moving:
    """``to``: an invite, a node's address, or a replica (its peer id, or a part of it).

    ``name``: of the account there, where it cannot be the same. ``without_old_home``: it is gone;
    a replica takes its place. Then ``accept`` is the code of what that lacks, as it was shown;
    without it, it is shown and nothing is done. ``source``: a replica that a node which has nothing
    of the account copies all of it from first, where the old home is gone.
    """

    to: str
    password: str
    name: str | None = None
    without_old_home: bool = False
    accept: str | None = None
    source: str | None = None


async def move(state: State, asked: Moving, reply: Reply) -> Json:
    """Make another node your home; what was cut off goes on when it is asked again."""
    session = state.session
    await state.listening.wait()
    to, invite = await _target(state, session, asked.to)
    wish = Wish(to, invite, asked.name or session.name)
    if asked.without_old_home:
        return await _without(state, session, wish, asked, reply)
    if asked.accept is not None or asked.source is not None:
        raise Usage("there is something to accept, or to copy from, only without the old home")

    total = (await account(session)).usage.used

    async def then(attempt: Attempt, reply: Reply) -> Json:
        opened = opened_by(session, attempt)
        tell = partial(show_step, reply, total)
        async with state.signing:
            moved = await move_with(session, opened, wish, tell)
            return {"moved": True, **await arrived(state, moved)}

    return await go_on(state, await prove_where_it_is(session, asked.password), then, reply)


async def prove_where_it_is(session: Session, password: str) -> Attempt:
    """The password, shown at the node where the session is: also after a move was cut off."""
    home = session.line.homes[0]
    if home.peer == session.whereabouts.home.peer:
        return await prove(session, password)
    return await Attempt.begin(session.around, home, session.name, password)


async def _without(state: State, session: Session, wish: Wish, asked: Moving, reply: Reply) -> Json:
    opened = await opened_here(session, asked.password)
    if asked.source is not None:
        source, tell = _replica(session, asked.source), partial(show_step, reply, 0)
        await copied_from(session, source, wish, tell)
    if asked.accept is None:
        found = await lacking(session, wish.to)
        return shown(found)
    async with state.signing:
        tell = partial(show_step, reply, 0)
        moved = await moved_without(session, opened, wish, asked.accept, tell)
        return {"moved": True, **await arrived(state, moved)}


async def arrived(state: State, moved: Moved, stay: bool = False) -> dict[str, Json]:
    """Whoever moved is signed in at the new home, and stays so as before, or from now on."""
    session = moved.session
    home = session.whereabouts.home
    await _keep(state, session, home, stay)
    await arrive(state, session)
    for event in moved.events:
        state.note_news(str(event))
    return {**who_is(session), "problems": [tell(each) for each in moved.problems]}


async def _keep(state: State, session: Session, home: Home, stay: bool = False) -> None:
    before = await trio.to_thread.run_sync(entries(state).all)
    stay = stay or any(each.id == session.id and each.stay is not None for each in before)
    away = None if home.peer == (await own_home(state)).peer else home
    homes = Homes(state.place)
    await trio.to_thread.run_sync(homes.keep, session.name, away, base58(home.peer))
    await keep_entry(state, session, home, stay)


async def follow_home(state: State, person: Person) -> None:
    """Another device moved the account away: go on at the home that it named."""
    async with state.signing:
        session = person.session
        if state.people.get(session.id) is not person:
            return
        current = state.signed_in
        try:
            made = at_home_of(session, session.whereabouts)
            await _keep(state, made, made.whereabouts.home)
        except HoldfastError as error:
            state.note(error)
            return
        await arrive(state, made)
        if current is not None and current is not person:
            state.signed_in = current
        state.note_news(f"{made.name} has moved to another home; this machine goes on there")


async def _target(state: State, session: Session, to: str) -> tuple[Home, bytes | None]:
    """The node meant, and the invite's code if it was one; raises NotFound."""
    here = await own_home(state)
    if to.strip() == "here":
        return here, None
    if to.strip().startswith(("/", "holdfast-")):
        return parse_at(to)
    return _replica(session, to), None


def _replica(session: Session, which: str) -> Home:
    """The replica meant, by a part of its peer id; raises NotFound."""
    fits = [each for each in replicas_of(session.whereabouts) if which in base58(each.peer)]
    if len(fits) != 1:
        raise NotFound(
            f"'{which}' is no invite, no address, and none of your replicas",
            hint="ask whoever runs the new home for an invite; 'holdfast replicas' lists yours",
        )
    return fits[0]


def shown(found: Sequence[Lack]) -> dict[str, Json]:
    """What would be gone, and the code by which it is agreed to."""
    return {"moved": False, "code": code_of(found), "spaces": [_lack(each) for each in found]}


def _lack(each: Lack) -> Json:
    found = each.situation
    return {
        "there": found is not None,
        "fits": each.fits,
        "changes": each.changes,
        "seq": None if found is None else found.home.pointer.seq,
        "time": None if found is None else found.home.pointer.time,
    }


def show_step(reply: Reply, total: int, step: str, used: int) -> None:
    """How far a move is: the step, and bytes that are there of so many (0: not known)."""
    reply.progress({"step": step, "bytes": used, "total_bytes": total, "files": 0})
