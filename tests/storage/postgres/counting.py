"""Works of which it shows whether each was done, and done once."""

from collections.abc import Callable

from formats.cid import Block
from storage.contracts import Store, Transaction, View
from tests.contracts.rows import block, session_row, space_key

KEY = space_key()


class Doubled(Exception):
    """A work finds that it was done before."""


def once(name: str, blocks: tuple[Block, ...] = ()) -> Callable[[Transaction], int]:
    """A work that counts one further, under a name that nothing was counted under; the count.

    Its blocks come into a session of that name.
    """

    def work(tx: Transaction) -> int:
        if tx.setting(f"done {name}") is not None:
            raise Doubled(name)
        tx.put_setting(f"done {name}", b"")
        count = int(tx.setting("count") or b"0") + 1
        tx.put_setting("count", b"%d" % count)
        if blocks:
            row = session_row(0)
            session = name.encode().rjust(16, b"-")
            tx.open_session(type(row)(session, KEY, row.member, row.expires, 0))
            for each in blocks:
                tx.stage(session, each)
        return count

    return work


async def counted(store: Store) -> int:
    """How many works were done."""
    count = await store.read(lambda view: view.setting("count"))
    return 0 if count is None else int(count)


async def was_done(store: Store, name: str) -> bool:
    """Whether the work of that name was."""
    return await store.read(lambda view: view.setting(f"done {name}")) is not None


def some_blocks(seed: int) -> tuple[Block, ...]:
    """A small one and one that goes into a pack; no two seeds have one in common."""
    return block(2 * seed, 900), block(2 * seed + 1, 90_000)


async def check_blocks(store: Store, seed: int) -> None:
    """Raise AssertionError unless the blocks are there as they were given."""

    def work(view: View) -> None:
        for each in some_blocks(seed):
            assert view.block(each.cid) == each.data

    await store.read(work)


async def check_sound(store: Store) -> None:
    """Raise AssertionError unless the store finds nothing wrong with itself."""
    assert await store.read(lambda view: view.faults()) == []
