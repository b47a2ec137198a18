"""Bringing a node to rest before it is stopped, and back."""

from dataclasses import dataclass
from typing import Final

from formats.errors import Usage
from frontends.api.reply import Json, Reply
from frontends.api.state import State

LONGEST: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Draining:
    """``seconds`` to wait for what is under way; ``stop``: take everything again instead."""

    seconds: int = 60
    stop: bool = False


async def drain(state: State, asked: Draining, _reply: Reply) -> Json:
    """Take nothing new, let what is under way end, then write nothing more until the next start."""
    if not 0 <= asked.seconds <= LONGEST:
        raise Usage(f"0 to {LONGEST} seconds")
    gate = (await state.node.wait()).core.gate
    if asked.stop:
        gate.reopen()
        return {"doing": gate.doing.value, "whole": True}
    whole = await gate.drain(asked.seconds)
    return {"doing": gate.doing.value, "whole": whole}
