"""The node's folder: its key and its port, whole and private."""

from pathlib import Path

import pytest

from formats.errors import StorageFailed
from node.folder import NodeFolder
from node.peer import PEER_ID_SIZE, peer_id
from tests.node.people import secret


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path / "home")
    seed = folder.key()
    assert folder.key() == seed
    assert folder.key_file.stat().st_mode & 0o777 == 0o600
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in folder.path.iterdir()] == ["node.key"]


def test_a_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path)
    folder.make()
    folder.key_file.write_bytes(b"short")
    with pytest.raises(StorageFailed, match="has 5 bytes, not 32"):
        folder.key()
    assert folder.key_file.read_bytes() == b"short"


def test_the_port_is_kept(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path)
    assert folder.kept_port() is None
    folder.keep_port(50_123)
    folder.keep_port(50_124)
    assert folder.kept_port() == 50_124


@pytest.mark.parametrize("text", ["", "x", "0", "65536", "-1"])
def test_a_port_file_that_makes_no_sense_is_as_none(tmp_path: Path, text: str) -> None:
    folder = NodeFolder(tmp_path)
    folder.make()
    folder.port_file.write_text(text)
    assert folder.kept_port() is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="the data folder cannot be made"):
        NodeFolder(tmp_path / "file").make()


def test_the_peer_id_is_libp2ps_of_a_known_key() -> None:
    # ``libp2p.peer.id.ID.from_pubkey`` of the key pair that the same seed makes.
    from libp2p.crypto.ed25519 import create_new_key_pair
    from libp2p.peer.id import ID

    seed = secret("node")
    assert peer_id(seed) == ID.from_pubkey(create_new_key_pair(seed.reveal()).public_key).to_bytes()
    assert len(peer_id(seed)) == PEER_ID_SIZE
