"""Reading the settings again while a node runs: limits, sign-up, quotas; no ports."""

import os
from pathlib import Path
from typing import Final

import trio

from formats.errors import BadConfig
from frontends.api.state import State
from frontends.daemon.network import admitted
from node.build import Node
from node.config import load
from node.logs import Log
from node.transport.host import Host

_log: Final = Log("node.settings")


async def renew(state: State, node: Node, host: Host) -> None:
    """Take what can be taken from the settings as they are; a mistake in them changes nothing."""
    try:
        fresh = await trio.to_thread.run_sync(load, Path(state.place.home), os.environ)
    except BadConfig as error:
        state.note(error)
        _log.error("settings refused", kind=type(error).__name__)
        return
    node.renew(fresh)
    host.renew(*admitted(node.config))
    _log.info("settings renewed")
