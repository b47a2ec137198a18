"""What a request asks for: its head, then its arguments, within limits of size and time.

Both listeners read through this: the command line's Unix socket, and the page's on loopback.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import h11
import trio

from formats.errors import Malformed, TimedOut, TooLarge, UnknownVersion
from frontends.api.incoming import ARGUMENTS, Incoming
from frontends.api.routes import Route
from frontends.api.shapes import parse
from frontends.version import HEADER, misfit

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes of a request's JSON: room for as many paths as a command line can hold."""

MAX_HEAD: Final = 16 * 1024
REQUEST_TIME: Final = 10.0
"""Seconds in which a request must have arrived whole."""

Finder = Callable[[str, str, bool], Awaitable[Route]]
"""The call for a method and a path; whether the node is headless."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call and its arguments. ``incoming``: the bytes that follow, if it takes any."""

    route: Route
    values: dict[str, object]
    incoming: Incoming | None


async def head_of(incoming: Incoming) -> h11.Request:
    """The head of the request; raises TimedOut, Malformed, TooLarge."""
    with _in_time():
        head = await incoming.head()
    if sum(len(name) + len(value) for name, value in head.headers) + len(head.target) > MAX_HEAD:
        raise TooLarge(f"a head of more than {MAX_HEAD} bytes", hint=_HELP)
    return head


async def asked(incoming: Incoming, head: h11.Request, find: Finder, headless: bool) -> Asked:
    """The call that a request is, with its arguments; raises what is wrong with it."""
    headers = dict(head.headers)
    _check_version(headers)
    target = head.target.decode("ascii", "replace")
    route = await find(head.method.decode("ascii"), target, headless)
    if route.takes_bytes:
        return Asked(route, parse(headers.get(ARGUMENTS, b"")), incoming)
    return Asked(route, parse(await whole(incoming, headers)), None)


async def whole(incoming: Incoming, headers: Mapping[bytes, bytes]) -> bytes:
    """A body of arguments."""
    with _in_time():
        _check_length(headers)
        body = bytearray()
        while data := await incoming.data():
            body += data
            _check_size(len(body))
        return bytes(body)


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        with trio.fail_after(REQUEST_TIME):
            yield
    except trio.TooSlowError:
        raise TimedOut("the request did not arrive in time") from None
    except h11.RemoteProtocolError as error:
        raise Malformed(f"that is no HTTP request: {error}", hint=_HELP) from None


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


_HELP: Final = "docs/spec/local_api.md says what requests look like"
