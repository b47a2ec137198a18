"""Which node an account lives on."""

from pathlib import Path

import pytest

from formats.base58 import base58
from formats.errors import BadInvite, StorageFailed, Usage
from formats.invite import Invite
from formats.whereabouts import Home
from frontends.api.homes import Homes, parse_at
from frontends.place import Place

PEER = bytes.fromhex("002408011220") + bytes(range(32))
ADDRESS = "/ip4/192.0.2.7/tcp/4061"
HOME = Home(PEER, (ADDRESS,))


def test_an_invite_names_a_node_and_a_code() -> None:
    invite = Invite(PEER, (ADDRESS,), b"c" * 16, 0)
    assert parse_at(f"  {invite.text}\n") == (HOME, b"c" * 16)


def test_an_address_names_a_node() -> None:
    assert parse_at(f"{ADDRESS}/p2p/{base58(PEER)}") == (HOME, None)


@pytest.mark.parametrize("text", [ADDRESS, f"{ADDRESS}/p2p/", "/p2p/x", f"{ADDRESS}/p2p/0OIl"])
def test_an_address_without_a_peer_is_no_node(text: str) -> None:
    with pytest.raises(Usage):
        parse_at(text)


@pytest.mark.parametrize("text", ["", "alice", "holdfast-invite1:AAAA", "holdfast-card1:AAAA"])
def test_anything_else_is_a_bad_invite(text: str) -> None:
    with pytest.raises(BadInvite):
        parse_at(text)


def test_what_was_kept_is_found_again_and_forgotten_again(tmp_path: Path) -> None:
    place = Place(str(tmp_path))
    assert Homes(place).find("alice") is None
    Homes(place).keep("alice", HOME, base58(PEER))
    Homes(place).keep("bob", None, "")
    assert Homes(place).find("alice") == HOME
    assert Homes(place).find("bob") is None
    Homes(place).keep("alice", None, "")
    assert Homes(place).find("alice") is None


def test_nothing_to_remember_writes_nothing(tmp_path: Path) -> None:
    Homes(Place(str(tmp_path))).keep("alice", None, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ['{"alice": 1}', '{"alice": {"peer": 1}}', "[]"])
def test_a_file_of_another_shape_knows_nobody(tmp_path: Path, text: str) -> None:
    homes = Homes(Place(str(tmp_path)))
    (homes.folder / "homes.json").write_text(text)
    assert homes.find("alice") is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    homes = Homes(Place(str(tmp_path)))
    (homes.folder / "homes.json").write_text("{")
    with pytest.raises(StorageFailed, match=r"homes\.json"):
        homes.find("alice")
