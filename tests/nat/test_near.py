"""Two homes in one house, without a router, the Internet or anything configured."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.base58 import from_base58
from formats.limits import PEER_ID_PREFIX
from node.near.datagrams import Announcement, announced
from node.near.group import FOUR, PORT
from tests.daemons.processes import card_of, soon
from tests.nat.lacking import needed
from tests.nat.lan import Lan, PlacedHome, lan

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"


@pytest.fixture
def there() -> Iterator[Lan]:
    """A network of its own for one test."""
    needed()
    with lan() as made:
        yield made


def _signed_up(home: PlacedHome, name: str) -> None:
    home.run("signup", name, "--password-stdin", stdin=PASSWORD).ok()


def _friends(alice: PlacedHome, bob: PlacedHome) -> None:
    assert soon(lambda: bob.run("follow", card_of(alice)).code == 0)
    assert soon(lambda: "bob" in alice.run("requests").ok().out)
    alice.run("accept", "bob", "--back").ok()
    assert soon(lambda: "you follow each other" in bob.run("contacts").ok().out)


def test_they_share_find_each_other_and_go_on_when_one_has_another_address(
    there: Lan, tmp_path: Path
) -> None:
    """Their records name no address that another machine could use: the network is all there is."""
    alice, bob = there.home(tmp_path / "alice"), there.home(tmp_path / "bob")
    (tmp_path / "song").write_bytes(b"la" * 500_000)
    with alice.daemon(), bob.daemon():
        _signed_up(alice, "alice")
        _signed_up(bob, "bob")
        assert alice.address not in alice.run("status").ok().out
        _friends(alice, bob)
        alice.run("mkdir", "music").ok()
        alice.run("put", str(tmp_path / "song"), "music/song").ok()
        alice.run("share", "music", "bob").ok()
        assert soon(lambda: "song" in bob.run("ls", "/alice/music").out)
        bob.run("get", "/alice/music/song", str(tmp_path / "heard")).ok()
        assert (tmp_path / "heard").read_bytes() == (tmp_path / "song").read_bytes()

        alice.move()
        alice.run("mkdir", "music/moved").ok()
        assert soon(lambda: "moved" in bob.run("ls", "/alice/music").out)


def test_with_nothing_but_ipv6_on_the_line(tmp_path: Path) -> None:
    """No address at all but those that IPv6 gives each line by itself."""
    needed()
    with lan(six=True) as there:
        alice, bob = there.home(tmp_path / "alice"), there.home(tmp_path / "bob")
        (tmp_path / "song").write_bytes(b"la" * 500_000)
        with alice.daemon(), bob.daemon():
            _signed_up(alice, "alice")
            _signed_up(bob, "bob")
            _friends(alice, bob)
            alice.run("put", str(tmp_path / "song"), "song").ok()
            alice.run("share", "song", "bob").ok()
            assert soon(lambda: bob.run("get", "/alice/song", str(tmp_path / "heard")).code == 0)
            assert (tmp_path / "heard").read_bytes() == (tmp_path / "song").read_bytes()
            assert "fe80:" not in card_of(alice)


def test_a_stranger_who_is_published_is_found(there: Lan, tmp_path: Path) -> None:
    alice, bob = there.home(tmp_path / "alice"), there.home(tmp_path / "bob")
    with alice.daemon(), bob.daemon():
        _signed_up(alice, "alice")
        _signed_up(bob, "bob")
        handle = alice.run("whoami").ok().out.split()[0]
        alice.run("publish", "on").ok()
        assert soon(lambda: bob.run("whois", handle).code == 0)
        assert "1 other node was found on the local network" in bob.run("doctor").out


def test_neither_who_is_told_not_to_nor_another_network_is_found(
    there: Lan, tmp_path: Path
) -> None:
    """And somebody on the same network invents nodes, sends rubbish, and says to be Alice."""
    alice = there.home(tmp_path / "alice")
    bob = there.home(tmp_path / "bob")
    silent = there.home(tmp_path / "silent", network_local="false")
    other = there.home(tmp_path / "other", network_name="family")
    with alice.daemon(), bob.daemon(), silent.daemon(), other.daemon():
        for home in (alice, bob, silent, other):
            _signed_up(home, home.path.name)
        node = alice.run("whoami").ok().out.split()[2]
        hostile = there.machine().call(lambda: shout(node, 3000))
        assert hostile == 3000
        card = card_of(alice)
        assert soon(lambda: bob.run("follow", card).code == 0)
        assert silent.run("follow", card).code != 0
        assert "no other nodes were found on the local network" in silent.run("doctor").out
        assert "1 other node was found on the local network" in bob.run("doctor").out
        assert other.run("follow", card).code != 0


def shout(node: str, times: int) -> int:
    """Say in the group that ``node`` is here, and many nodes that do not exist; how often."""
    target = (FOUR.group, PORT)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as shouting:
        shouting.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        said = Announcement(from_base58(node), 4061, "holdfast")
        for number in range(times):
            invented = Announcement(PEER_ID_PREFIX + number.to_bytes(32, "big"), 9, "holdfast")
            each = said if number % 100 == 0 else invented
            data = announced(each, b"x%d" % number)
            shouting.sendto(data if number % 3 else data[: number % len(data)] + data, target)
    return times
