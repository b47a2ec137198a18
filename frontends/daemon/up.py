"""``holdfast up`` and ``holdfast serve``: the same daemon, with and without a person."""

import os
import time
from typing import TYPE_CHECKING

import trio

from formats.base58 import base58
from frontends.browser import forget, is_desktop, show
from frontends.cli.output import Output
from frontends.daemon.run import run_daemon
from frontends.place import Place

if TYPE_CHECKING:
    from frontends.web.web import Web
    from node.build import Node


def up(place: Place, output: Output, browser: bool = True) -> None:
    """A node and its owner's local API, in the foreground; on a desktop, also a browser."""
    forget(place)

    async def announce(node: "Node", web: "Web | None") -> None:
        link = None if web is None else web.link()
        if output.json:
            output.event("up", {**await _facts(place, node), "link": link})
            return
        output.line(f"Holdfast is up. Its data: {place.home}. {_reach(node)}")
        if web is not None:
            output.line(f"Your page: {link}")
            output.line("That link is good once, for ten minutes; 'holdfast web' prints another.")
            if browser and output.terminal and is_desktop(os.environ):
                await trio.to_thread.run_sync(show, place, web.link())
        output.line(
            "The first time: 'holdfast signup NAME' in another terminal; later: 'login NAME'."
        )
        output.line("Ctrl-C here stops it; 'holdfast --help' lists what there is.")

    def news(said: str) -> None:
        output.note(f"{time.strftime('%H:%M')}  {said}")

    # Only to a terminal: what is kept in a file should not name a person's friends.
    run_daemon(place, False, announce, news if output.error_terminal else None)


def serve(place: Place, output: Output) -> None:
    """The same node without keys: prints where it is and, for an empty one, an invite."""

    async def announce(node: "Node", _web: "Web | None") -> None:
        invite = await node.admin.invite() if await node.admin.is_empty() else ""
        if output.json:
            output.event("serve", {**await _facts(place, node), "invite": invite})
            return
        output.line(f"Holdfast serves. Its data: {place.home}. {_reach(node)}")
        output.line(f"peer id: {base58(node.peer_id)}")
        if invite:
            output.line("Nobody lives here yet. This invite makes one account, within 7 days:")
            output.line(invite)

    run_daemon(place, headless=True, announce=announce)


async def _facts(place: Place, node: "Node") -> dict[str, object]:
    return {
        "home": place.home,
        "pid": os.getpid(),
        "peer": base58(node.peer_id),
        "addresses": list(node.addresses()),
    }


def _reach(node: "Node") -> str:
    addresses = node.addresses()
    return f"Listening on {', '.join(addresses)}." if addresses else "Not reachable by others."
