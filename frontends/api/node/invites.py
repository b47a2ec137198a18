"""Invites: made, listed and taken back by whoever runs the node."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from formats.errors import Usage
from frontends.api.reply import Json, Reply
from frontends.api.state import State

if TYPE_CHECKING:
    from node.admin import Invited

DAY: Final = 24 * 3600 * 1000
MAX_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Inviting:
    """``quota`` in bytes and ``days`` the invite is good; without them, as the node has it."""

    quota: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Which:
    """An invite: the id it is listed under, or its whole text."""

    invite: str


async def invite(state: State, asked: Inviting, _reply: Reply) -> Json:
    """An invite for one account on this node."""
    node = await state.node.wait()
    await state.listening.wait()
    days = 7 if asked.days is None else asked.days
    if not 0 < days <= MAX_DAYS or (asked.quota is not None and asked.quota <= 0):
        raise Usage(f"an invite is good for 1 to {MAX_DAYS} days, and for some bytes")
    text = await node.admin.invite(asked.quota, days * DAY)
    return {"invite": text, "days": days, "id": node.admin.called(text)}


async def invites(state: State) -> Json:
    """Every invite that was made: when, until when, for how much, and who used it."""
    node = await state.node.wait()
    return {"invites": [told(each) for each in await node.admin.invites()]}


async def revoke(state: State, asked: Which, _reply: Reply) -> Json:
    """Take back an invite that nobody has used."""
    node = await state.node.wait()
    return told(await node.admin.revoke(asked.invite))


def told(each: "Invited") -> dict[str, Json]:
    """An invite as its node's owner sees it: without its code."""
    return {
        "id": each.id,
        "created": each.created,
        "expires": each.expires,
        "quota": each.quota,
        "used_by": each.used_by,
        "replica": each.replica,
    }
