"""Friends: card, follow, requests, accept, decline, contacts, and parting again."""

from dataclasses import dataclass

from client.recovery.giving import ended_for
from client.social import parting
from client.social.card import contact_card
from client.social.contacts import Contact
from client.social.contacts import contacts as everybody
from client.social.follow import Outcome, follow_found
from client.social.follow import accept as say_yes
from client.social.follow import decline as say_nothing
from client.social.follow import follow as ask_to_follow
from client.social.requests import Request
from client.social.requests import requests as waiting
from client.social.verifying import confirm, safety
from formats.base58 import base58
from formats.card import is_card
from frontends.api.finding import found
from frontends.api.reply import Json, Reply
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Following:
    """A card, or a handle or id. ``name``: what to call them; what they say without it."""

    card: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Accepting:
    """Who asked, by name or handle. ``back``: follow them too. ``name``: what to call them."""

    who: str
    back: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody, by name or handle."""

    who: str


@dataclass(frozen=True, slots=True)
class Verifying:
    """A contact. ``confirm``: true if the number was compared, false to take that back."""

    who: str
    confirm: bool | None = None


async def card(state: State, _asked: object, _reply: Reply) -> Json:
    """A fresh contact card."""
    await state.listening.wait()  # a card says where this node is
    made = await contact_card(state.session)
    return {"card": made.text, "name": made.name, "expires": made.expires, "uses": made.uses}


async def follow(state: State, asked: Following, _reply: Reply) -> Json:
    """Ask somebody to let me see what they share with me."""
    if is_card(asked.card):
        return _outcome(await ask_to_follow(state.session, asked.card, asked.name))
    stranger = await found(state, asked.card)
    return _outcome(await follow_found(state.session, stranger, asked.name))


async def requests(state: State, _asked: object, reply: Reply) -> Json:
    """Who waits for my answer."""
    await reply.events("request", [_request(each) for each in await waiting(state.session)])
    return {}


async def accept(state: State, asked: Accepting, _reply: Reply) -> Json:
    """Say yes to who asked."""
    return _outcome(await say_yes(state.session, asked.who, asked.back, asked.name))


async def decline(state: State, asked: Who, _reply: Reply) -> Json:
    """Forget a request."""
    return _request(await say_nothing(state.session, asked.who))


async def unfollow(state: State, asked: Who, _reply: Reply) -> Json:
    """See nothing of theirs any more."""
    return _parted(state, await parting.unfollow(state.session, asked.who))


async def remove_follower(state: State, asked: Who, _reply: Reply) -> Json:
    """Let them see nothing of mine any more."""
    known = await parting.remove_follower(state.session, asked.who, and_finish=False)
    return await _and_shares(state, known)


async def block(state: State, asked: Who, _reply: Reply) -> Json:
    """Neither see nor be seen nor hear of somebody."""
    known = await parting.block(state.session, asked.who, and_finish=False)
    return await _and_shares(state, known)


async def unblock(state: State, asked: Who, _reply: Reply) -> Json:
    """Hear of them again, should they ask."""
    return _parted(state, await parting.unblock(state.session, asked.who))


async def _and_shares(state: State, contact: Contact) -> dict[str, Json]:
    """As ``_parted``, and whether the shares of my recovery kit ended by it."""
    ended = await ended_for(state.session, contact.id)
    return {**_parted(state, contact), "shares_ended": ended}


def _parted(state: State, contact: Contact) -> dict[str, Json]:
    """What follows the commit, keys below and messages, goes on behind the answer."""
    if state.signed_in is not None:
        state.signed_in.taken_back.ring()
    return _contact(contact)


async def verify(state: State, asked: Verifying, _reply: Reply) -> Json:
    """The safety number of a contact and me; note that it was compared, or take that back."""
    if asked.confirm is None:
        found = await safety(state.session, asked.who)
    else:
        found = await confirm(state.session, asked.who, asked.confirm)
    return {**_contact(found.contact), "number": found.number}


async def contacts(state: State, _asked: object, reply: Reply) -> Json:
    """Everybody I know."""
    await reply.events("contact", [_contact(each) for each in await everybody(state.session)])
    return {}


def _outcome(outcome: Outcome) -> dict[str, Json]:
    return {**_contact(outcome.contact), "waiting": outcome.waiting}


def _contact(contact: Contact) -> dict[str, Json]:
    return {
        "name": contact.name,
        "handle": contact.handle,
        "following": contact.following,
        "follower": contact.follower,
        "asked": contact.asked,
        "blocked": bool(contact.blocked),
        "verified": contact.verified or None,
        "alarm": contact.alarm or None,
        "left": contact.left or None,
        "since": contact.since,
        "homes": [
            {"peer": base58(home.peer), "role": str(home.role)} for home in contact.reach.homes
        ],
    }


def _request(request: Request) -> dict[str, Json]:
    return {"name": request.name, "handle": request.handle, "time": request.time}
