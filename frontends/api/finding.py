"""Finding people and being found: whois, publish; and handles where others take cards or names."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Final

import trio

from client.identity.announce import announce
from client.session import Surroundings
from client.sharing.public import said_by
from client.social.contacts import Contact
from client.social.contacts import contacts as everybody
from client.social.owners import refresh
from client.social.strangers import Stranger, hints_of, parse_who, seek, the_one
from formats.base58 import base58
from formats.errors import HoldfastError, NotSignedIn, TimedOut, Unreachable
from formats.handle import Handle
from formats.identity import IdentityChain
from formats.whereabouts import Home
from frontends.api.around import surroundings
from frontends.api.reply import Json, Reply
from frontends.api.state import State

PATIENCE: Final = 10.0
"""Seconds for somebody's home to say what they say of themselves."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody by handle, by id, or by the name I gave them."""

    who: str


@dataclass(frozen=True, slots=True)
class Publishing:
    """Whether to be found by strangers; without it, only say how it stands."""

    public: bool | None = None


async def whois(state: State, asked: Whom, reply: Reply) -> Json:
    """Who somebody is, and where: friends from their home, others from the network."""
    friends = await _friends(state)
    friend = _among(friends, asked.who)
    if friend is not None:
        await reply.events("person", [await _friend(state, friend)])
        return {}
    found = await seek(await around(state), parse_who(asked.who), friends)
    if not found:
        the_one(found, asked.who)
    await reply.events("person", [await _stranger(state, each) for each in found])
    return {}


async def publish(state: State, asked: Publishing, _reply: Reply) -> Json:
    """Be found by strangers, or no more; say how many nodes keep my record."""
    session = state.session
    told = await announce(session, asked.public, hints_of(await _friends(state)))
    return {"public": told.public, "stored": told.stored, "asked": told.asked, "time": told.time}


async def found(state: State, handle: str) -> Stranger:
    """The one person of that handle or id; raises NotFound, Forked, Unreachable."""
    return the_one(
        await seek(await around(state), parse_who(handle), await _friends(state)), handle
    )


async def around(state: State) -> Surroundings:
    """What is given to who looks for somebody: once there is a network."""
    await state.listening.wait()
    return surroundings(state)


async def _friends(state: State) -> list[Contact]:
    try:
        session = state.session
    except NotSignedIn:
        return []
    return await everybody(session)


def _among(friends: list[Contact], who: str) -> Contact | None:
    """The friend of that name, handle (however it is written) or id."""
    for friend in friends:
        if who in (friend.name, friend.handle):
            return friend
    if "~" not in who and len(who) != 64:
        return None
    meant = parse_who(who)
    for friend in friends:
        fits = isinstance(meant, Handle) and meant.matches(friend.id)
        if friend.id == meant or (fits and str(meant) == friend.handle):
            return friend
    return None


async def _friend(state: State, friend: Contact) -> Json:
    """What their home says now; what is known here when it does not answer."""
    confirmed = True
    try:
        friend = await refresh(state.session, friend.id)
    except (Unreachable, TimedOut):
        confirmed = False
    told = _told(friend.handle, friend.id, friend.reach.homes)
    says = await _says(state, friend.chain, friend.reach.homes) if confirmed else None
    return {**told, "contact": friend.name, "confirmed": confirmed, "time": None, "says": says}


async def _stranger(state: State, each: Stranger) -> Json:
    person = each.person
    told = _told(each.handle, person.id, person.whereabouts.homes)
    says = await _says(state, person.chain, person.whereabouts.homes)
    return {**told, "contact": None, "confirmed": True, "time": each.time, "says": says}


async def _says(state: State, chain: IdentityChain, homes: tuple[Home, ...]) -> Json:
    """Their public fields; null if their home does not answer or shows nothing that holds."""
    signed_in = state.signed_in
    marks = None if signed_in is None else signed_in.session.marks
    try:
        with trio.fail_after(PATIENCE):
            said = await said_by(await around(state), chain, homes, marks)
    except HoldfastError as error:
        state.note(error)
        return None
    except trio.TooSlowError:
        return None
    picture = None if said.picture is None else b64encode(said.picture).decode()
    return {"name": said.name, "text": said.text, "links": said.links, "picture": picture}


def _told(handle: str, id: bytes, homes: tuple[Home, ...]) -> dict[str, Json]:
    where: list[Json] = [
        {"peer": base58(home.peer), "role": str(home.role), "addresses": list(home.addresses)}
        for home in homes
    ]
    return {"handle": handle, "id": id.hex(), "homes": where}
