"""A whole node on the network: which port it takes, and two nodes that reach each other."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from formats.errors import BadConfig
from formats.whereabouts import Home
from frontends.daemon import network as network_module
from frontends.daemon.network import listening_somewhere
from node.build import Node, build
from node.config import Config
from node.transport.dialer import Dialer, dialing
from protocols.accounts import AskHello
from storage.memory import MemoryStore


def port_of(node: Node) -> int:
    return int(node.addresses()[0].split("/")[4])


@asynccontextmanager
async def running(home: Path, port: int | None = None) -> AsyncIterator[tuple[Node, Dialer]]:
    config = Config(home, port=port, listen=("127.0.0.1",))
    async with (
        build(config, store=MemoryStore()) as node,
        dialing(node) as network,
        listening_somewhere(node) as host,
    ):
        node.found(host.addresses)
        yield node, network


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The default port, which somebody else has."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = int(holder.getsockname()[1])
        monkeypatch.setattr(network_module, "DEFAULT_PORT", port)
        yield port


async def test_two_nodes_reach_each_other(tmp_path: Path) -> None:
    async with (
        running(tmp_path / "a", 0) as (alices, from_alice),
        running(tmp_path / "b", 0) as (bobs, from_bob),
    ):
        for node, network in ((bobs, from_alice), (alices, from_bob)):
            doors = await network.reach(Home(node.peer_id, node.addresses()))
            hello = await doors.accounts.hello(AskHello("test"))
            assert (hello.server, hello.client) == (node.peer_id, network.peer)
            own = await network.reach(Home(node.peer_id, node.addresses()))
            assert own.peer == node.peer_id


async def test_a_free_port_is_taken_when_the_default_is_not_free_and_kept(
    tmp_path: Path, taken: int
) -> None:
    async with running(tmp_path) as (node, _):
        first = port_of(node)
    assert first != taken
    async with running(tmp_path) as (node, _):
        assert port_of(node) == first


async def test_a_kept_port_that_is_gone_is_replaced(tmp_path: Path, taken: int) -> None:
    async with running(tmp_path) as (node, _):
        node.folder.keep_port(taken)
    async with running(tmp_path) as (node, _):
        assert port_of(node) != taken
        assert node.folder.kept_port() == port_of(node)


async def test_the_port_of_the_settings_is_the_only_one(tmp_path: Path, taken: int) -> None:
    with pytest.raises(BadConfig, match=f"port {taken}"):
        async with running(tmp_path, taken):
            raise AssertionError
    async with running(tmp_path, 0) as (node, _):
        assert node.folder.kept_port() is None


async def test_a_daemon_that_is_stopped_closes_its_port(tmp_path: Path) -> None:
    with trio.CancelScope() as scope:
        async with running(tmp_path, 0) as (node, network):
            port = port_of(node)
            await network.reach(Home(node.peer_id, node.addresses()))
            scope.cancel()
    async with running(tmp_path, port) as (node, _):
        assert port_of(node) == port
