"""Accounts: signup, login, logout, passwd, whoami."""

from dataclasses import dataclass

import trio

from client.identity.account import account, change_password
from client.identity.login import sign_in
from client.identity.signup import sign_up
from client.session import Session
from formats.base58 import base58
from formats.errors import Forged, Unfit
from formats.handle import handle
from formats.whereabouts import Home
from frontends.api.around import surroundings
from frontends.api.finding import found
from frontends.api.homes import Homes, parse_at
from frontends.api.network import own_home
from frontends.api.presence import arrive, leave
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from protocols.accounts import Account


@dataclass(frozen=True, slots=True)
class SigningUp:
    """``at``: an invite, or the address of an open node; without it, this node.

    ``weak``: the password may be one that is easily guessed.
    """

    name: str
    password: str
    at: str | None = None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class SigningIn:
    """``name``: of the account, or its handle: then its home is looked for in the network.

    ``at``: an invite or address of the account's node, where it is not known here.

    ``restored``: that node went back to a backup, and the person knows.
    """

    name: str
    password: str
    at: str | None = None
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Passwords:
    """The password that is, and the one to be; ``weak``: which may be easily guessed."""

    old: str
    new: str
    weak: bool = False


async def signup(state: State, asked: SigningUp, _reply: Reply) -> Json:
    """Make an account and sign in to it."""
    async with state.signing:
        _check_free(state, asked.name)
        home, code = await _home(state, asked.name, asked.at, new=True)
        session = await sign_up(
            surroundings(state), home, asked.name, asked.password, code, asked.weak
        )
        await _settle(state, session, home)
    return _who(session)


async def login(state: State, asked: SigningIn, _reply: Reply) -> Json:
    """Sign in."""
    name, stranger = asked.name, None
    if "~" in name:
        stranger = await found(state, name)
        name = stranger.person.whereabouts.name
    async with state.signing:
        _check_free(state, name)
        if stranger is not None and asked.at is None:
            home = stranger.person.whereabouts.home
        else:
            home, _ = await _home(state, name, asked.at, new=False)
        around = surroundings(state)
        session = await sign_in(around, home, name, asked.password, asked.restored)
        if stranger is not None and session.id != stranger.person.id:
            await session.aclose()
            raise Forged("that home signed you in as somebody else than the handle says")
        await _settle(state, session, home)
    return _who(session)


async def logout(state: State, _asked: object, _reply: Reply) -> Json:
    """Sign out; says who it was."""
    async with state.signing:
        who = _who(state.session)
        await leave(state)
    return who


async def passwd(state: State, asked: Passwords, _reply: Reply) -> Json:
    """Change the password of who is signed in."""
    session = state.session
    async with state.signing:
        await change_password(session, asked.old, asked.new, asked.weak)
    return _who(session)


async def whoami(state: State) -> Json:
    """Who is signed in, where they live, and how much they use."""
    session = state.session
    return {**_who(session), **standing(await account(session))}


async def _home(state: State, name: str, at: str | None, new: bool) -> tuple[Home, bytes | None]:
    """The node meant, and the invite's code. Whoever signs up here tells people where here is."""
    here = await own_home(state)
    if at is not None:
        return parse_at(at)
    if new:
        await state.listening.wait()
        return await own_home(state), None
    return Homes(state.place).find(name) or here, None


async def _settle(state: State, session: Session, home: Home) -> None:
    here = await own_home(state)
    away = None if home.peer == here.peer else home
    homes = Homes(state.place)
    await trio.to_thread.run_sync(homes.keep, session.name, away, base58(home.peer))
    await arrive(state, session)


def _check_free(state: State, name: str) -> None:
    if state.signed_in is not None and state.signed_in.session.name != name:
        raise Unfit(
            f"{state.signed_in.session.name} is signed in here",
            hint="run 'holdfast logout' first, or start another daemon with --home",
        )


def standing(found: Account) -> dict[str, Json]:
    """How an account stands at its home: bytes, and what the home's owner says to its people."""
    used, notices = found.usage, found.notices
    return {
        "usage": {
            "used": used.used,
            "reserved": used.reserved,
            "quota": used.limit,
            "warning": used.warning,
        },
        "notices": [{"time": each.time, "text": each.text} for each in notices],
    }


def _who(session: Session) -> dict[str, Json]:
    home = session.whereabouts.home
    return {
        "name": session.name,
        "handle": handle(session.name, session.id),
        "home": {"peer": base58(home.peer), "addresses": list(home.addresses)},
    }
