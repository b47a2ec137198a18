"""What a person can set: how long old versions are kept, and what this device is called."""

from dataclasses import dataclass, replace

import trio

from client.device import check_device
from client.identity.account import account, keep_for
from formats.errors import Usage
from frontends.api.device import device_name, set_device_name
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from protocols.accounts import Account

MOST: int = 100 * 365 * 24 * 3600
"""Seconds: a hundred years."""


@dataclass(frozen=True, slots=True)
class Changing:
    """What is named is set. ``retention`` in seconds; -1: as the node does for everybody."""

    retention: int | None = None
    device: str | None = None


async def settings(state: State) -> Json:
    """What is set."""
    session = state.session
    kept = session.around.remembered.find(session.name, session.whereabouts.home.peer)
    told = _told(await account(session), session.around.device)
    return {**told, "device_secret": kept.secret is not None}


async def change(state: State, asked: Changing, _reply: Reply) -> Json:
    """Set something; says what is set now."""
    if asked.retention is not None and not -1 <= asked.retention <= MOST:
        raise Usage("retention: out of range", hint=f"from 0 to {MOST} seconds, or -1")
    name = None if asked.device is None else check_device(asked.device)
    if asked.retention is not None:
        await keep_for(state.session, None if asked.retention == -1 else asked.retention)
    if name is not None:
        await call_this(state, name)
    return await settings(state)


async def call_this(state: State, name: str) -> None:
    """Call this machine so: in names of conflict copies, and in the list of the person's."""
    await trio.to_thread.run_sync(set_device_name, state.place, name)
    person = state.person
    person.session.around = replace(person.session.around, device=device_name(state.place))
    person.drive.device = person.session.around.device
    person.renamed.ring()


def _told(found: Account, device: str) -> dict[str, Json]:
    retention: Json = {"wanted": found.keep, "kept": found.keeps, "most": found.most}
    return {"retention": retention, "device": device}
