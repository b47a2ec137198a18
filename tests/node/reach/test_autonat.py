"""Being called back: only where one's own connection comes from, and not too often."""

import trio

from node.reach import autonat
from node.reach.autonat import AUTONAT, Answer, CallingBack, ask
from node.reach.identify import identifying, observed
from node.reach.protobuf import encode
from node.reach.telling import Telling
from node.transport.addresses import Endpoint
from node.transport.host import Host
from tests.node.reach.test_relay import node, two


async def connect(to: Host, of: Host) -> None:
    """Have a connection between them."""
    with identifying(to, lambda: ()):
        await observed(lambda name: of.peers.open(to.peer, to.addresses, name))


async def test_who_can_be_called_is_told_where() -> None:
    async with two() as (asker, server):
        await connect(server, asker)
        with CallingBack(server).serving():
            assert await ask(asker, server.peer, asker.addresses) == (
                Answer.OK,
                asker.addresses[0],
            )


async def test_who_cannot_be_called_is_told_so() -> None:
    async with two() as (asker, server):
        await connect(server, asker)
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]
        await listeners[0].aclose()
        with CallingBack(server).serving():
            answer, where = await ask(asker, server.peer, [f"/ip4/127.0.0.1/tcp/{port}"])
            assert (answer, where) == (Answer.DIAL_ERROR, "")


async def test_somebody_else_who_answers_there_does_not_count() -> None:
    async with two() as (asker, server), node() as other:
        await connect(server, asker)
        with CallingBack(server).serving():
            answer, _ = await ask(asker, server.peer, other.addresses)
            assert answer == Answer.DIAL_ERROR


async def test_nobody_else_is_called() -> None:
    async with two() as (asker, server):
        await connect(server, asker)
        third = await trio.open_tcp_listeners(0, host="127.0.0.2")
        port = third[0].socket.getsockname()[1]
        elsewhere = [f"/ip4/127.0.0.2/tcp/{port}", f"/dns4/localhost/tcp/{port}", "/ip6/::1/tcp/9"]
        with CallingBack(server).serving():
            answer, _ = await ask(asker, server.peer, elsewhere)
        assert answer == Answer.DIAL_REFUSED
        with trio.move_on_after(0.05) as nobody:
            await third[0].accept()
        assert nobody.cancelled_caught
        await third[0].aclose()


async def test_nobody_asks_for_another() -> None:
    async with two() as (asker, server), node() as other:
        await connect(server, asker)
        with CallingBack(server).serving():
            stream = await asker.peers.open(server.peer, (), AUTONAT)
            told = Telling(stream)
            await told.tell(encode([(1, 0), (2, encode([(1, encode([(1, other.peer)]))]))]))
            assert (await told.hear()).message(3).number(1) == Answer.BAD_REQUEST
            await stream.aclose()


def test_who_comes_by_a_relay_is_not_called() -> None:
    assert autonat._permitted(None, ["/ip4/127.0.0.1/tcp/4061"]) == []


def test_only_so_many_addresses_are_tried() -> None:
    asked = [f"/ip4/192.0.2.1/tcp/{port}" for port in range(1, 10)]
    permitted = autonat._permitted(Endpoint("192.0.2.1", 5), asked)
    assert [address for address, _ in permitted] == asked[: autonat.MOST_TRIED]


async def test_questions_of_a_site_and_of_all_are_limited() -> None:
    async with node() as server:
        calling = CallingBack(server)
        one = [calling._admits(Endpoint("192.0.2.1", 1)) for _ in range(autonat.A_MINUTE + 1)]
        assert one == [True] * autonat.A_MINUTE + [False]
        more = [calling._admits(Endpoint(f"192.0.3.{at}", 1)) for at in range(60)]
        assert more.count(True) == autonat.A_MINUTE_IN_ALL - autonat.A_MINUTE


async def test_identify_says_as_whom_one_is_seen() -> None:
    async with two() as (asker, server):
        await connect(server, asker)
        with identifying(server, lambda: server.addresses):
            seen = await observed(lambda name: asker.peers.open(server.peer, (), name))
        port = asker.peers.port_here(server.peer)
        assert seen == f"/ip4/127.0.0.1/tcp/{port}"
