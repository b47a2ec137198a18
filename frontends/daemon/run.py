"""One daemon: a trio process with a node and the owner's local API.

    hold the folder --> bind the socket --> answer on it
                    --> settings --> the owner's page --> store, node --> libp2p (in a thread)

The socket answers first because libp2p alone takes more than a second to import,
and a person who types ``holdfast status`` meanwhile should be told. SIGHUP has a
headless node read its settings again. A stop (Ctrl-C, SIGTERM) cancels what is under
way; everything acknowledged is on the disk already, so if closing takes too long the
process just ends.
"""

import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import trio

from formats.errors import HoldfastError
from frontends.api.faults import as_error
from frontends.api.server import Server
from frontends.api.state import State
from frontends.api.table import personal_routes
from frontends.daemon.folder import held, prepare
from frontends.daemon.listener import listening
from frontends.daemon.tuning import settle
from frontends.place import Place

if TYPE_CHECKING:
    from frontends.web.web import Web
    from node.build import Node
    from node.config import Config
    from node.dht.contact import Contact
    from node.transport.dialer import Dialer
    from node.transport.peers import Peers

STOP_TIME: Final = 5.0
"""Seconds in which everything is closed, or left as it is."""

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Announce = Callable[["Node", "Web | None"], Awaitable[None]]
"""Tells the person who started the daemon that it is ready, and has a page, if it has one."""


def run_daemon(
    place: Place, headless: bool, announce: Announce, news: Callable[[str], None] | None = None
) -> None:
    """Run until it is told to stop; raises what made it impossible.

    ``news``: called with each thing that the signed-in person should know of.
    """
    prepare(place)
    state = State(place, headless)
    if news is not None:
        state.watcher = news
    with held(place), _ended_in_time() as stopping:
        try:
            trio.run(_run, state, announce, stopping)
        except* HoldfastError as group:
            raise as_error(group) from None


async def _run(state: State, announce: Announce, stopping: threading.Event) -> None:
    with listening(state.place) as listener, trio.open_signal_receiver(*SIGNALS) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_heed_signals, signals, state, nursery.cancel_scope, stopping)
            state.tasks.come(nursery)
            nursery.start_soon(Server(state).serve, listener)
            nursery.start_soon(_run_node, state, announce)


async def _heed_signals(
    signals: AsyncIterator[int],
    state: State,
    scope: trio.CancelScope,
    stopping: threading.Event,
) -> None:
    async for number in signals:
        if number == signal.SIGHUP and state.headless:  # for ``up``, the terminal is gone
            await state.renew()
            continue
        if stopping.is_set():
            os._exit(1)  # asked twice: at once
        stopping.set()
        scope.cancel()


async def _run_node(state: State, announce: Announce) -> None:
    from node.config import load

    config = load(Path(state.place.home), os.environ)
    await trio.to_thread.run_sync(_import_node)
    if not state.headless:
        await trio.to_thread.run_sync(personal_routes)
    from node.build import build
    from node.logs import written

    with written(config.log_level, sys.stderr):
        async with _page(state, config), build(config) as node:
            state.node.come(node)
            await trio.to_thread.run_sync(_import_libp2p)
            settle()
            await _run_network(state, node, announce)


async def _run_network(state: State, node: "Node", announce: Announce) -> None:
    from frontends.daemon.metrics import telling
    from frontends.daemon.network import listening_somewhere
    from frontends.daemon.reach import keep_published, met, reachable
    from frontends.daemon.renewing import renew
    from node.dht.running import taking_part
    from node.near.running import nearby
    from node.transport.dialer import dialing

    async with (
        telling(node, node.config.metrics_port),
        dialing(node, stock=node.config.muxer == "libp2p") as dialer,
        dialing(key=node.key, stock=node.config.muxer == "libp2p") as as_node,
        listening_somewhere(node) as host,
        nearby(node, host) as near,
        taking_part(node, host, near) as dht,
        reachable(state, node, host, dht) as reach,
        trio.open_nursery() as nursery,
    ):
        dialer.nearby = as_node.nearby = near.addresses
        for each in (dialer, as_node, host.peers):
            near.watch(partial(_doubt, each))
        state.near.come(near)
        state.dialer.come(dialer)
        state.listening.come(host.addresses)
        state.reach.come(reach)
        state.renew = partial(renew, state, node, host)
        nursery.start_soon(node.follow, as_node)
        node.carry(dialer, partial(met, dht))
        if not state.headless:
            from frontends.api.accounts import lock_when_idle, resume
            from frontends.api.handed import keep_tidy

            await resume(state)
            nursery.start_soon(lock_when_idle, state)
            nursery.start_soon(keep_tidy, state)
        await announce(node, state.web.now)
        await keep_published(state)


@asynccontextmanager
async def _page(state: State, config: "Config") -> AsyncIterator[None]:
    """The owner's page, if they want one."""
    if state.headless or not config.web:
        yield
        return
    from frontends.web.web import page

    async with page(state, config.web_port, config.web_admins):
        yield


def _doubt(lines: "Dialer | Peers", moved: "Contact") -> None:
    """Who is somewhere new on this network may not be any more where we are connected to it."""
    lines.doubt(moved.peer)


def _import_node() -> None:
    import node.build  # noqa: F401  # for the next one, who will find it there


def _import_libp2p() -> None:
    import node.dht.running
    import node.near.running
    import node.transport.dialer  # noqa: F401


@contextmanager
def _ended_in_time() -> Iterator[threading.Event]:
    """An event that says 'stopping': the process ends STOP_TIME after it is set, closed or not."""
    stopping, ended = threading.Event(), threading.Event()

    def watch() -> None:
        stopping.wait()
        if not ended.wait(STOP_TIME):
            os._exit(0)

    threading.Thread(target=watch, name="stop", daemon=True).start()
    try:
        yield stopping
    finally:
        ended.set()
