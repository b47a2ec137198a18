"""The recovery kit: how it stands, making one, whether somebody has its words, coming back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.identity.account import prove
from client.identity.attempt import Attempt
from client.moving.house import Wish
from client.recovery.checking import check_all, check_three, record_of
from client.recovery.giving import is_given
from client.recovery.making import kit_text, new_kit
from client.recovery.opening import OpenedKit, Shown, newest, open_everywhere
from client.recovery.record import ASKED, KitRecord
from client.recovery.restoring import NewPassword
from client.recovery.restoring import restore as restore_with
from client.recovery.shares import joined, shares_of
from client.recovery.words import RecoveryKit
from client.words.listed import typed
from crypto.secret import Secret
from formats.base58 import base58
from formats.errors import NotFound, Usage
from formats.handle import handle
from formats.kit import KitText
from formats.whereabouts import Home
from frontends.api.account import drawn_secret
from frontends.api.around import surroundings
from frontends.api.factors import WithPassword
from frontends.api.homes import parse_at
from frontends.api.moving import arrived
from frontends.api.network import located, own_home, own_invite
from frontends.api.proving import go_on
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.telling import tell

_NODE: Final = ("/", "holdfast-")
"""How an address and an invite begin."""


@dataclass(frozen=True, slots=True)
class Words:
    """The three that are asked for, or all of them."""

    words: str


@dataclass(frozen=True, slots=True)
class Splitting:
    """``words``: all of the kit. ``count`` people have a share; any ``needed`` of them suffice."""

    words: str
    needed: int
    count: int


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """``kit``: the text on a kit; without it, of who is signed in. ``words``: where it has no code.

    ``at``: nodes that may have the data, besides those that the kit names. ``shares``: in place
    of the words, as many as it takes or more.
    """

    kit: str | None = None
    words: str | None = None
    shares: tuple[str, ...] = ()
    at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restoring:
    """``kit``, ``words``, ``shares``, ``at`` as in ``recovery/rehearse``; ``password``: of then on.

    ``to``: where the account is to live: an invite, a node's address, a part of the peer id of a
    node that has the data, or "here". ``name``: of the account there, where the one that it had is
    taken. ``as_it_is``: go on from what is there, though this machine has seen more.
    ``device_secret``: whether to have one; null: where the node is somebody else's.
    """

    kit: str
    password: str
    words: str | None = None
    shares: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    to: str = "here"
    name: str | None = None
    weak: bool = False
    as_it_is: bool = False
    device_secret: bool | None = None


async def standing(state: State) -> Json:
    """Whether there is a recovery kit, when it was made and checked, and whose it is."""
    session = state.session
    try:
        record = await record_of(session)
    except NotFound:
        return {"kit": False}
    return {"kit": True, **_told(record), "text": kit_text(session, None).text}


async def make(state: State, asked: WithPassword, reply: Reply) -> Json:
    """Make a recovery kit; from then on the one before opens nothing. Says its words, once."""
    session = state.session

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        kit = await new_kit(session, attempt)
        whole, record = kit_text(session, kit), await record_of(session)
        return {
            "handle": handle(session.name, session.id),
            "words": kit.words,
            "whole": whole.text,
            "text": replace(whole, code=None).text,
            "nodes": [located(home) for home in whole.homes],
            **_told(record),
        }

    return await go_on(state, await prove(session, asked.password), then, reply)


async def check(state: State, asked: Words, _reply: Reply) -> Json:
    """Whether somebody has the words; all of them are tried as after a loss."""
    session = state.session
    three = len(typed(asked.words)) <= ASKED
    record = await (check_three if three else check_all)(session, asked.words)
    return {"kit": True, **_told(record)}


async def split(state: State, asked: Splitting, _reply: Reply) -> Json:
    """Split the kit into shares, once its words were tried; says each of them, once."""
    session = state.session
    shares = shares_of(RecoveryKit.read(asked.words), asked.needed, asked.count)
    await check_all(session, asked.words)
    who, text = handle(session.name, session.id), kit_text(session, None).text
    return {"handle": who, "shares": list(shares), "needed": asked.needed, "text": text}


async def rehearse(state: State, asked: Rehearsing, _reply: Reply) -> Json:
    """Try a kit at every node that is known, as after a loss; changes nothing anywhere."""
    text = kit_text(state.session, None) if asked.kit is None else KitText.parse(asked.kit)
    kit, wrong = _kit(text, asked.words, asked.shares)
    if asked.kit is None and await is_given(state.session, kit):
        text = replace(text, space=state.session.bundle.space)
    shown = await _shown(state, text, kit, asked.at)
    return {
        **_found(newest(shown)),
        "nodes": [_tried(each) for each in shown],
        "wrong_shares": list(wrong),
    }


async def restore(state: State, asked: Restoring, _reply: Reply) -> Json:
    """Come back by a kit, with a new password; whoever it is is signed in then."""
    text = KitText.parse(asked.kit)
    await state.listening.wait()
    here = await own_home(state)
    kit, _ = _kit(text, asked.words, asked.shares)
    shown = await _shown(state, text, kit, (*asked.at, *_named(asked.to)), here)
    found = newest(shown)
    to, invite = await _target(state, asked.to, shown)
    device = await drawn_secret(state, asked.device_secret, to)
    wish = Wish(to, invite, asked.name or found.whereabouts.name)
    password = NewPassword(asked.password, asked.weak, device)
    async with state.signing:
        done = await restore_with(surroundings(state), found, wish, password, asked.as_it_is)
        told = await arrived(state, done.moved)
    return {
        **told,
        "time": found.tip.pointer.time,
        "lacking": done.lacking,
        "renewed": done.renewed,
        "device_secret": None if device is None else device.words,
    }


async def _shown(
    state: State,
    text: KitText,
    kit: RecoveryKit,
    at: Sequence[str],
    here: Home | None = None,
) -> list[Shown]:
    """What every node shows; ``here``: this one is asked too."""
    await state.listening.wait()
    more = [parse_at(each)[0] for each in at]
    if here is not None:
        more.append(here)
    return await open_everywhere(surroundings(state), kit, text, more)


def _kit(
    text: KitText, words: str | None, shares: Sequence[str]
) -> tuple[RecoveryKit, tuple[int, ...]]:
    """The kit, and which shares (from 1) are not what was handed out."""
    if shares:
        found = joined(shares)
        return found.kit, found.wrong
    if words is not None:
        return RecoveryKit.read(words), ()
    if text.code is None:
        raise Usage("the words of the kit are needed, too", hint="they are on the paper, numbered")
    return RecoveryKit(Secret(text.code)), ()


def _named(to: str) -> tuple[str, ...]:
    """The node that an invite or an address names: it may have the account, by a restoring that
    was cut off behind that.
    """
    return (to,) if to.strip().startswith(_NODE) else ()


async def _target(state: State, to: str, shown: Sequence[Shown]) -> tuple[Home, bytes | None]:
    """The node meant, and an invite's code; this node needs none for who runs it."""
    if to.strip().startswith(_NODE):
        return parse_at(to)
    here = await own_home(state)
    if to.strip() == "here":
        has = [each.node.peer for each in shown if each.opened is not None]
        return here, None if here.peer in has else await own_invite(state)
    fits = [each.node for each in shown if to in base58(each.node.peer)]
    if len(fits) != 1:
        raise NotFound(
            f"'{to}' is no invite, no address, and none of the nodes that were asked",
            hint="'holdfast recovery rehearse' lists them; 'here' is this node",
        )
    return fits[0], None


def _found(found: OpenedKit) -> dict[str, Json]:
    name = found.whereabouts.name
    return {
        "name": name,
        "handle": handle(name, found.chain.id),
        "peer": base58(found.source.peer),
        "time": found.tip.pointer.time,
    }


def _tried(each: Shown) -> Json:
    opened, problem = each.opened, each.problem
    return {
        **located(each.node),
        "opens": opened is not None,
        "time": None if opened is None else opened.tip.pointer.time,
        "problem": None if problem is None else tell(problem),
    }


def _told(record: KitRecord) -> dict[str, Json]:
    places: list[Json] = [place + 1 for place in record.asked]
    return {"made": record.made, "checked": record.checked, "places": places}
