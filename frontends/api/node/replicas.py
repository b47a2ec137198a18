"""Replicas as whoever runs a node sees them: kept here for others, and those of accounts here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formats.base58 import base58
from formats.errors import Usage
from frontends.api.node.invites import DAY, MAX_DAYS
from frontends.api.reply import Json, Reply
from frontends.api.state import State

if TYPE_CHECKING:
    from node.following.keeping import KeptReplica


@dataclass(frozen=True, slots=True)
class Allowing:
    """``ceiling`` in bytes that a replica may hold, and the ``days`` in which it can be begun."""

    ceiling: int
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose replica: the owner's handle, or the letters behind its ``~``."""

    who: str


async def replicas(state: State) -> Json:
    """Every replica that is kept here, and every one of an account here: how it stands."""
    node = await state.node.wait()
    return {"replicas": [told(each) for each in await node.admin.replicas()]}


async def allow(state: State, asked: Allowing, _reply: Reply) -> Json:
    """An invite for one replica of somebody's account on this node."""
    node = await state.node.wait()
    await state.listening.wait()
    days = 7 if asked.days is None else asked.days
    if not 0 < days <= MAX_DAYS or asked.ceiling <= 0:
        raise Usage(f"an invite is good for 1 to {MAX_DAYS} days, and for some bytes")
    text = await node.admin.invite(asked.ceiling, days * DAY, replica=True)
    return {"invite": text, "days": days, "id": node.admin.called(text)}


async def remove(state: State, asked: Whose, _reply: Reply) -> Json:
    """Keep somebody's replica no longer; what is held of it goes, and their home is told."""
    node = await state.node.wait()
    return told(await node.admin.end_replica(asked.who))


def told(each: "KeptReplica") -> dict[str, Json]:
    """A replica, without a word of what is in it."""
    return {
        "who": each.who,
        "here": each.here,
        "home": base58(each.home),
        "peer": base58(each.peer),
        "follows": each.follows,
        "used": each.used,
        "ceiling": each.ceiling,
        "allowed": each.allowed,
        "until": each.until,
        "seen": each.seen,
        "current": each.current,
        "proven": each.proven,
        "told": each.told,
    }
