"""What was begun and not finished: transfers."""

from dataclasses import dataclass

from client.drive.transfers.listing import Unfinished, unfinished
from client.drive.transfers.listing import forget as let_go
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Forgetting:
    """``names``: ids, or as much of their beginning as is clear; none are all that do not run."""

    names: tuple[str, ...] = ()


async def transfers(state: State, _asked: Nothing, reply: Reply) -> Json:
    """What was begun and can be gone on with, here or on another device."""
    await reply.events("transfer", [_line(each) for each in await unfinished(state.drive)])
    return {}


async def forget(state: State, asked: Forgetting, reply: Reply) -> Json:
    """Let go of unfinished transfers and of what was sent of them."""
    gone = await let_go(state.drive, asked.names)
    await reply.events("forgotten", [_line(each) for each in gone])
    return {}


def _line(each: Unfinished) -> dict[str, Json]:
    return {
        "id": each.id.hex(),
        "name": each.name,
        "verb": each.verb,
        "path": each.path,
        "local": each.local,
        "device": each.device,
        "done": each.done,
        "size": each.size,
        "began": each.began,
        "touched": each.touched,
        "here": each.here,
        "running": each.running,
    }
