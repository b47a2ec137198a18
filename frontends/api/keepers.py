"""Shares of a recovery kit that contacts keep: mine with them, and theirs with me."""

from dataclasses import dataclass

from client.identity.account import prove
from client.identity.attempt import Attempt
from client.recovery import giving, keeping
from client.recovery.giving import Keeping, Standing
from client.recovery.keeping import ForContact
from formats.errors import NotFound
from frontends.api.people import Who
from frontends.api.proving import go_on
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Giving:
    """``people``: contacts, each of whom gets a share; any ``needed`` of them suffice."""

    password: str
    needed: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handing:
    """Whose share. ``checked``: they were seen, or heard, asking for it."""

    who: str
    checked: bool = False


async def give(state: State, asked: Giving, reply: Reply) -> Json:
    """Give contacts a share each of a kit of its own; what was given before opens nothing then."""
    session = state.session

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        return _standing(await giving.give(session, attempt, asked.needed, asked.people))

    return await go_on(state, await prove(session, asked.password), then, reply)


async def holders(state: State) -> Json:
    """Who keeps a share for me, and when each last showed that they have it."""
    try:
        return _standing(await giving.standing(state.session))
    except NotFound:
        return {"given": False}


async def ask(state: State, _asked: Nothing, _reply: Reply) -> Json:
    """Ask all who keep a share for me to show that they have it; their programs answer."""
    return _standing(await giving.ask(state.session))


async def end(state: State, _asked: Nothing, _reply: Reply) -> Json:
    """What contacts keep for me opens nothing from then on, and they are told."""
    return _standing(await giving.end(state.session))


async def kept(state: State) -> Json:
    """What I keep for others; not the shares themselves."""
    return {"kept": [_kept(each) for each in await keeping.kept(state.session)]}


async def hand(state: State, asked: Handing, _reply: Reply) -> Json:
    """The share that I keep for somebody who asks for it, and was seen or heard asking."""
    found = await keeping.hand_over(state.session, asked.who, asked.checked)
    return {**_kept(found), "words": found.parcel.share.words, "text": found.text.text}


async def drop(state: State, asked: Who, _reply: Reply) -> Json:
    """Keep somebody's share no longer; they are told."""
    known = await keeping.drop(state.session, asked.who)
    return {"name": known.name, "handle": known.handle}


def _standing(found: Standing) -> Json:
    given, parted = found.given, found.parted
    return {
        "given": True,
        "made": given.made,
        "needed": given.needed,
        "ended": given.ended,
        "parted": None if parted is None else parted.name,
        "holders": [_holder(each) for each in found.keepers],
    }


def _holder(each: Keeping) -> Json:
    known, keeper = each.contact, each.keeper
    return {
        "name": known.name,
        "handle": known.handle,
        "verified": known.verified or None,
        "since": keeper.since,
        "asked": keeper.asked,
        "answered": keeper.nonce is None,
        "confirmed": keeper.confirmed,
        "gone": keeper.gone,
        "waiting": each.waiting,
    }


def _kept(each: ForContact) -> dict[str, Json]:
    known, share, parcel = each.contact, each.share, each.parcel
    return {
        "name": known.name,
        "handle": known.handle,
        "needed": parcel.share.needed,
        "count": parcel.count,
        "since": share.since,
        "handed": share.handed,
    }
