"""How the daemon is: version, status, doctor. Answered before anything else is ready."""

import os
import platform
from typing import Final

import trio

from formats.errors import HoldfastError
from frontends.api.base58 import base58
from frontends.api.reply import Json
from frontends.api.state import Phase, State
from frontends.checks import BAD, GOOD, WARNING, Check, check_place
from frontends.telling import tell
from frontends.version import PROGRAM, PROTOCOL

SAID: Final = {
    Phase.OPENING: "the store is being opened",
    Phase.CONNECTING: "the node is open; libp2p is being started",
    Phase.RUNNING: "running",
}


async def version(_state: State) -> Json:
    """Which program the daemon is."""
    return {
        "program": PROGRAM,
        "protocol": PROTOCOL,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


async def status(state: State) -> Json:
    """How the daemon is, at once."""
    node = state.node_now
    return {
        "daemon": {
            "pid": os.getpid(),
            "home": state.place.home,
            "program": PROGRAM,
            "started": state.started,
            "headless": state.headless,
            "phase": state.phase.value,
            "said": SAID[state.phase],
        },
        "node": None if node is None else {"peer": base58(node.peer_id), **_reach(state)},
        "errors": [{"time": noted.time, **tell(noted.error)} for noted in state.errors],
    }


async def doctor(state: State) -> Json:
    """Everything that can be checked, with what to do about what is wrong."""
    checks = await trio.to_thread.run_sync(check_place, state.place)
    checks += [Check("daemon", GOOD, f"it answers; {SAID[state.phase]}"), await _store(state)]
    checks.append(_network(state))
    return {"checks": [check.fields() for check in checks]}


def _reach(state: State) -> dict[str, Json]:
    node = state.node_now
    return {"addresses": [] if node is None else list(node.addresses())}


async def _store(state: State) -> Check:
    try:
        node = await state.node()
        accounts = len(await node.admin.accounts())
    except HoldfastError as error:
        return Check("store", BAD, error.message, error.advice)
    return Check("store", GOOD, f"it opens and reads; {accounts} accounts live here")


def _network(state: State) -> Check:
    if state.phase is not Phase.RUNNING:
        return Check("network", WARNING, "libp2p is not listening yet", "look again in a moment")
    node = state.node_now
    listening = () if node is None else node.addresses()
    if not listening:
        return Check("network", WARNING, "no address that others could reach", "see 'listen'")
    return Check("network", GOOD, f"libp2p listens on {len(listening)} addresses")
