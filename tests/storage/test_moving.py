"""Stores moved whole between engines, stopped anywhere, and compared."""

import random
import sqlite3
from functools import partial
from pathlib import Path

import pytest
import trio

from formats.cid import Block
from formats.errors import StorageFailed, Unfit
from storage.contracts import (
    AccountRow,
    IdentityRow,
    InviteRow,
    PinRow,
    RetainedRoot,
    Store,
    TokenRow,
    Transaction,
    View,
)
from storage.embedded.packs import pack_path
from storage.embedded.schema import MIGRATIONS, prepare
from storage.embedded.sql import connect
from storage.embedded.store import EmbeddedStore
from storage.moving import Mark, begin, move
from storage.packs import SITE
from storage.sql.carrying import MARK, OWN, TABLES
from tests.contracts.conftest import BACK_ENDS
from tests.contracts.rows import block, bytes32, session_id, session_row, space_key, space_row
from tests.contracts.test_same_as_memory import state
from tests.storage.embedded.workload import run_steps

SEED = 11
PLACES = [kind for kind in BACK_ENDS if kind != "memory"]
ROUTES = [(one, other) for one in PLACES for other in PLACES if one != other or one == "embedded"]


def furnish(tx: Transaction) -> None:
    """A row in every table."""
    key = space_key()
    tx.put_account(AccountRow("alice", key.owner, b"record", 5, 6, b"nonce", None))
    tx.put_account(AccountRow("bob", bytes32("bob"), b"record", 5, 6, b"nonce", 7))
    tx.put_identity(IdentityRow(key.owner, (b"one", b"two"), b"where"))
    tx.open_session(session_row(900))
    for number, size in enumerate((10, 70_000, 300)):
        tx.stage(session_id(900), block(900 + number, size))
    tx.add_reference(key, block(900, 10).cid, 3)
    tx.add_reference(key, block(901, 70_000).cid, 2)
    tx.add_reference(key, block(901, 70_000).cid, 2)
    tx.add_releases(key, [(block(901, 70_000).cid, 2)])
    tx.unstage(session_id(900), [block(902, 300).cid])
    tx.rest(77, 10)
    tx.put_space(space_row(key, block(900, 10).cid))
    tx.add_history(key, 4, b"body")
    tx.retain(RetainedRoot(key, 4, block(900, 10).cid, b"pointer", 50))
    tx.put_pin(PinRow(key, 4, 1, b"note"))
    for number in range(3):
        tx.drop_message(bytes32("target"), number, b"sealed" * 1000)
    tx.delete_messages(bytes32("target"), [3])
    tx.put_token(TokenRow(bytes32("target"), bytes32("hash"), 9, 2))
    tx.put_invite(InviteRow(bytes32("invite"), 5, 6, 7, "alice"))
    tx.put_setting("server secret", b"secret")


def told(view: View) -> list[object]:
    """What the rows of ``furnish`` and of the workload come to, as the contract tells it."""
    key = space_key()
    return [
        *state(view),
        list(view.accounts()),
        view.identity(key.owner),
        view.space(key),
        view.history(key, 4),
        list(view.retained(key)),
        view.pins(key),
        [(each.key, each.cid, each.kind) for each in view.releases(key.owner, 9)],
        view.messages(bytes32("target"), 0, 9),
        view.inbox_size(bytes32("target")),
        view.token(bytes32("target"), bytes32("hash")),
        list(view.invites()),
        view.setting("server secret"),
        [(each, view.block(each.cid)) for each in view.blocks(0, 10_000)],
        view.usage(key.owner),
        view.faults(),
    ]


async def made(kind: str, folder: Path) -> Store:
    store = await new(kind, folder)
    await run_steps(store, SEED, 0, 8)
    await store.write(furnish)
    return store


async def new(kind: str, folder: Path) -> Store:
    await trio.to_thread.run_sync(folder.mkdir)
    return await BACK_ENDS[kind](folder / kind)


async def moved(source: Store, target: Store, anew: bool = False) -> Mark:
    await begin(source, target, anew)
    return await move(source, target, lambda what, blocks, size: None)


@pytest.mark.parametrize(("one", "other"), ROUTES)
async def test_everything_is_there_afterwards(tmp_path: Path, one: str, other: str) -> None:
    source = await made(one, tmp_path / "a")
    target = await new(other, tmp_path / "b")
    mark = await moved(source, target)
    assert mark.blocks > 10
    assert (mark.damaged, mark.lost) == (0, 0)
    before = await source.read(told)
    assert await target.read(told) == before

    def more(tx: Transaction) -> tuple[int, int]:
        """What comes next has numbers of its own: the fourth message, a new session."""
        tx.open_session(session_row(901))
        tx.stage(session_id(901), block(990, 80_000))
        return tx.drop_message(bytes32("target"), 9, b"s"), tx.collect(100, 78)

    assert await target.write(more) == (4, 1)
    await run_steps(target, SEED, 8, 3)
    await target.read(check_but_furnished)
    assert await target.read(lambda view: view.faults()) == []
    assert await source.read(told) == before
    await source.aclose()
    await target.aclose()


def check_but_furnished(view: View) -> None:
    assert view.setting("step") == b"10"
    assert view.block(block(990, 80_000).cid) == block(990, 80_000).data


