"""Your devices: which there are, what they are called."""

from dataclasses import dataclass

from client.identity.devices import Shown, Standing, devices, find, name_device
from frontends.api.reply import Json, Reply
from frontends.api.settings import call_this
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Naming:
    """``device``: its name, or the first 8 digits of its key or more. ``name``: from now on."""

    device: str
    name: str


async def listing(state: State) -> Json:
    """Your devices: which is this one, which may write, which have to sign in again."""
    return {"devices": [told(each) for each in await devices(state.session)]}


async def name(state: State, asked: Naming, _reply: Reply) -> Json:
    """Call a device something else."""
    session = state.session
    named = await name_device(session, asked.device, asked.name)
    if named.standing is Standing.HERE and named.name is not None:
        await call_this(state, named.name)
        named = find(await devices(session), named.key.hex())
    return told(named)


def told(shown: Shown) -> dict[str, Json]:
    """One device. Times in milliseconds, in that device's own word."""
    device = shown.device
    return {
        "key": shown.key.hex(),
        "name": shown.name,
        "standing": shown.standing.value,
        "since": None if device is None else device.since,
        "seen": None if device is None else device.seen,
        "revoked": None if device is None else device.revoked,
    }
