"""How the daemon is: version, status, doctor. Answered before anything else is ready."""

import os
from typing import Final

import trio

from formats.base58 import base58
from formats.errors import HoldfastError
from frontends.api.node.last_backup import backup_fields, check_backup
from frontends.api.reply import Json
from frontends.api.state import Phase, State
from frontends.checks import BAD, GOOD, WARNING, Check, check_place
from frontends.telling import tell
from frontends.version import PROGRAM, PROTOCOL, machine, python_version

_LISTEN: Final = "see 'listen' in config.toml, if others should"

LOOPBACK: Final = ("/ip4/127.", "/ip6/::1/")

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
        "python": python_version(),
        "platform": machine(),
    }


async def status(state: State) -> Json:
    """How the daemon is, at once."""
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
        "signed_in": await _signed_in(state),
        "node": await _node(state),
        "news": [{"time": news.time, "said": news.said} for news in state.news],
        "errors": [{"time": noted.time, **tell(noted.error)} for noted in state.errors],
    }


async def doctor(state: State) -> Json:
    """Everything that can be checked, with what to do about what is wrong."""
    checks = await trio.to_thread.run_sync(check_place, state.place)
    checks += [Check("daemon", GOOD, f"it answers; {SAID[state.phase]}"), await _store(state)]
    checks += await check_backup(state)
    checks += [_network(state), _reach(state), _near(state)]
    kept: list[Json] = []
    if state.signed_in is not None:
        from frontends.api.health import check_person, proofs

        checks += await check_person(state.session, state.drive, list(state.errors))
        kept = await proofs(state.session)
    return {"checks": [check.fields() for check in checks], "proofs": kept}


async def _signed_in(state: State) -> Json:
    if state.signed_in is None:
        return None
    from frontends.api.health import at_home

    session = state.session
    home = base58(session.whereabouts.home.peer)
    return {"name": session.name, "home": home, **await at_home(session)}


async def _node(state: State) -> Json:
    node = state.node.now
    if node is None:
        return None
    return {
        "peer": base58(node.peer_id),
        "addresses": list(node.addresses()),
        "backup": await trio.to_thread.run_sync(backup_fields, state.place),
    }


async def _store(state: State) -> Check:
    try:
        node = await state.node.wait()
        accounts = len(await node.admin.accounts())
    except HoldfastError as error:
        return Check("store", BAD, error.message, error.advice)
    return Check("store", GOOD, f"it opens and reads; {accounts} accounts live here")


def _network(state: State) -> Check:
    listening = state.listening.now
    if listening is None:
        return Check("network", WARNING, "libp2p is not listening yet", "look again in a moment")
    outward = [address for address in listening if not address.startswith(LOOPBACK)]
    if not outward:
        return Check(
            "network",
            WARNING,
            "only this machine can reach this node",
            "see 'listen' in config.toml",
        )
    return Check("network", GOOD, f"libp2p listens on {', '.join(outward)}")


def _reach(state: State) -> Check:
    reach = state.reach.now
    if reach is None:
        return Check("reach", WARNING, "libp2p is not listening yet", "look again in a moment")
    from frontends.api.reach import check_reach

    return check_reach(reach)


def _near(state: State) -> Check:
    near = state.near.now
    if near is None:
        return Check("near", WARNING, "libp2p is not listening yet", "look again in a moment")
    many = len(near)
    said = f"{many or 'no'} other {'node was' if many == 1 else 'nodes were'} found"
    return Check("near", GOOD, f"{said} on the local network")
