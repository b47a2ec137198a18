"""Very much of something small, and something very large or deep: counted, refused, survived.

A million tiny blocks are ``python -m tests.hostile.clients.tiny``, and here a sample.
"""

from pathlib import Path

import pytest

from formats import dag_cbor
from formats.cid import Block
from formats.envelope import Envelope
from formats.errors import Expired, HoldfastError, Malformed, TooLarge
from formats.identity import IdentityRecord
from formats.pointer import Pointer
from formats.space import SpaceRecord
from protocols import accounts as a
from protocols import blocks as b
from protocols import inbox as i
from protocols import pointers as p
from tests.hostile.clients.conftest import Home
from tests.hostile.clients.tiny import flood

TIMES = 3
BATCH = 1000


async def reserved(home: Home) -> int:
    account = await home.his.accounts.account(a.AskAccount(home.mallory.id))
    return account.usage.reserved


async def test_tiny_blocks_are_charged_and_given_back(home: Home) -> None:
    """Each one counts at least its bytes; what no commit names goes with its session."""
    mallory = home.mallory
    asked = b.OpenSession(mallory.id, mallory.space.record.space)
    opened = await home.his.blocks.open_session(asked)
    before = await reserved(home)
    for number in range(TIMES):
        tiny = [Block.raw(b"%d %d" % (number, each)) for each in range(BATCH)]
        await home.his.blocks.stage(b.Stage(opened.session, tuple(tiny)))
    assert await reserved(home) - before >= TIMES * BATCH * 3
    await home.his.blocks.close_session(b.CloseSession(opened.session))
    assert await reserved(home) == before
    with pytest.raises(Expired):
        await home.his.blocks.stage(b.Stage(opened.session, (Block.raw(b"one more"),)))


async def test_tiny_blocks_leave_nothing_on_a_disk(tmp_path: Path) -> None:
    cost = await flood(tmp_path / "node", 5000)
    assert cost.holds, cost.line()
    assert cost.charged >= 5000 * 10


async def test_the_same_block_a_thousand_times_is_one_block(home: Home) -> None:
    mallory = home.mallory
    asked = b.OpenSession(mallory.id, mallory.space.record.space)
    opened = await home.his.blocks.open_session(asked)
    block = Block.raw(b"again and again")
    once = await home.his.blocks.stage(b.Stage(opened.session, (block,)))
    often = await home.his.blocks.stage(b.Stage(opened.session, (block,) * 1000))
    assert often == once


@pytest.mark.parametrize("kind", [Pointer, SpaceRecord, IdentityRecord])
@pytest.mark.parametrize("depth", [31, 33, 1000, 100_000])
def test_records_that_go_deep_are_refused_before_they_are_followed(kind: type, depth: int) -> None:
    nested = b"\x81" * depth + b"\x00"
    with pytest.raises(Malformed):
        kind.decode(nested)  # type: ignore[attr-defined]
    with pytest.raises(Malformed):
        dag_cbor.decode(b"\x81" * max(depth, 33) + b"\x00")


@pytest.mark.parametrize("size", [2**16, 2**20, 2**24])
def test_records_that_are_long_are_refused_by_their_length(size: int) -> None:
    with pytest.raises((Malformed, TooLarge)):
        Envelope.decode(bytes(size), "record", 4096, keyed=False)


async def test_a_commit_of_nothing_but_length_changes_nothing(home: Home) -> None:
    space = home.mallory.space.record.space
    before = await home.his.pointers.resolve(p.Resolve(home.mallory.id, space, None))
    for commit in (b"", b"\x80", bytes(1000), b"\x9b" + b"\xff" * 8, b"\x81" * 5000):
        with pytest.raises(HoldfastError):
            await home.his.pointers.move(p.Move(commit, ()))
    assert await home.his.pointers.resolve(p.Resolve(home.mallory.id, space, None)) == before


async def test_deleting_what_is_not_there_is_nothing_and_bounded(home: Home) -> None:
    await home.his.inbox.delete(i.Delete(home.mallory.id, tuple(range(1024))))
    assert (await home.his.inbox.collect(i.Collect(home.mallory.id, 0, 0))).messages == ()