async def test_it_goes_on_wherever_it_was_stopped(tmp_path: Path, rng: random.Random) -> None:
    class Stop(Exception):
        """Somebody pulled the plug."""

    source = await made("embedded", tmp_path / "a")
    stops = 0

    def perhaps(what: str, blocks: int, size: int) -> None:
        if rng.random() < 0.2:
            raise Stop

    while True:
        target = await EmbeddedStore.open(tmp_path / "b")
        try:
            await begin(source, target)
            await move(source, target, perhaps)
            break
        except Stop:
            stops += 1
        finally:
            await target.aclose()
    assert stops > 3
    target = await EmbeddedStore.open(tmp_path / "b")
    assert await target.read(told) == await source.read(told)
    await target.aclose()
    await source.aclose()


async def test_what_changed_meanwhile_is_moved_anew(tmp_path: Path) -> None:
    class Stop(Exception):
        """Somebody wants their node back."""

    def stop(what: str, blocks: int, size: int) -> None:
        if blocks:
            raise Stop

    source = await made("embedded", tmp_path / "a")
    target = await EmbeddedStore.open(tmp_path / "b")
    await begin(source, target)
    with pytest.raises(Stop):
        await move(source, target, stop)
    await source.write(lambda tx: tx.close_session(session_id(900)))
    await source.write(lambda tx: tx.collect(100))
    await moved(source, target, anew=True)
    assert await target.read(told) == await source.read(told)
    await target.aclose()
    await source.aclose()


async def test_a_difference_is_found_and_mended_by_the_next_run(tmp_path: Path) -> None:
    source = await made("embedded", tmp_path / "a")
    target = await EmbeddedStore.open(tmp_path / "b")
    await begin(source, target)
    seen: list[str] = []

    def spoil(what: str, blocks: int, size: int) -> None:
        if what == "compared" and not seen:
            seen.append(what)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await move(source, target, spoil)
    await target.write(lambda tx: tx.put_invite(InviteRow(bytes32("x"), 5, 6, 7, "")))
    with pytest.raises(StorageFailed, match="is not what was there \\(table invite\\)"):
        await moved(source, target)
    await moved(source, target)
    assert await target.read(told) == await source.read(told)
    await target.aclose()
    await source.aclose()


async def test_another_store_is_never_written_over(tmp_path: Path) -> None:
    source = await made("embedded", tmp_path / "a")
    target = await EmbeddedStore.open(tmp_path / "b")
    await target.write(lambda tx: tx.put_setting("server secret", b"another's"))
    with pytest.raises(Unfit, match="there is another store where this one should go"):
        await begin(source, target)
    await target.aclose()
    await source.aclose()


async def test_what_is_complete_is_left_alone(tmp_path: Path) -> None:
    source = await made("embedded", tmp_path / "a")
    target = await EmbeddedStore.open(tmp_path / "b")
    mark = await moved(source, target)
    await target.write(lambda tx: tx.put_setting("in use", b"already"))
    assert await moved(source, target) == mark
    assert await target.read(lambda view: view.setting("in use")) == b"already"
    await target.aclose()
    await source.aclose()


async def test_what_is_damaged_or_lost_stays_so_and_is_counted(tmp_path: Path) -> None:
    source = await EmbeddedStore.open(tmp_path / "a", pack_size=1)
    whole, flipped, gone = (Block.raw(bytes([n]) * 100_000) for n in range(3))

    def stage(tx: Transaction, each: Block, number: int) -> None:
        tx.open_session(session_row(number))
        tx.stage(session_id(number), each)

    for number, each in enumerate((whole, flipped, gone)):
        await source.write(partial(stage, each=each, number=number))
    packs = sorted((tmp_path / "a" / "packs").iterdir())
    packs[1].write_bytes(packs[1].read_bytes()[:-1] + b"!")
    pack_path(tmp_path / "a" / "packs", 3).unlink()
    target = await EmbeddedStore.open(tmp_path / "b")
    mark = await moved(source, target)
    assert (mark.blocks, mark.damaged, mark.lost) == (3, 1, 1)
    assert await target.read(lambda view: view.block_size(gone.cid)) == 100_000
    assert await target.read(lambda view: view.block(whole.cid)) == whole.data
    await target.aclose()
    await source.aclose()


def test_every_table_and_column_is_carried(tmp_path: Path) -> None:
    connection = connect(tmp_path / "index.db", cache=1000)
    prepare(connection, tmp_path / "index.db", MIGRATIONS)
    assert columns(connection) == {table.name: list(table.columns) for table in TABLES}
    connection.close()


def columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    names = [name for (name,) in connection.execute(sql) if name not in OWN]
    return {
        name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for name in names
    }


async def test_each_store_keeps_its_own_name(tmp_path: Path) -> None:
    source = await made("embedded", tmp_path / "a")
    target = await EmbeddedStore.open(tmp_path / "b")
    own = await target.read(lambda view: view.setting(SITE))
    await moved(source, target)
    assert await target.read(lambda view: view.setting(SITE)) == own
    assert own != await source.read(lambda view: view.setting(SITE))
    assert await source.read(lambda view: view.setting(MARK)) is None
    await target.aclose()
    await source.aclose()
