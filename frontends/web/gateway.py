"""START HERE. The owner's page and API on loopback: one request a connection.

    connection --> doorstep.py: few, and soon --> guard.py, sites.py: which site, from where?
        the page's site     /v1/...   visits.py: cookie and key --> the calls of frontends/api
                            the rest  assets.py: the page's own files
        the other site      content.py: an address that was given out --> showing.py: the bytes

Nothing after the first request of a connection is read as another one: what two programs might
take for two requests (smuggling) is one here, or none.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import h11
import trio

from formats.errors import NotFound, TimedOut, Unfit, Usage
from frontends.api.answering import Answering, refuse
from frontends.api.asking import MAX_HEAD, Finder, asked, head_of
from frontends.api.faults import as_error
from frontends.api.incoming import Incoming
from frontends.api.reply import Reply
from frontends.api.routes import PREFIX, Route, nothing_local
from frontends.api.state import State
from frontends.api.table import find_route
from frontends.web.admins import Admins
from frontends.web.assets import Assets
from frontends.web.content import Addresses, Given
from frontends.web.doorstep import Doorstep
from frontends.web.entering import ENTER, entering, find_visit, leaving, staying
from frontends.web.giving import exporting, following, packing, showing
from frontends.web.guard import check_call, check_content, check_page
from frontends.web.headers import CALLS, of_page
from frontends.web.request import Request
from frontends.web.showing import show
from frontends.web.sites import Sites
from frontends.web.visits import AGAIN, Visit, Visits

LINK: Final = "/v1/web/link"
PAGE_TIME: Final = 30.0
"""Seconds in which a part of the page must have been taken."""


class Gateway:
    """Answers connections. ``visits``: who has entered; ``find``: the call for method and path."""

    def __init__(
        self,
        state: State,
        sites: Sites,
        visits: Visits,
        admins: Admins | None = None,
        assets: Assets | None = None,
        find: Finder = find_route,
    ) -> None:
        self._state: Final = state
        self._sites: Final = sites
        self._visits: Final = visits
        self._admins: Final = admins or Admins()
        self._assets: Final = assets or Assets()
        self._find: Final = find
        self._addresses: Final = Addresses(state, visits)
        self._doorstep: Final = Doorstep()
        self._enter: Final = entering(visits, sites)

    async def serve(self, listeners: Sequence[trio.SocketListener]) -> None:
        """Answer until cancelled."""
        await trio.serve_listeners(self._answer, list(listeners))

    async def _answer(self, stream: trio.SocketStream) -> None:
        try:
            async with stream:
                await self._exchange(stream)
        except (trio.BrokenResourceError, h11.LocalProtocolError):
            pass  # the caller is gone, or cannot be answered in HTTP: there is nobody to tell

    async def _exchange(self, stream: trio.SocketStream) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        incoming, reply = Incoming(stream, connection), Reply(stream, connection, CALLS)
        say = reply.failed
        try:
            with self._doorstep.waiting():
                head = await head_of(incoming)
                request = Request.made(stream, connection, incoming, reply, head)
                say = request.refuse
                entered = await self._doorstep_answer(request)
            with self._doorstep.inside():
                if isinstance(entered, Visit):
                    await self._call(request, self._finder(entered))
                elif isinstance(entered, Given):
                    await show(self._sites, request, entered)
        except (trio.BrokenResourceError, h11.LocalProtocolError):
            raise
        except Exception as raised:  # noqa: BLE001  # the border: one bad request, one bad answer
            error = as_error(raised)
            self._state.note_error(error)
            with suppress(TimedOut), self._doorstep.waiting():
                await refuse(stream, partial(say, error))

    async def _doorstep_answer(self, request: Request) -> Visit | Given | None:
        """Answer what anybody may ask; else the visit of a call, or what an address stands for."""
        if self._sites.is_content(request.header(b"host")):
            check_content(self._sites, request.headers)
            return self._addresses.find(request.target)
        if not request.target.startswith(PREFIX):
            await self._part(request)
            return None
        check_call(self._sites, request.headers)
        if request.target == ENTER:
            await self._call(request, self._entering)
            return None
        return find_visit(self._visits, self._sites, request.headers)

    async def _call(self, request: Request, find: Finder) -> None:
        """A call of the API."""
        found = await asked(request.incoming, request.head, find, self._state.headless)
        nothing_local(found.route, found.values)
        self._admins.check(self._state, found.route, found.values)
        await Answering(self._state, found, request.reply).follow(request.stream)

    async def _entering(self, method: str, _path: str, _headless: bool) -> Route:
        if method != self._enter.method:
            raise Usage(f"a link is used with {self._enter.method}")
        return self._enter

    def _finder(self, visit: Visit) -> Finder:
        """The calls of one who has entered: a few of their own, and all others."""
        at = self._addresses, self._sites, visit
        given = showing(*at), packing(*at), exporting(*at), following(*at[:2])
        own = leaving(self._visits, visit), staying(self._sites, self._admins), *given
        table = {(each.method, each.path): each for each in own}

        async def find(method: str, path: str, headless: bool) -> Route:
            if path == LINK:
                raise Unfit("links are made by the command line alone", hint=AGAIN)
            return table.get((method, path)) or await self._find(method, path, headless)

        return find

    async def _part(self, request: Request) -> None:
        """The page, or one of its files."""
        check_page(self._sites, request.headers)
        if not request.is_look:
            raise Usage("the page is only to be looked at")
        path, _, _ = request.target.partition("?")
        asset = await trio.to_thread.run_sync(self._assets.look, path)
        if asset is None:
            raise NotFound("the page has no such part", hint=f"it begins at {self._sites.page}")
        answer = request.answer(of_page(self._sites))
        packed = asset.packed is not None and "gzip" in request.header(b"accept-encoding")
        headers, body = asset.headers(packed), asset.packed if packed else asset.body
        status = 304 if request.header(b"if-none-match") == asset.etag else 200
        with trio.move_on_after(PAGE_TIME):
            await answer.whole(status, body or b"", *headers)
