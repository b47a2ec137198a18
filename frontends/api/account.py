"""Accounts: signup, login, logout, passwd, whoami."""

from collections.abc import Sequence
from dataclasses import dataclass

import trio

from client.identity.account import account, check_new, prove, replace_password
from client.identity.attempt import Attempt
from client.identity.device_secret import DeviceSecret
from client.identity.login import arrive as arrived
from client.identity.notices import notices as told
from client.identity.returning import open_with_password
from client.identity.signup import sign_up
from client.session import Session
from formats.base58 import base58
from formats.errors import Forged, TimedOut, Unreachable
from formats.handle import handle
from formats.whereabouts import Home
from frontends.api.accounts import entries, keep_entry
from frontends.api.around import surroundings
from frontends.api.finding import found
from frontends.api.homes import Homes, parse_at
from frontends.api.identity import renewed
from frontends.api.network import located, own_home
from frontends.api.presence import arrive, leave
from frontends.api.proving import go_on
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from protocols.accounts import Account, Notice


@dataclass(frozen=True, slots=True)
class SigningUp:
    """``at``: an invite, or the address of an open node; without it, this node.

    ``weak``: the password may be one that is easily guessed. ``device_secret``: whether to have
    one; null: where the node is somebody else's. ``stay``: stay signed in when the daemon starts
    again.
    """

    name: str
    password: str
    at: str | None = None
    weak: bool = False
    device_secret: bool | None = None
    stay: bool = False


@dataclass(frozen=True, slots=True)
class SigningIn:
    """``name``: of the account, or its handle: then its home is looked for in the network.

    ``at``: an invite or address of the account's node, where it is not known here.

    ``restored``: that node went back to a backup, and the person knows. ``device_secret``: its
    words, where this machine does not remember it; empty: the account has none any more.
    ``stay``: stay signed in when the daemon starts again.
    """

    name: str
    password: str
    at: str | None = None
    restored: bool = False
    device_secret: str | None = None
    stay: bool = False


@dataclass(frozen=True, slots=True)
class Passwords:
    """The password that is, and the one to be; ``weak``: which may be easily guessed.

    ``rotate``: renew the identity keys with it, so that who has the old password and a copy of
    what the home kept has nothing, whatever that home does.
    """

    old: str
    new: str
    weak: bool = False
    rotate: bool = False


async def signup(state: State, asked: SigningUp, _reply: Reply) -> Json:
    """Make an account and sign in to it; says the words of its device secret, if it has one."""
    async with state.signing:
        home, code = await _home(state, asked.name, asked.at, new=True)
        device = await drawn_secret(state, asked.device_secret, home)
        session = await sign_up(
            surroundings(state), home, asked.name, asked.password, code, asked.weak, device
        )
        await settle(state, session, home, asked.stay)
    return {**who_is(session), "device_secret": None if device is None else device.words}


async def login(state: State, asked: SigningIn, reply: Reply) -> Json:
    """Sign in."""
    name, stranger = asked.name, None
    if "~" in name:
        stranger = await found(state, name)
        name = stranger.person.whereabouts.name
    if stranger is not None and asked.at is None:
        home = stranger.person.whereabouts.home
    else:
        home, _ = await _home(state, name, asked.at, new=False)

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        async with state.signing:
            session = await arrived(attempt, asked.restored)
            if stranger is not None and session.id != stranger.person.id:
                await session.aclose()
                raise Forged("that home signed you in as somebody else than the handle says")
            await settle(state, session, home, asked.stay)
        return {**who_is(session), "notices": await _heard(session)}

    around, device = surroundings(state), None
    if asked.device_secret:
        device = DeviceSecret.read(asked.device_secret)
    elif asked.device_secret is not None:
        around.remembered.keep_secret(name, home.peer, None)
    try:
        attempt = await Attempt.begin(around, home, name, asked.password, device)
    except (Unreachable, TimedOut):
        entry = entries(state).find(name, home.peer)
        if entry is None:
            raise
        async with state.signing:
            session = await open_with_password(around, entry, asked.password, device)
            await settle(state, session, home, asked.stay)
        return {**who_is(session), "offline": True}
    return await go_on(state, attempt, then, reply)


async def logout(state: State, _asked: object, _reply: Reply) -> Json:
    """Sign out; says who it was. What this machine kept of the account to come back goes too."""
    async with state.signing:
        session = state.session
        await trio.to_thread.run_sync(entries(state).remove, session.id)
        await leave(state, session.id)
    return who_is(session)


async def passwd(state: State, asked: Passwords, reply: Reply) -> Json:
    """Change the password of who is signed in."""
    session = state.session

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        if asked.rotate:
            await check_new(session, asked.new, asked.weak)
            return who_is(await renewed(state, session, attempt, asked.new, lost=True))
        async with state.signing:
            await replace_password(session, attempt, asked.new, asked.weak)
            await keep_entry(state, session, session.whereabouts.home)
        return who_is(session)

    return await go_on(state, await prove(session, asked.old), then, reply)


async def whoami(state: State) -> Json:
    """Who is signed in, where they live, and how much they use."""
    session = state.session
    return {**who_is(session), **standing(await account(session))}


async def _home(state: State, name: str, at: str | None, new: bool) -> tuple[Home, bytes | None]:
    """The node meant, and the invite's code. Whoever signs up here tells people where here is."""
    here = await own_home(state)
    if at is not None:
        return parse_at(at)
    if new:
        await state.listening.wait()
        return await own_home(state), None
    return Homes(state.place).find(name) or here, None


async def drawn_secret(state: State, wanted: bool | None, home: Home) -> DeviceSecret | None:
    """A new device secret if there is to be one: unless it is said, where the home is another's."""
    away = home.peer != (await own_home(state)).peer
    return DeviceSecret.generate() if (away if wanted is None else wanted) else None


async def settle(state: State, session: Session, home: Home, stay: bool) -> None:
    """Somebody has signed in: remember where, and what brings them back; they are here now."""
    here = await own_home(state)
    away = None if home.peer == here.peer else home
    homes = Homes(state.place)
    await trio.to_thread.run_sync(homes.keep, session.name, away, base58(home.peer))
    await keep_entry(state, session, home, stay)
    await arrive(state, session)


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
        "notices": _said(notices),
    }


async def _heard(session: Session) -> list[Json]:
    """What whoever runs the home says; nothing if it has gone meanwhile: it is told later."""
    try:
        return _said(await told(session))
    except (Unreachable, TimedOut):
        return []


def _said(notices: Sequence[Notice]) -> list[Json]:
    return [{"time": each.time, "text": each.text} for each in notices]


def who_is(session: Session) -> dict[str, Json]:
    """Who that is, and where they live."""
    return {
        "name": session.name,
        "handle": handle(session.name, session.id),
        "home": located(session.whereabouts.home),
    }
