"""Who lives on this node, what they use, and how much they may."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formats.handle import handle
from frontends.api.reply import Json, Reply
from frontends.api.state import State

if TYPE_CHECKING:  # the socket is answered before a node can be imported
    from node.admin import Resident


@dataclass(frozen=True, slots=True)
class Named:
    """The account of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Limiting:
    """An account, and the bytes it may use from now on."""

    name: str
    quota: int


async def accounts(state: State) -> Json:
    """Every account: name, handle, bytes used, reserved and allowed, and what waits for it."""
    node = await state.node.wait()
    return {"accounts": [resident(each) for each in await node.admin.accounts()]}


async def quota(state: State, asked: Named, _reply: Reply) -> Json:
    """What one account uses, and how much it may."""
    node = await state.node.wait()
    return resident(await node.admin.account(asked.name))


async def set_quota(state: State, asked: Limiting, _reply: Reply) -> Json:
    """Give an account another limit; one below what it uses stops it from adding more."""
    node = await state.node.wait()
    return resident(await node.admin.set_quota(asked.name, asked.quota))


async def reset_factors(state: State, asked: Named, _reply: Reply) -> Json:
    """Ask an account for no second factor any more; its owner is told. How many there were."""
    node = await state.node.wait()
    return {"name": asked.name, "factors": await node.admin.reset_factors(asked.name)}


def resident(each: "Resident") -> dict[str, Json]:
    """An account as its node's owner sees it."""
    return {
        "name": each.name,
        "handle": handle(each.name, each.id),
        "used": each.used,
        "reserved": each.reserved,
        "quota": each.quota,
        "created": each.created,
        "messages": each.messages,
        "message_bytes": each.message_bytes,
    }
