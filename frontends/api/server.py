"""The owner's local API: HTTP/1.1 over a Unix socket, one request a connection.

    connection --> who is it? --> head and body, within limits of size and time
               --> routes.py --> handler --> JSON lines or bytes as they come

When the caller goes away, or closes its sending side (Ctrl-C in the command line),
the handler is cancelled; to a half-closed connection the last words still go. A
handler's failure ends its own answer and nothing else.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import h11
import trio

from formats.errors import (
    HoldfastError,
    Interrupted,
    Malformed,
    TimedOut,
    TooLarge,
    TooMany,
    UnknownVersion,
)
from frontends.api.credentials import check_caller
from frontends.api.faults import as_error
from frontends.api.incoming import ARGUMENTS, AT_ONCE, Incoming
from frontends.api.reply import Json, Reply
from frontends.api.routes import Route
from frontends.api.shapes import parse
from frontends.api.state import State
from frontends.api.table import find_route
from frontends.version import HEADER, misfit

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes of a request's JSON: room for as many paths as a command line can hold."""

MAX_HEAD: Final = 16 * 1024
REQUEST_TIME: Final = 10.0
"""Seconds in which a request must have arrived whole."""

LAST_WORDS: Final = 2.0
"""Seconds for telling a caller who stopped what was done."""

MAX_CONNECTIONS: Final = 64

Finder = Callable[[str, str, bool], Awaitable[Route]]


class Server:
    """Answers connections from what ``state`` holds. ``find``: the call for method and path."""

    def __init__(self, state: State, find: Finder = find_route) -> None:
        self._state = state
        self._find = find
        self._open = 0

    async def serve(self, listener: trio.SocketListener) -> None:
        """Answer until cancelled."""
        await trio.serve_listeners(self._answer, [listener])

    async def _answer(self, stream: trio.SocketStream) -> None:
        self._open += 1
        try:
            async with stream:
                await self._exchange(stream)
        except (trio.BrokenResourceError, h11.LocalProtocolError):
            pass  # the caller is gone, or cannot be answered in HTTP: there is nobody to tell
        finally:
            self._open -= 1

    async def _exchange(self, stream: trio.SocketStream) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        reply = Reply(stream, connection)
        try:
            self._check(stream)
            route, values, incoming = await self._asked(stream, connection)
        except HoldfastError as error:
            with trio.move_on_after(LAST_WORDS):
                await reply.failed(error)
                await _drain(stream)
            return
        await _Run(self._state, route, values, reply, incoming).follow(stream)

    async def _asked(
        self, stream: trio.SocketStream, connection: h11.Connection
    ) -> tuple[Route, dict[str, object], Incoming | None]:
        """The call, its arguments, and the bytes that follow if it takes any."""
        incoming = Incoming(stream, connection)
        with _in_time():
            head = await incoming.head()
        _check_version(dict(head.headers))
        route = await self._find(*_called(head), self._state.headless)
        if route.takes_bytes:
            return route, parse(dict(head.headers).get(ARGUMENTS, b"")), incoming
        with _in_time():
            return route, parse(await _whole(incoming, head)), None

    def _check(self, stream: trio.SocketStream) -> None:
        if self._open > MAX_CONNECTIONS:
            raise TooMany(f"{MAX_CONNECTIONS} requests are under way at this daemon")
        check_caller(stream)


class _Run:
    """One request being answered."""

    def __init__(
        self,
        state: State,
        route: Route,
        values: dict[str, object],
        reply: Reply,
        incoming: Incoming | None,
    ) -> None:
        self._incoming = incoming
        self._state = state
        self._route = route
        self._values = values
        self._reply = reply
        self._result: Json | HoldfastError = None
        self._left = False

    async def follow(self, stream: trio.SocketStream) -> None:
        """Run the handler while the caller is there; then say how it ended."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._watch, stream, nursery.cancel_scope)
            nursery.start_soon(self._reply.keep_progress_flowing)
            self._result = Interrupted("stopped")
            self._result = await self._handle()
            nursery.cancel_scope.cancel()
        with trio.move_on_after(LAST_WORDS if self._left else float("inf")):
            await self._conclude()

    async def _handle(self) -> Json | HoldfastError:
        try:
            call = self._state, self._values, self._reply, self._incoming
            return await self._route.handle(*call)
        except Exception as raised:  # noqa: BLE001  # the border: one bad handler, one bad answer
            if self._reply.gone:
                return Interrupted("the caller went away")
            error = as_error(raised)
            self._state.note_error(error)
            return error

    async def _conclude(self) -> None:
        if isinstance(self._result, HoldfastError):
            await self._reply.failed(self._result)
        else:
            await self._reply.done(self._result, self._route.gives_bytes)

    async def _watch(self, stream: trio.SocketStream, scope: trio.CancelScope) -> None:
        """Cancel when the caller has gone. What it still sends is not for us: one request each."""
        if self._incoming is not None:
            await self._incoming.ended.wait()  # until then the handler itself hears of it
        extra = 0
        while extra <= AT_ONCE:
            try:
                data = await stream.receive_some(AT_ONCE)
            except trio.BrokenResourceError:
                break
            if not data:
                break
            extra += len(data)
        self._left = True
        scope.cancel()


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        with trio.fail_after(REQUEST_TIME):
            yield
    except trio.TooSlowError:
        raise TimedOut("the request did not arrive in time") from None
    except h11.RemoteProtocolError as error:
        raise Malformed(f"that is no HTTP request: {error}", hint=_HELP) from None


def _called(head: h11.Request) -> tuple[str, str]:
    return head.method.decode("ascii"), head.target.decode("ascii", "replace")


async def _whole(incoming: Incoming, head: h11.Request) -> bytes:
    """A body of arguments."""
    _check_length(dict(head.headers))
    body = bytearray()
    while data := await incoming.data():
        body += data
        _check_size(len(body))
    return bytes(body)


def _check_version(headers: Mapping[bytes, bytes]) -> None:
    """Return if the caller says nothing of its version, or one that fits; raises UnknownVersion."""
    theirs = headers.get(HEADER.lower().encode())
    said = "" if theirs is None else misfit(theirs.decode("ascii", "replace"), "the command")
    if said:
        raise UnknownVersion(said, hint="use the 'holdfast' that this daemon was started with")


def _check_length(headers: Mapping[bytes, bytes]) -> None:
    length = headers.get(b"content-length", b"0")
    _check_size(int(length) if length.isdigit() else 0)


def _check_size(size: int) -> None:
    if size > MAX_BODY:
        raise TooLarge(
            f"a request of {size} bytes; {MAX_BODY} are the most",
            hint="name fewer things at once, or the folder they are in",
        )


async def _drain(stream: trio.SocketStream) -> None:
    """Take what a refused caller is still sending, so that it can read why it was refused."""
    while await stream.receive_some(AT_ONCE):
        pass


_HELP: Final = "docs/spec/local_api.md says what requests look like"
