"""The database goes away, cuts lines, refuses: what is answered is true, and done once."""

import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trio
import trio.testing

from crypto.secret import Secret
from formats.errors import DiskFull, StorageFailed
from storage.contracts import Transaction
from storage.postgres import transactions, writer
from storage.postgres.address import Address
from storage.postgres.store import PostgresStore
from tests.contracts.rows import session_id, session_row
from tests.storage.postgres.counting import (
    check_blocks,
    check_sound,
    counted,
    once,
    some_blocks,
    was_done,
)
from tests.storage.postgres.line import Line, line_to
from tests.storage.postgres.stores import opened
from tests.world.postgres import Cluster


@pytest.fixture
def line(address: Address) -> Iterator[Line]:
    with line_to(address) as made:
        yield made


class Slow:
    """A work that waits, so that others come into its batch."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, tx: Transaction) -> int:
        self.begun.set()
        self.go_on.wait(60)
        return once("slow")(tx)


@pytest.mark.parametrize("answered", [False, True], ids=["commit lost", "answer lost"])
async def test_a_commit_whose_end_was_not_heard_is_done_once(
    line: Line, tmp_path: Path, answered: bool
) -> None:
    async with opened(line.address, tmp_path / "packs") as store:
        await store.write(once("first", some_blocks(1)))
        line.cut_at(b"COMMIT", answered=answered)
        assert await store.write(once("second", some_blocks(2))) == 2
        assert line.cuts == 1
        assert await store.write(once("third", some_blocks(3))) == 3
        assert await counted(store) == 3
        for seed in (1, 2, 3):
            await check_blocks(store, seed)
        await check_sound(store)


async def test_every_work_of_a_batch_whose_end_was_not_heard_is_answered(
    line: Line, tmp_path: Path
) -> None:
    async with opened(line.address, tmp_path / "packs") as store:
        slow = Slow()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(store.write, slow)
            await trio.to_thread.run_sync(slow.begun.wait)
            for number in range(20):  # they are one batch: they wait for the same turn
                nursery.start_soon(store.write, once(f"quick {number}"))
            await trio.testing.wait_all_tasks_blocked()
            line.cut_at(b"COMMIT", answered=True)
            slow.go_on.set()
        assert line.cuts == 1
        assert await counted(store) == 21


@pytest.mark.parametrize("pattern", [b"pg_advisory_xact_lock", b"INSERT INTO setting"])
async def test_a_line_that_is_cut_before_the_commit_costs_nothing(
    line: Line, tmp_path: Path, pattern: bytes
) -> None:
    async with opened(line.address, tmp_path / "packs") as store:
        line.cut_at(pattern, answered=False)
        assert await store.write(once("only", some_blocks(1))) == 1
        assert line.cuts == 1
        assert await counted(store) == 1
        await check_blocks(store, 1)
        await check_sound(store)


async def is_not_known(store: PostgresStore, work: Callable[[Transaction], int]) -> None:
    """Raise unless nobody can say whether a work was done."""
    with pytest.raises(StorageFailed, match="may be stored or not"):
        await store.write(work)


async def test_nobody_is_told_what_cannot_be_known(
    line: Line, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PATIENCE", 0.2)
    monkeypatch.setattr(writer, "PATIENCE", 0.2)
    async with opened(line.address, tmp_path / "packs") as store:
        slow = Slow()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(is_not_known, store, slow)
            await trio.to_thread.run_sync(slow.begun.wait)
            for number in range(5):
                nursery.start_soon(is_not_known, store, once(f"quick {number}"))
            await trio.testing.wait_all_tasks_blocked()
            line.cut_at(b"COMMIT", answered=True)
            line.refuses = True
            slow.go_on.set()
        with pytest.raises(StorageFailed, match="cannot be reached"):
            await store.write(once("later"))
        line.refuses = False
        assert await counted(store) == 6
        assert await store.write(once("later")) == 7


async def test_reading_goes_on_over_a_new_line(line: Line, tmp_path: Path) -> None:
    async with opened(line.address, tmp_path / "packs") as store:
        await store.write(once("first"))
        assert await counted(store) == 1
        line.cut_all()
        assert await counted(store) == 1
        line.refuses = True
        line.cut_all()
        with pytest.raises(StorageFailed, match="cannot be reached"):
            await counted(store)
        line.refuses = False
        assert await counted(store) == 1


async def write_until(store: PostgresStore, name: str, over: trio.Event, done: set[str]) -> None:
    number = 0
    while not over.is_set():
        each = f"{name}.{number}"
        await store.write(once(each))
        done.add(each)
        number += 1


async def at_least(done: set[str], count: int) -> None:
    with trio.fail_after(60):
        while len(done) < count:
            await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("how", ["crash", "restart", "cut off"])
async def test_a_database_that_comes_back_has_all_that_was_answered(
    cluster: Cluster, address: Address, tmp_path: Path, how: str
) -> None:
    def trouble() -> None:
        if how == "cut off":
            cluster.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'holdfast'"
            )
            return
        cluster.stop("immediate" if how == "crash" else "fast")
        cluster.start()

    done: set[str] = set()
    async with opened(address, tmp_path / "packs") as store:
        over = trio.Event()
        async with trio.open_nursery() as nursery:
            for number in range(6):
                nursery.start_soon(write_until, store, str(number), over, done)
            for goal in (20, 40):
                await at_least(done, goal)
                await trio.to_thread.run_sync(trouble)
            await at_least(done, len(done) + 20)
            over.set()
        assert await counted(store) == len(done)
        missing = [each for each in done if not await was_done(store, each)]
        assert missing == []
        await check_sound(store)


def refuse(cluster: Cluster, address: Address, state: str, times: int, name: str) -> None:
    """Have the database refuse to keep a setting of that name, so many times."""
    database = cluster.name_of(address)
    cluster.execute("CREATE SEQUENCE IF NOT EXISTS refused", database)
    cluster.execute(
        f"""CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.name = '{name}' AND nextval('refused') <= {times} THEN
                RAISE EXCEPTION 'no' USING ERRCODE = '{state}';
            END IF;
            RETURN NEW;
        END $$""",
        database,
    )
    cluster.execute(
        "CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON setting"
        " FOR EACH ROW EXECUTE FUNCTION refuse()",
        database,
    )


@pytest.mark.parametrize("state", ["40001", "40P01"], ids=["serialization", "deadlock"])
async def test_what_was_in_the_way_of_others_is_run_again(
    cluster: Cluster, address: Address, tmp_path: Path, state: str
) -> None:
    async with opened(address, tmp_path / "packs") as store:
        refuse(cluster, address, state, 3, "done mine")
        assert await store.write(once("mine", some_blocks(1))) == 1
        assert await counted(store) == 1
        await check_blocks(store, 1)
        await check_sound(store)


async def test_a_database_without_room_fails_one_and_not_its_neighbours(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    async with opened(address, tmp_path / "packs") as store:
        refuse(cluster, address, "53100", 1_000_000, "done 7")
        failed: list[str] = []

        async def write(name: str) -> None:
            try:
                await store.write(once(name, some_blocks(int(name))))
            except DiskFull:
                failed.append(name)

        async with trio.open_nursery() as nursery:
            for number in range(12):
                nursery.start_soon(write, str(number))
        assert failed == ["7"]
        assert await counted(store) == 11
        assert not await was_done(store, "7")
        for number in range(12):
            if number != 7:
                await check_blocks(store, number)
        await check_sound(store)


async def test_a_work_that_minds_no_refusal_is_refused_all_the_same(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    def careless(tx: Transaction) -> None:
        tx.put_setting("done mine", b"")
        try:
            tx.setting("done mine")  # only here is it said: what has no answer is held back
        except StorageFailed:
            return

    async with opened(address, tmp_path / "packs") as store:
        refuse(cluster, address, "23514", 1_000_000, "done mine")
        with pytest.raises(StorageFailed, match="refused a part"):
            await store.write(careless)
        await store.write(once("other"))
        assert not await was_done(store, "mine")
        assert await counted(store) == 1


async def test_no_password_is_in_what_is_said(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    wrong = "not the password"
    bad = Address(address.url, Secret(wrong.encode()))
    with pytest.raises(StorageFailed, match="refuses the user or the password") as failed:
        async with opened(bad, tmp_path / "packs"):
            raise AssertionError
    said = "".join(traceback.format_exception(failed.value, chain=True))
    assert wrong not in said
    assert wrong not in repr(bad)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://holdfast@127.0.0.1:1/store", "nothing listens"),
        ("postgresql://holdfast@127.0.0.1:{port}/nowhere", "no such database"),
        ("postgresql://nobody@127.0.0.1:{port}/postgres", "refuses the user or the password"),
    ],
)
async def test_what_is_wrong_with_the_address_is_said(
    cluster: Cluster, tmp_path: Path, url: str, said: str
) -> None:
    password = cluster.address("postgres").password
    with pytest.raises(StorageFailed, match=said):
        async with opened(Address(url.format(port=cluster.port), password), tmp_path / "packs"):
            raise AssertionError


async def test_a_server_that_does_not_sync_is_refused(
    cluster: Cluster, address: Address, tmp_path: Path
) -> None:
    try:
        cluster.configure("fsync", "off")
        with pytest.raises(StorageFailed, match="fsync off"):
            async with opened(address, tmp_path / "packs"):
                raise AssertionError
    finally:
        cluster.configure("fsync", "on")
    async with opened(address, tmp_path / "packs") as store:
        await store.write(once("first"))


async def test_a_line_that_is_cut_within_a_work_loses_nothing_that_it_stored_before(
    line: Line, tmp_path: Path
) -> None:
    """Also not when the rest of the work needs the line for the number of a pack only."""
    cut: list[int] = []

    def work(tx: Transaction) -> int:
        count = once("only")(tx)
        tx.setting("count")  # what was held back is sent
        if not cut:
            cut.append(count)
            line.cut_all()
        tx.open_session(session_row(3))
        for each in some_blocks(1):
            tx.stage(session_id(3), each)
        return count

    async with opened(line.address, tmp_path / "packs") as store:
        assert await store.write(work) == 1
        assert cut == [1]
        assert await counted(store) == 1
        await check_blocks(store, 1)
        await check_sound(store)


async def test_a_pack_is_not_gone_on_with_over_another_line(line: Line, tmp_path: Path) -> None:
    """Its lock went with the line: others may have begun to empty it."""
    packs = tmp_path / "packs"
    async with opened(line.address, packs) as store:
        await store.write(once("first", some_blocks(1)))
        assert len(list(packs.glob("*.pack"))) == 1
        line.cut_all()
        await store.write(once("second", some_blocks(2)))
        assert len(list(packs.glob("*.pack"))) == 2
        for seed in (1, 2):
            await check_blocks(store, seed)
        await check_sound(store)
