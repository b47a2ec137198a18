"""Letting others read, and taking it back: share, unshare, shared."""

from dataclasses import dataclass

from client.sharing.share import Share, shared_by_me
from client.sharing.share import share as give
from client.sharing.share import unshare as take_back
from client.sharing.theirs import shared_with_me
from formats.errors import Partial
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import tell_problems


@dataclass(frozen=True, slots=True)
class Giving:
    """``who``: a contact. ``name``: the share's name; the last part of the path without it."""

    path: str
    who: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class TakingBack:
    """``who``: a contact."""

    path: str
    who: str


@dataclass(frozen=True, slots=True)
class Shared:
    """Which of the two lists; both if neither is named."""

    by_me: bool = False
    with_me: bool = False


async def share(state: State, asked: Giving, _reply: Reply) -> Json:
    """Let a contact read a file, or a folder and all below it."""
    return _given(await give(state.session, asked.path, asked.who, asked.name))


async def unshare(state: State, asked: TakingBack, _reply: Reply) -> Json:
    """Take it back, at once: what is below gets its new keys while the answer is out."""
    taken = await take_back(state.session, asked.path, asked.who, and_finish=False)
    if state.signed_in is not None:
        state.signed_in.taken_back.ring()
    return _given(taken)


async def shared(state: State, asked: Shared, reply: Reply) -> Json:
    """What I share, and what is shared with me."""
    both = asked.by_me == asked.with_me
    if asked.by_me or both:
        given = [_given(each) for each in await shared_by_me(state.session)]
        await reply.events("by_me", given)
    if asked.with_me or both:
        await _tell_theirs(state, reply)
    return {}


async def _tell_theirs(state: State, reply: Reply) -> None:
    theirs, problems = await shared_with_me(state.session)
    told: list[Json] = [
        {"path": each.path, "who": each.contact, "name": each.name, "kind": str(each.kind)}
        for each in theirs
    ]
    await reply.events("with_me", told)
    await tell_problems(reply, problems)
    if problems:
        raise Partial(f"{len(problems)} of your contacts' homes could not be asked")


def _given(given: Share) -> dict[str, Json]:
    return {
        "path": given.path,
        "who": given.contact,
        "name": given.name,
        "since": given.since,
        "waiting": given.waiting,
    }
