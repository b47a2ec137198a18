"""A call being answered: its handler runs while the caller is there, then it is said how it ended.

When the caller goes away, or closes its sending side (Ctrl-C in the command line),
the handler is cancelled; to a half-closed connection the last words still go. A
handler's failure ends its own answer and nothing else.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from formats.errors import HoldfastError, Interrupted
from frontends.api.asking import Asked
from frontends.api.faults import as_error
from frontends.api.incoming import AT_ONCE
from frontends.api.reply import Json, Reply
from frontends.api.state import State

LAST_WORDS: Final = 2.0
"""Seconds for telling a caller who stopped what was done."""


class Answering:
    """One request being answered."""

    def __init__(self, state: State, asked: Asked, reply: Reply) -> None:
        self._state = state
        self._asked = asked
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
        if self._is_sent_in_vain:
            await refuse(stream, self._conclude)
            return
        with trio.move_on_after(LAST_WORDS if self._left else float("inf")):
            await self._conclude()

    @property
    def _is_sent_in_vain(self) -> bool:
        """Whether a body comes that is of no use; were this closed at once, nobody heard why."""
        incoming = self._asked.incoming
        failed = isinstance(self._result, HoldfastError) and not self._left
        return failed and incoming is not None and not incoming.ended.is_set()

    async def _handle(self) -> Json | HoldfastError:
        try:
            call = self._state, self._asked.values, self._reply, self._asked.incoming
            return await self._asked.route.handle(*call)
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
            await self._reply.done(self._result, self._asked.route.gives_bytes)

    async def _watch(self, stream: trio.SocketStream, scope: trio.CancelScope) -> None:
        """Cancel when the caller has gone. What it still sends is not for us: one request each."""
        if self._asked.incoming is not None:
            await self._asked.incoming.ended.wait()  # until then the handler itself hears of it
        await hear_leaving(stream)
        self._left = True
        scope.cancel()


async def refuse(stream: trio.SocketStream, say: Callable[[], Awaitable[None]]) -> None:
    """Say why a request is not answered, and take what is still sent, so that it can be read."""
    with trio.move_on_after(LAST_WORDS):
        await say()
        await stream.send_eof()
        while await stream.receive_some(AT_ONCE):
            pass


async def hear_leaving(stream: trio.SocketStream) -> None:
    """Until the caller has gone, or sends far more than it should."""
    extra = 0
    while extra <= AT_ONCE:
        try:
            data = await stream.receive_some(AT_ONCE)
        except trio.BrokenResourceError:
            return
        if not data:
            return
        extra += len(data)
