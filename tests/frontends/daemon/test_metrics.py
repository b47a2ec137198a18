"""Health and figures over HTTP."""

import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from formats.errors import BadConfig
from frontends.daemon.metrics import telling
from node.build import Node, build
from node.config import Config
from node.gate import Doing
from storage.memory import MemoryStore
from tests.daemons.served import read_all
from tests.node.people import Person

LINE = re.compile(r'holdfast_[a-z_]+(\{([a-z]+="[^"\\\n]*",?)+\})? -?[0-9.]+(e[+-]?\d+)?')


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with build(Config(tmp_path, work_bits=4), store=MemoryStore()) as made:
        yield made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def ask(port: int, request: bytes) -> tuple[int, str]:
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        await stream.send_all(request)
        try:
            answer = await read_all(stream)
        except trio.BrokenResourceError:  # it hung up with some of the request unread
            answer = b""
    head, _, body = answer.partition(b"\r\n\r\n")
    return (int(head.split()[1]), body.decode()) if head else (0, "")


async def get(port: int, path: str) -> tuple[int, str]:
    return await ask(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


async def test_health_says_how_it_is(node: Node) -> None:
    async with telling(node, free_port()) as port:
        assert await get(port, "/health") == (200, "ok\n")
        node.core.gate.doing = Doing.DRAINING
        assert await get(port, "/health") == (503, "draining\n")
        node.core.gate.doing = Doing.OPEN
        await node.store.aclose()
        assert await get(port, "/health") == (503, "StorageFailed\n")


async def test_figures_are_what_prometheus_reads_and_name_nobody(node: Node) -> None:
    alice = Person("alice")
    await alice.sign_up(node.open())
    async with telling(node, free_port()) as port:
        status, text = await get(port, "/metrics")
    assert status == 200
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    told = 'holdfast_answers_total{door="accounts",method="sign_up",outcome="ok"} 1'
    assert told in lines
    for name in ("alice", alice.id.hex()[:12], node.peer_id.hex()[:12]):
        assert name not in text


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405),
        (b"\0\xff\r\n\r\n", 0),
        (b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000, 0),
    ],
)
async def test_other_requests(node: Node, request_: bytes, status: int) -> None:
    async with telling(node, free_port()) as port:
        assert (await ask(port, request_))[0] == status
        assert (await get(port, "/health"))[0] == 200


async def test_without_a_port_nothing_listens(node: Node) -> None:
    async with telling(node, 0) as port:
        assert port == 0


async def test_a_port_that_is_taken_is_said(node: Node) -> None:
    async with telling(node, free_port()) as port:
        with pytest.raises(BadConfig, match="metrics_port"):
            async with telling(node, port):
                raise AssertionError("two listen on one port")
