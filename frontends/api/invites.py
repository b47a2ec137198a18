"""Invites to this node, which its owner makes."""

from dataclasses import dataclass
from typing import Final

from formats.errors import Usage
from frontends.api.reply import Json, Reply
from frontends.api.state import State

DAY: Final = 24 * 3600 * 1000
MAX_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Inviting:
    """``quota`` in bytes and ``days`` the invite is good; without them, as the node has it."""

    quota: int | None = None
    days: int | None = None


async def invite(state: State, asked: Inviting, _reply: Reply) -> Json:
    """An invite for one account on this node."""
    node = await state.node.wait()
    await state.listening.wait()
    days = 7 if asked.days is None else asked.days
    if not 0 < days <= MAX_DAYS or (asked.quota is not None and asked.quota <= 0):
        raise Usage(f"an invite is good for 1 to {MAX_DAYS} days, and for some bytes")
    text = await node.admin.invite(asked.quota, days * DAY)
    return {"invite": text, "days": days}
