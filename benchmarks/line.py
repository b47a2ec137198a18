"""A long line on one machine: a proxy in a process of its own that gives every byte later.

What is on its way in one direction is bounded, as a system's buffers bound one TCP
connection, so the line's rate is the window divided by the round trip for whoever is
fast enough.
"""

from contextlib import suppress
from functools import partial
from math import inf
from typing import Final

import trio

from node.transport.room import Room

WINDOW: Final = 6 * 1024 * 1024
"""Bytes on their way: what Linux lets one connection have when nothing is configured."""

PIECE: Final = 64 * 1024


def relay(near: int, far: int, milliseconds: int) -> None:
    """Pass what comes to port ``near`` on to port ``far``, each way so much later."""
    with suppress(KeyboardInterrupt):
        trio.run(trio.serve_tcp, partial(_pass_on, far, milliseconds / 1e3), near)


async def _pass_on(far: int, delay: float, stream: trio.SocketStream) -> None:
    with suppress(OSError, trio.BrokenResourceError, trio.ClosedResourceError):
        other = await trio.open_tcp_stream("127.0.0.1", far)
        async with stream, other, trio.open_nursery() as nursery:
            nursery.start_soon(_one_way, stream, other, delay, nursery.cancel_scope)
            nursery.start_soon(_one_way, other, stream, delay, nursery.cancel_scope)


async def _one_way(
    source: trio.SocketStream, target: trio.SocketStream, delay: float, both: trio.CancelScope
) -> None:
    room = Room(WINDOW)
    sending, waiting = trio.open_memory_channel[tuple[float, bytes]](inf)

    async def later() -> None:
        async for due, data in waiting:
            await trio.sleep_until(due)
            await target.send_all(data)
            room.give(len(data))

    with suppress(trio.BrokenResourceError, trio.ClosedResourceError, BaseExceptionGroup):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(later)
            while data := bytes(await source.receive_some(PIECE)):
                await room.take(len(data))
                sending.send_nowait((trio.current_time() + delay, data))
            sending.close()
    both.cancel()
