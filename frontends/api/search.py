"""Search: in the own tree and in what others share, from an index in memory."""

from dataclasses import dataclass

from client.search.matching import Query
from client.search.search import Answer
from formats.errors import Partial, Usage
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import shown, tell_problems

NS_A_MS = 1_000_000
MOST = 100_000
"""Things told in one answer."""


@dataclass(frozen=True, slots=True)
class Searching:
    """Words of names, and what else must fit: see ``client.search.matching.Query``.

    ``below``: a path. Sizes in bytes, times in milliseconds.
    """

    words: tuple[str, ...] = ()
    type: str | None = None
    min_size: int | None = None
    max_size: int | None = None
    since: int | None = None
    until: int | None = None
    below: str = ""
    limit: int = 200


async def search(state: State, asked: Searching, reply: Reply) -> Json:
    """Find by name, type, size and time, in the own tree and in what others share."""
    if not 1 <= asked.limit <= MOST:
        raise Usage(f"a limit of {asked.limit}; it is from 1 to {MOST}")
    problems = 0

    async def tell(answer: Answer) -> None:
        nonlocal problems
        await reply.events("entry", [shown(thing) for thing in answer.found])
        await tell_problems(reply, answer.problems)
        problems += len(answer.problems)

    more = await state.search.ask(_query(asked), tell)
    if problems:
        raise Partial(f"{problems} of the places to look in could not be looked at")
    return {"more": more}


def _query(asked: Searching) -> Query:
    return Query(
        asked.words,
        asked.type,
        asked.min_size,
        asked.max_size,
        None if asked.since is None else asked.since * NS_A_MS,
        None if asked.until is None else asked.until * NS_A_MS,
        asked.below,
        asked.limit,
    )
