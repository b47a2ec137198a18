"""UPnP: routers that map, that map otherwise than asked, and that say what they should not."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from formats.errors import HoldfastError, Malformed
from node.reach import natpmp, ssdp, upnp
from node.reach.elements import MAX_DEPTH, elements
from node.reach.gateway import Gateway
from node.reach.router_http import MAX_ANSWER, Page
from tests.nat.nodes import until
from tests.node.reach.igd import DEVICE, SERVICE, Igd, description, serving

HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """A port of this test alone for SSDP, and no patience with those who say nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HERE, 0))
        number = int(free.getsockname()[1])
    monkeypatch.setattr(ssdp, "PORT", number)
    monkeypatch.setattr(natpmp, "WAITS", (0.01,))
    return number


async def test_a_port_is_mapped_and_given_back() -> None:
    async with serving(Igd(), HERE) as igd:
        found = await upnp.mapped(HERE, 4061)
        assert found is not None
        assert (found.by, found.address, found.seconds) == (
            "UPnP",
            "/ip4/203.0.113.7/tcp/4061",
            3600,
        )
        assert igd.searched
        assert igd.mapped == {4061: (HERE, 4061, 3600)}
        await found.give_back()
        assert igd.mapped == {}
        await found.give_back()  # there is nothing any more, and nothing is raised


@pytest.mark.parametrize("kind", upnp.SERVICES)
async def test_every_kind_of_service(kind: str) -> None:
    async with serving(Igd(page=description(kind)), HERE):
        assert await upnp.mapped(HERE, 4061) is not None


async def test_ports_that_others_have_are_passed_over() -> None:
    async with serving(Igd(taken={4061, 4062}), HERE) as igd:
        found = await upnp.mapped(HERE, 4061)
        assert found is not None
        assert found.outside == 4063
        assert igd.mapped == {4063: (HERE, 4061, 3600)}


async def test_not_for_ever() -> None:
    taken = set(range(4061, 4061 + upnp.MAX_ATTEMPTS))
    async with serving(Igd(taken=taken), HERE) as igd:
        assert await upnp.mapped(HERE, 4061) is None
        assert igd.asked.count("AddPortMapping") == upnp.MAX_ATTEMPTS


async def test_a_router_that_maps_only_without_end() -> None:
    async with serving(Igd(only_for_ever=True), HERE) as igd:
        found = await upnp.mapped(HERE, 4061)
        assert found is not None
        assert igd.mapped == {4061: (HERE, 4061, 0)}
        assert found.seconds == 3600  # it is looked after all the same


@pytest.mark.parametrize("outer", ["0.0.0.0", "127.0.0.1", "239.0.0.1", "", "x", "::1"])
async def test_a_line_that_is_down(outer: str) -> None:
    async with serving(Igd(outer=outer), HERE) as igd:
        assert await upnp.mapped(HERE, 4061) is None
        assert "AddPortMapping" not in igd.asked


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:80/description.xml",
        "http://example.org/description.xml",
        "https://127.0.0.1/description.xml",
        "file:///etc/passwd",
        "http://127.0.0.1@192.0.2.1/",
        "http://a@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://[/",
        "/description.xml",
        f"http://127.0.0.1/{'x' * 1024}",
    ],
)
def test_a_description_elsewhere_is_not_asked_for(location: str) -> None:
    answer = f"HTTP/1.1 200 OK\r\nST: {DEVICE}\r\nLOCATION: {location}\r\n\r\n"
    assert ssdp.read(answer.encode(), HERE) is None


async def test_only_the_router_itself_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssdp, "WAITS", (0.1,))
    async with serving(Igd(), HERE) as igd:
        assert await upnp.mapped("127.0.0.9", 4061) is None
        assert igd.asked == []


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<root>",
        description("urn:schemas-upnp-org:service:Other:1"),
        description(url="http://127.0.0.2/control"),
        description(url="http://192.0.2.1:631/control"),
        description(url="https://127.0.0.1/control"),
        description(before="<!DOCTYPE root [<!ENTITY a 'b'>]>"),
        description(before="<!DOCTYPE root SYSTEM 'http://127.0.0.1/x.dtd'>"),
        description(before="<URLBase>http://192.0.2.1/</URLBase>"),
        "x" * (MAX_ANSWER + 1),
        "<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1),
    ],
)
async def test_descriptions_that_are_refused(page: str) -> None:
    async with serving(Igd(page=page), HERE) as igd:
        assert await upnp.mapped(HERE, 4061) is None
        assert igd.asked == []


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 301 X\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"<a>" * MAX_ANSWER,
    ],
)
async def test_web_servers_that_are_none(raw: bytes) -> None:
    async with serving(Igd(raw=raw), HERE):
        assert await upnp.mapped(HERE, 4061) is None


async def test_a_router_that_never_answers(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    async def found(router: str) -> Page:
        await trio.sleep_forever()
        raise AssertionError

    monkeypatch.setattr(ssdp, "found", found)
    began = trio.current_time()
    assert await upnp.mapped(HERE, 4061) is None
    assert trio.current_time() - began == upnp.PATIENCE


def test_a_url_base() -> None:
    page = Page.of(f"http://{HERE}:5000/description.xml", HERE)
    text = f"<r><URLBase>http://{HERE}:49152/igd/</URLBase>{description(url='c')[21:]}</r>"
    [service] = upnp.services(text.encode(), page)
    assert (service.kind, service.page.url) == (SERVICE, f"http://{HERE}:49152/igd/c")


def test_as_deep_as_allowed() -> None:
    deep = "<a>" * MAX_DEPTH + "x" + "</a>" * MAX_DEPTH
    assert elements(deep.encode())[0] == ("a", "x")
    with pytest.raises(Malformed):
        elements(f"<a>{deep}</a>".encode())


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    page = Page.of(f"http://{HERE}/", HERE)
    with suppress(HoldfastError):
        assert all(each.page.router == HERE for each in upnp.services(data, page))
    found = ssdp.read(data, HERE)
    assert found is None or found.router == HERE


@asynccontextmanager
async def kept(find: str | None = HERE) -> AsyncIterator[tuple[Gateway, list[str]]]:
    told: list[str] = []
    gateway = Gateway(lambda: 4061, lambda: told.append(gateway.address), lambda: find)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(gateway.run)
        yield gateway, told
        nursery.cancel_scope.cancel()


async def test_it_is_kept_and_given_back_at_the_end() -> None:
    async with serving(Igd(), HERE) as igd:
        async with kept() as (gateway, told):
            await until(lambda: bool(told))
            igd.mapped.clear()  # the router was started again
            gateway.look_again()
            await until(lambda: bool(igd.mapped))
            assert told == ["/ip4/203.0.113.7/tcp/4061"]
        assert igd.mapped == {}
        assert igd.asked[-1] == "DeletePortMapping"


async def test_one_port_at_a_time() -> None:
    async with serving(Igd(taken={4061}), HERE) as igd, kept() as (gateway, told):
        await until(lambda: bool(told))
        igd.taken.clear()
        gateway.look_again()
        await until(lambda: list(igd.mapped) == [4061])
        assert [each[-4:] for each in told] == ["4062", "4061"]


async def test_an_address_that_changes_keeps_its_mapping() -> None:
    async with serving(Igd(), HERE) as igd, kept() as (gateway, told):
        await until(lambda: bool(told))
        igd.outer = "203.0.113.8"
        gateway.look_again()
        await until(lambda: len(told) == 2)
        assert told[1] == "/ip4/203.0.113.8/tcp/4061"
        assert list(igd.mapped) == [4061]
