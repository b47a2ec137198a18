"""Your devices: which there are, what they are called, and revoking one."""

from dataclasses import dataclass

from client.identity.account import check_new, prove
from client.identity.attempt import Attempt
from client.identity.devices import (
    Shown,
    Standing,
    devices,
    find,
    find_other,
    name_device,
    renewal,
)
from client.sharing.underway import Renewal
from frontends.api.identity import renewed
from frontends.api.proving import go_on
from frontends.api.reply import Json, Reply
from frontends.api.settings import call_this
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Naming:
    """``device``: its name, or the first 8 digits of its key or more. ``name``: from now on."""

    device: str
    name: str


@dataclass(frozen=True, slots=True)
class Revoking:
    """``device``: which. The password; ``new``: another one from now on, ``weak`` if it may be.

    Who has the device may have seen the password typed there.
    """

    device: str
    password: str
    new: str | None = None
    weak: bool = False


async def listing(state: State) -> Json:
    """Your devices: which may write, which sign in again; how far new secrets are, if one went."""
    shown = [told(each) for each in await devices(state.session)]
    return {"devices": shown, "renewal": _renewal(await renewal(state.session))}


async def name(state: State, asked: Naming, _reply: Reply) -> Json:
    """Call a device something else."""
    session = state.session
    named = await name_device(session, asked.device, asked.name)
    if named.standing is Standing.HERE and named.name is not None:
        await call_this(state, named.name)
        named = find(await devices(session), named.key.hex())
    return told(named)


async def revoke(state: State, asked: Revoking, reply: Reply) -> Json:
    """Shut a device out: it changes and reads nothing from then on; all others sign in again.

    ``renewal``: how far the new secrets are that everything gets; null when it is finished.
    """
    session = state.session
    meant = find_other(await devices(session), asked.device)
    if asked.new is not None:
        await check_new(session, asked.new, asked.weak)

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        password = asked.password if asked.new is None else asked.new
        after = await renewed(state, session, attempt, password, (meant.key,))
        found = find(await devices(after), meant.key.hex())
        under_way = _renewal(await renewal(after))
        return {**told(found), "seq": after.chain.seq, "renewal": under_way}

    return await go_on(state, await prove(session, asked.password), then, reply)


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


def _renewal(known: Renewal | None) -> Json:
    """``done`` of ``of`` places have new secrets, and ``spaces`` folders or files have to follow
    that others can change, of which ``open`` can be read by the device still. ``since`` in
    milliseconds.
    """
    if known is None:
        return None
    return {
        "since": known.since,
        "done": known.done,
        "of": known.labels,
        "spaces": known.spaces,
        "open": known.open,
    }
