"""js-libp2p and we understand each other: its Noise and yamux, and ours."""

import json
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import trio
from libp2p.peer.id import ID
from multiaddr import Multiaddr  # type: ignore[import-untyped]

from crypto.secret import random_secret
from formats import dag_cbor
from node.transport.host import listening
from node.transport.muxed import Identity, dialled
from protocols import blocks as b
from protocols.frames import framed
from tests.node.transport.fakes import FakeNode

HERE: Final = Path(__file__).parent
ASKED: Final = b"".join(
    framed([dag_cbor.encode({"i": 1, "o": "close_session", "q": {"session": bytes(16)}})])
)
ANSWERED: Final = b"".join(framed([dag_cbor.encode({"i": 1, "r": {}})]))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the host and what it needs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not there: no js-libp2p to speak to")
    folder = tmp_path_factory.mktemp("js")
    for name in ("package.json", "peer.mjs"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
    if subprocess.run(command, cwd=folder, check=False, timeout=240).returncode:
        pytest.skip("npm cannot install js-libp2p here")
    yield folder
    shutil.rmtree(folder / "node_modules")


class Js:
    """A running host in JavaScript. ``address``: where it listens."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process
        self._heard = b""
        self.address = ""

    async def line(self) -> dict[str, Any]:
        while b"\n" not in self._heard:
            assert self._process.stdout is not None
            more = await self._process.stdout.receive_some()
            assert more, "the host in JavaScript has ended"
            self._heard += bytes(more)
        line, _, self._heard = self._heard.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    async def ask(self, address: str, protocol: str, data: bytes, size: int) -> bytes:
        assert self._process.stdin is not None
        said = {"ask": address, "protocol": protocol, "hex": data.hex(), "size": size}
        await self._process.stdin.send_all(json.dumps(said).encode() + b"\n")
        answer = await self.line()
        assert "heard" in answer, answer
        return bytes.fromhex(answer["heard"])


@pytest.fixture
async def js(installed: Path) -> AsyncIterator[Js]:
    process = await trio.lowlevel.open_process(
        ["node", "peer.mjs"], cwd=installed, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        host = Js(process)
        host.address = (await host.line())["address"]
        yield host
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()


async def test_it_asks_a_door_of_ours(js: Js) -> None:
    node = FakeNode()
    async with listening(node, random_secret(), ["127.0.0.1"], 0) as ours:
        where = f"{ours.addresses[0]}/p2p/{ID(ours.peer)}"
        heard = await js.ask(where, b.PROTOCOL, ASKED, len(ANSWERED))
    assert heard == ANSWERED
    assert node.asked == ["blocks.close_session"]


async def test_it_answers_us_with_more_than_any_window(js: Js) -> None:
    where = Multiaddr(js.address)
    peer = ID.from_string(where.value_for_protocol("p2p")).to_bytes()
    data = random.Random(3).randbytes(5_000_000)
    socket = await trio.open_tcp_stream("127.0.0.1", int(where.value_for_protocol("tcp")))
    muxed = await dialled(socket, Identity(), peer)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxed.run)
        stream = await muxed.open("/echo/1")
        nursery.start_soon(stream.send_all, data)
        heard = bytearray()
        while len(heard) < len(data):
            heard += await stream.receive_some()
        await stream.aclose()
        await muxed.aclose()
    assert heard == data
