"""A node's store is brought to a bucket and back: real daemons, a real server, kills in between."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crypto.secret import random_bytes
from tests.daemons.processes import Home, finish
from tests.world.s3 import BUCKET, ENVIRON, shared
from tests.world.s3_faults import Fault, Proxy, proxied

pytestmark = pytest.mark.slow

PASSWORD = "correct horse\n"
MIB = 1024 * 1024


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """In front of the server, to know how far a process is."""
    with proxied(shared().port) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A data folder with alice and some files of hers; no daemon runs."""
    home = Home(tmp_path / "home", more=ENVIRON)
    source = tmp_path / "files"
    source.mkdir()
    for number in range(5):
        (source / f"large-{number}").write_bytes(os.urandom(8 * MIB))
        (source / f"small-{number}").write_bytes(os.urandom(200))
    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin=PASSWORD).ok()
        home.run("put", str(source), "/alice/").ok()
    return home


def settings(port: int) -> str:
    return (
        '[store]\nblocks = "s3"\n'
        f's3_endpoint = "http://127.0.0.1:{port}"\ns3_bucket = "{BUCKET}"\n'
        f's3_prefix = "cli/{random_bytes(8).hex()}"\ns3_cache = "64 MiB"\n'
    )


def all_there(home: Home, tmp_path: Path, target: str) -> None:
    """Alice's files are as they were, and the node finds nothing wrong."""
    with home.daemon():
        home.run("login", "alice", "--password-stdin", stdin=PASSWORD)
        home.run("get", "/alice/files", str(tmp_path / target)).ok()
        home.run("node", "verify", "--deep").ok()
        home.run("put", str(tmp_path / "files" / "small-0"), f"/alice/after-{target}").ok()
    for each in (tmp_path / "files").iterdir():
        found = [*(tmp_path / target).rglob(each.name)]
        assert [one.read_bytes() for one in found] == [each.read_bytes()]


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def migrate_and_kill(home: Home, proxy: Proxy, puts: int) -> None:
    """Let it store so many packs, and kill it when it asks for one more."""
    process: list[subprocess.Popen[bytes]] = []
    seen = 0

    def count(request: str) -> Fault:
        nonlocal seen
        seen += request.startswith("PUT") and "packs/" in request
        if seen > puts:
            process[0].send_signal(signal.SIGKILL)
            return Fault.CUT
        return Fault.PASS

    with proxy.lock:  # nothing is asked until the process is known
        proxy.chooses = count
        process.append(home.start("node", "storage", "migrate"))
    assert finish(process[0], 120).code == -signal.SIGKILL
    proxy.chooses = lambda request: Fault.PASS


def test_there_and_back_with_kills_in_between(home: Home, proxy: Proxy, tmp_path: Path) -> None:
    config = home.path / "config.toml"
    assert "in files of the data folder" in home.run("node", "storage", "show").ok().out
    already = home.run("node", "storage", "migrate")
    assert already.code == 37
    assert "already" in already.err
    config.write_text(settings(proxy.port))
    refused = home.run("up")
    assert refused.code == 37
    assert "holdfast node storage migrate" in refused.err
    before = contents(home.path / "node" / "store" / "packs")

    for puts in (1, 2):
        migrate_and_kill(home, proxy, puts)
        assert "in files of the data folder" in home.run("node", "storage", "show").ok().out
    moved = home.run("node", "storage", "migrate").ok()
    assert "each was read back and compared" in moved.out
    assert "in the data folder, with larger blocks in" in home.run("node", "storage", "show").out
    assert contents(home.path / "node" / "store" / "packs") == before
    all_there(home, tmp_path, "from-bucket")
    assert not any((home.path / "node" / "store-2" / "packs").iterdir())

    config.unlink()
    (done,) = home.run("node", "storage", "migrate", "--json").ok().events
    assert done["done"]["damaged"] == done["done"]["lost"] == 0  # type: ignore[index]
    all_there(home, tmp_path, "back-again")
    all_words = home.path.rglob("*")
    secret = ENVIRON["AWS_SECRET_ACCESS_KEY"].encode()
    assert not [each for each in all_words if each.is_file() and secret in each.read_bytes()]


def test_a_node_that_ran_in_between_is_moved_anew(home: Home, proxy: Proxy, tmp_path: Path) -> None:
    config = home.path / "config.toml"
    config.write_text(settings(proxy.port))
    migrate_and_kill(home, proxy, 2)
    said = config.read_text()
    config.unlink()
    with home.daemon():
        home.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
        home.run("put", str(tmp_path / "files" / "large-1"), "/alice/late").ok()
        home.run("rm", "/alice/files/large-2").ok()
        config.write_text(said)
        running = home.run("node", "storage", "migrate")
        assert running.code == 18
        assert "a daemon runs for" in running.err
        assert "stop it" in running.err
    home.run("node", "storage", "migrate").ok()
    with home.daemon():
        home.run("login", "alice", "--password-stdin", stdin=PASSWORD).ok()
        home.run("get", "/alice/late", str(tmp_path / "late")).ok()
        home.run("node", "verify", "--deep").ok()
    found = [each for each in (tmp_path / "late", tmp_path / "late" / "late") if each.is_file()]
    assert found[0].read_bytes() == (tmp_path / "files" / "large-1").read_bytes()


def test_a_backup_of_a_node_in_a_bucket_is_restored_to_files(
    home: Home, proxy: Proxy, tmp_path: Path
) -> None:
    config = home.path / "config.toml"
    config.write_text(settings(proxy.port))
    home.run("node", "storage", "migrate").ok()
    with home.daemon():
        home.run("node", "backup", str(tmp_path / "backups")).ok()
        home.run("node", "backup", str(tmp_path / "backups")).ok()
    restored = Home(tmp_path / "restored", more=ENVIRON)
    restored.run("node", "restore", str(tmp_path / "backups")).ok()
    assert "holdfast node storage migrate" in restored.run("up").err
    (restored.path / "config.toml").unlink()
    with restored.daemon():
        restored.run("node", "verify", "--deep").ok()


def test_settings_are_checked_with_their_keys(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.path.mkdir(mode=0o700)
    (home.path / "config.toml").write_text(settings(9))
    checked = home.run("node", "config", "check")
    assert checked.code == 28
    assert "AWS_ACCESS_KEY_ID" in checked.err
    home.more |= ENVIRON
    assert "store.s3_bucket" in home.run("node", "config", "check").ok().out
