"""The proxy passes everything on, and has it afterwards."""

from pathlib import Path
from random import Random

import trio

from tests.stories.proxy import proxy


async def echo(stream: trio.SocketStream) -> None:
    async for data in stream:
        await stream.send_all(data)


async def test_everything_passes_and_is_written_down(tmp_path: Path, rng: Random) -> None:
    data = rng.randbytes(1_000_000)
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, echo, [listener])
        port = listener.socket.getsockname()[1]
        async with proxy(tmp_path, "127.0.0.1", port, 2) as made:
            back = await through(made.addresses[1], data)
        nursery.cancel_scope.cancel()
    assert back == data
    assert (made.connections, made.bytes) == (1, 2 * len(data))
    assert written(tmp_path) == [data, data]


def written(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted(folder.iterdir())]


async def through(address: str, data: bytes) -> bytes:
    """Send everything there, read as much back."""
    stream = await trio.open_tcp_stream("127.0.0.1", int(address.rsplit("/", 1)[1]))
    back = bytearray()
    async with stream, trio.open_nursery() as nursery:
        nursery.start_soon(stream.send_all, data)
        while len(back) < len(data):
            back += await stream.receive_some()
    return bytes(back)


async def test_a_node_that_is_down_is_down_behind_the_proxy(tmp_path: Path) -> None:
    async with proxy(tmp_path, "127.0.0.1", 9, 1) as made:
        stream = await trio.open_tcp_stream("127.0.0.1", int(made.addresses[0].rsplit("/", 1)[1]))
        async with stream:
            try:
                assert await stream.receive_some() == b""
            except trio.BrokenResourceError:
                assert made.bytes == 0


async def test_it_holds_and_lets_go(tmp_path: Path, rng: Random) -> None:
    data = rng.randbytes(4_000_000)
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, echo, [listener])
        port = listener.socket.getsockname()[1]
        async with proxy(tmp_path, "127.0.0.1", port, 1) as made, trio.open_nursery() as going:
            going.start_soon(through, made.addresses[0], data)
            await made.hold(1_000_000)
            assert 1_000_000 <= made.bytes < len(data)
            made.let_go()
        nursery.cancel_scope.cancel()
    assert made.bytes == 2 * len(data)
