"""Letting others read or write, and taking it back: share, unshare, shared, access."""

from dataclasses import dataclass
from typing import Final

from client.sharing import public
from client.sharing.circles.share import is_circle, share_with_circle, unshare_with_circle
from client.sharing.circles.writing import share_write_with_circle, unshare_write_with_circle
from client.sharing.granting import NONE, Share
from client.sharing.inside import share_write, unshare_write
from client.sharing.profile_files import own_file
from client.sharing.seen import Way, who_sees
from client.sharing.share import share as give
from client.sharing.share import shared_by_me
from client.sharing.share import unshare as take_back
from client.sharing.theirs import shared_with_me
from formats.errors import Partial, Usage
from formats.space import Rights
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import tell_problems

RIGHTS: Final = {"add": Rights.ADD, "change": Rights.CHANGE, "delete": Rights.DELETE}
"""What a guest may do, as people say it."""


@dataclass(frozen=True, slots=True)
class Giving:
    """``who``: a contact or circle. ``name``: the share's; the last part of the path without it.

    ``write``: they may change it and what is below it, too: ``rights`` of ``add``, ``change``
    and ``delete``, all without; ``ceiling``: bytes that each of them may add at most.
    """

    path: str
    who: str
    name: str | None = None
    write: bool = False
    rights: tuple[str, ...] = ()
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class TakingBack:
    """``who``: a contact or circle. ``write``: only the right to change it; they read on."""

    path: str
    who: str
    write: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """Which of the two lists; both if neither is named."""

    by_me: bool = False
    with_me: bool = False


@dataclass(frozen=True, slots=True)
class Seeing:
    """Something of mine."""

    path: str


async def share(state: State, asked: Giving, _reply: Reply) -> Json:
    """Let a contact, or everybody in a circle, read a file, or a folder and all below it."""
    session, (path, who, name) = state.session, (asked.path, asked.who, asked.name)
    if not asked.write and (asked.rights or asked.ceiling is not None):
        raise Usage("rights and a ceiling are for sharing with write")
    if asked.write:
        return await _share_write(state, asked)
    if await is_circle(session, who):
        given = await share_with_circle(session, path, who, name, and_tell=False)
        _ring(state)
        return _given(given)
    return _given(await give(state.session, asked.path, asked.who, asked.name))


async def _share_write(state: State, asked: Giving) -> Json:
    rights, ceiling = parse_rights(asked.rights), asked.ceiling
    words = asked.path, asked.who, rights, ceiling, asked.name
    if await is_circle(state.session, asked.who):
        given = await share_write_with_circle(state.session, *words, and_tell=False)
        _ring(state)
        return _given(given)
    return _given(await share_write(state.session, *words))


def parse_rights(words: tuple[str, ...]) -> Rights:
    """What somebody may do, by name; all without any. Raises Usage."""
    if unknown := set(words) - RIGHTS.keys():
        raise Usage(f"'{min(unknown)}' is no right", hint=f"there are {', '.join(RIGHTS)}")
    return sum((RIGHTS[word] for word in words), start=NONE) if words else Rights.WRITE


def _named(rights: Rights) -> list[Json]:
    return [name for name, right in RIGHTS.items() if rights & right]


async def unshare(state: State, asked: TakingBack, _reply: Reply) -> Json:
    """Take it back, at once: what is below gets its new keys while the answer is out."""
    session, path, who = state.session, asked.path, asked.who
    if asked.write and await is_circle(session, who):
        taken = await unshare_write_with_circle(session, path, who, and_finish=False)
    elif asked.write:
        taken = await unshare_write(session, path, who, and_finish=False)
    elif await is_circle(session, who):
        taken = await unshare_with_circle(session, path, who, and_finish=False)
    else:
        taken = await take_back(session, path, who, and_finish=False)
    _ring(state)
    return _given(taken)


async def shared(state: State, asked: Shared, reply: Reply) -> Json:
    """What I share, and what is shared with me."""
    both = asked.by_me == asked.with_me
    if asked.by_me or both:
        given = [_given(each) for each in await shared_by_me(state.session)]
        await reply.events("by_me", given)
        said = (await public.fields(state.session)).items()
        files = [(own_file(state.session, field), field, since) for field, since in said]
        await reply.events(
            "public", [{"path": path, "field": field, "since": at} for path, field, at in files]
        )
    if asked.with_me or both:
        await _tell_theirs(state, reply)
    return {}


async def access(state: State, asked: Seeing, reply: Reply) -> Json:
    """Who can see something of mine, in which ways, since when."""
    ways = await who_sees(state.session, asked.path)
    await reply.events("way", [_way(each) for each in ways])
    return {
        "people": len({each.handle for each in ways}),
        "public": await public.since(state.session, asked.path),
    }


def _ring(state: State) -> None:
    if state.signed_in is not None:
        state.signed_in.taken_back.ring()


def _way(way: Way) -> dict[str, Json]:
    return {
        "who": way.contact,
        "handle": way.handle,
        "path": way.path,
        "name": way.name,
        "since": way.since,
        "circle": way.circle,
        "rights": _named(way.rights),
        "ceiling": way.ceiling,
    }


async def _tell_theirs(state: State, reply: Reply) -> None:
    theirs, problems = await shared_with_me(state.session)
    told: list[Json] = [
        {
            "path": each.path,
            "who": each.contact,
            "name": each.name,
            "kind": str(each.kind),
            "rights": _named(each.rights),
            "ceiling": each.ceiling,
        }
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
        "circle": given.circle,
        "waiting": given.waiting,
        "rights": _named(given.rights),
        "ceiling": given.ceiling,
    }
