"""What is kept is found again, byte for byte or not at all, whatever happens to the files."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from client.kept.index import FILE
from client.kept.kept import Kept
from client.kept.writer import LEAST
from formats.cid import Block
from formats.limits import KIB

ALICE, BOB = b"a" * 32, b"b" * 32


def segment(number: int, size: int = 256 * KIB) -> Block:
    """A block as segments are, different for each number."""
    return Block.raw((Random(number).randbytes(64) * (size // 64 + 1))[:size])


def node(number: int, size: int = 2 * KIB) -> Block:
    """A block as leaves and tree nodes are."""
    return Block.cbor(Random(number).randbytes(size))


def opened(folder: Path, limit: int = LEAST) -> Kept:
    return Kept(folder / "kept", limit)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = opened(tmp_path)
    yield made
    made.close()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "kept").iterdir())


def test_what_was_put_is_found_at_once_and_after_it_was_written(kept: Kept) -> None:
    blocks = [segment(1), node(2), segment(3, 1)]
    for block in blocks:
        kept.put(ALICE, block)
    assert [kept.load(block.cid) for block in blocks] == [block.data for block in blocks]
    kept.flush()
    assert [kept.load(block.cid) for block in blocks] == [block.data for block in blocks]
    assert kept.load(segment(4).cid) is None


def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.put(ALICE, segment(1))
    first.note(b"name", b"sealed")
    first.close()
    second = opened(tmp_path)
    assert second.load(segment(1).cid) == segment(1).data
    assert second.noted(b"name") == b"sealed"
    second.note(b"name", None)
    assert second.noted(b"name") is None
    second.close()


def test_nobody_else_can_look_at_it(tmp_path: Path, kept: Kept) -> None:
    kept.put(ALICE, segment(1))
    kept.put(ALICE, node(1))
    kept.flush()
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files(tmp_path)} == {0o600}


def test_a_full_cache_lets_the_oldest_go_and_stays_within_its_limit(
    tmp_path: Path, kept: Kept
) -> None:
    for number in range(400):  # 100 MiB through a room of 48
        kept.put(ALICE, segment(number))
        kept.flush()
    assert sum(file.stat().st_size for file in files(tmp_path)) <= LEAST
    assert kept.load(segment(0).cid) is None
    assert kept.load(segment(399).cid) == segment(399).data


def test_segments_do_not_push_out_structure(kept: Kept) -> None:
    kept.put(ALICE, node(1))
    for number in range(300):
        kept.put(ALICE, segment(number))
        kept.flush()
    assert kept.load(node(1).cid) == node(1).data


def test_what_is_used_stays(kept: Kept) -> None:
    kept.put(ALICE, segment(0))
    for number in range(1, 400):
        kept.put(ALICE, segment(number))
        kept.flush()
        assert kept.load(segment(0).cid) == segment(0).data
        kept.flush()


def test_a_queue_that_is_full_takes_no_more_and_holds_up_nobody(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept", LEAST, queue=300 * KIB)
    kept.put(ALICE, segment(1))
    kept.put(ALICE, segment(2))
    assert kept.load(segment(2).cid) is None
    kept.close()


def test_a_dropped_space_is_gone_from_the_files_too(tmp_path: Path, kept: Kept) -> None:
    hers, his, late = segment(1), segment(2), segment(3)
    kept.put(ALICE, hers)
    kept.put(BOB, his)
    kept.flush()
    kept.put(ALICE, late)
    kept.drop(ALICE)
    kept.put(BOB, node(4))
    kept.flush()
    assert [kept.load(block.cid) for block in (hers, late)] == [None, None]
    assert kept.load(his.cid) == his.data
    there = b"".join(file.read_bytes() for file in files(tmp_path))
    assert hers.data not in there
    assert late.data not in there
    assert his.data in there


def test_two_sessions_of_one_account_share_it(tmp_path: Path) -> None:
    one, two = opened(tmp_path), opened(tmp_path)
    for number in range(150):
        one.put(ALICE, segment(number))
        two.put(ALICE, segment(1000 + number))
        one.flush()
        two.flush()
    for kept in (one, two):
        assert kept.load(segment(149).cid) == segment(149).data
        assert kept.load(segment(1149).cid) == segment(1149).data
        kept.close()
    assert sum(file.stat().st_size for file in files(tmp_path)) <= LEAST + 2 * 1024 * KIB


def test_too_small_a_limit_keeps_nothing_and_takes_away_what_there_is(tmp_path: Path) -> None:
    opened(tmp_path).close()
    assert files(tmp_path)
    none = opened(tmp_path, 0)
    assert not none.works
    none.put(ALICE, segment(1))
    none.note(b"name", b"sealed")
    assert none.load(segment(1).cid) is None
    assert none.noted(b"name") is None
    assert files(tmp_path) == []
    none.close()


def test_what_was_written_survives_kill_9(tmp_path: Path) -> None:
    program = (
        "import sys, os, signal; from pathlib import Path\n"
        "from tests.client.kept.test_kept import opened, segment, ALICE\n"
        "kept = opened(Path(sys.argv[1]))\n"
        "for number in range(10): kept.put(ALICE, segment(number))\n"
        "kept.note(b'name', b'sealed'); kept.flush()\n"
        "for number in range(10, 90): kept.put(ALICE, segment(number))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    kept = opened(tmp_path)
    assert all(kept.load(segment(number).cid) == segment(number).data for number in range(10))
    assert kept.noted(b"name") == b"sealed"
    for number in range(10, 90):
        assert kept.load(segment(number).cid) in (None, segment(number).data)
    kept.put(ALICE, segment(100))
    kept.flush()
    assert kept.load(segment(100).cid) == segment(100).data
    kept.close()


def test_a_slab_altered_anywhere_gives_right_bytes_or_none(tmp_path: Path) -> None:
    blocks = [segment(number, 700) for number in range(8)]
    first = opened(tmp_path)
    for block in blocks:
        first.put(ALICE, block)
    first.close()
    (slab,) = [file for file in files(tmp_path) if file.suffix == ".slab"]
    whole = slab.read_bytes()
    for at in range(0, len(whole), 97):
        slab.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        kept = opened(tmp_path)
        found = [kept.load(block.cid) for block in blocks]
        assert [each for each in found if each is not None] == [
            block.data for number, block in enumerate(blocks) if number != at // 700
        ]
        with kept._lock:  # what was noticed need not be noted for the next round
            kept._jobs.clear()
        kept.close()


@pytest.mark.parametrize("keep", [0, 1, 699, 700, 701, 5599])
def test_a_truncated_slab_loses_its_end_only(tmp_path: Path, keep: int) -> None:
    blocks = [segment(number, 700) for number in range(8)]
    first = opened(tmp_path)
    for block in blocks:
        first.put(ALICE, block)
    first.close()
    (slab,) = [file for file in files(tmp_path) if file.suffix == ".slab"]
    os.truncate(slab, keep)
    kept = opened(tmp_path)
    for number, block in enumerate(blocks):
        assert kept.load(block.cid) == (block.data if (number + 1) * 700 <= keep else None)
    kept.flush()
    kept.put(ALICE, blocks[7])
    kept.flush()
    assert kept.load(blocks[7].cid) == blocks[7].data
    kept.close()


@pytest.mark.parametrize("seed", range(36))
def test_an_index_altered_anywhere_gives_right_bytes_or_none(tmp_path: Path, seed: int) -> None:
    blocks = [node(number, 900) for number in range(40)]
    first = opened(tmp_path)
    for block in blocks:
        first.put(ALICE, block)
    first.close()
    index = tmp_path / "kept" / FILE
    data, random = bytearray(index.read_bytes()), Random(seed)
    for _ in range(1 + seed % 5):
        at = random.randrange(100 if seed % 2 else len(data))
        data[at] ^= 1 << random.randrange(8)
    index.write_bytes(bytes(data) if seed % 7 else bytes(data[: random.randrange(len(data))]))
    kept = opened(tmp_path)
    for block in blocks:
        assert kept.load(block.cid) in (None, block.data)
    kept.put(ALICE, segment(1))
    kept.flush()
    assert kept.load(segment(1).cid) in (None, segment(1).data)
    kept.close()
    again = opened(tmp_path)
    for block in blocks:
        assert again.load(block.cid) in (None, block.data)
    again.close()


def test_an_index_of_another_version_is_thrown_away(tmp_path: Path) -> None:
    import sqlite3

    first = opened(tmp_path)
    first.put(ALICE, segment(1))
    first.close()
    other = sqlite3.connect(tmp_path / "kept" / FILE)
    other.execute("PRAGMA user_version = 7")
    other.close()
    kept = opened(tmp_path)
    assert kept.load(segment(1).cid) is None
    kept.put(ALICE, segment(1))
    kept.flush()
    assert kept.load(segment(1).cid) == segment(1).data
    kept.close()


def test_files_that_vanish_are_blocks_that_are_not_kept(tmp_path: Path, kept: Kept) -> None:
    kept.put(ALICE, segment(1))
    kept.flush()
    for file in files(tmp_path):
        file.unlink()
    assert kept.load(segment(1).cid) is None
    kept.put(ALICE, segment(2))
    kept.flush()
