"""Every file call of the store's operations fails once, in every way: ``make faults``.

Thirteen operations, on a store with something in it. For each, every call that it makes,
SQLite's included, fails once with EIO, with ENOSPC, with EMFILE, or is a short write.
Then: the operation was done, or an error said that it was not; what was acknowledged
before is there, whole; the operation works when it is asked again; and the store opens
within a second and is still right.
"""

import errno
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import trio

from formats.cid import Block
from formats.errors import DiskFull, StorageFailed
from storage.contracts import AccountRow, SessionRow, Transaction, View
from storage.embedded.files import Files
from storage.embedded.store import EmbeddedStore
from tests.contracts.rows import block, bytes32, session_id, session_row, space_key
from tests.crash.disk import in_memory
from tests.crash.sqlite import FULL, SHORT, watched
from tests.storage.embedded.workload import Step, check

SEED: Final = 3
STEPS: Final = 10
PACK: Final = 400_000
OPENS_WITHIN: Final = 1.0
"""Seconds of processor time: many of these run side by side."""
BOB: Final = space_key(0, "bob")
SMALL, LARGE = block(1001, 3000), block(1002, 150_000)
HELD: Final = 1000
"""The session with bob's blocks."""

KINDS: Final = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EMFILE": errno.EMFILE, "short": 0}
_CODES: Final = {"read": 266, "write": 778, "sync": 1034, "truncate": 1546, "remove": 2570}
_CANTOPEN: Final = 14


class Faults(Files):
    """Counts every call, of packs and of SQLite, and fails number ``at``."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.at = -1
        self.kind = "EIO"
        self.armed = False

    def arm(self, at: int, kind: str) -> None:
        """Count from here on, and fail call ``at`` (-1: none)."""
        self.calls, self.at, self.kind, self.armed = [], at, kind, True

    def _due(self, call: str) -> bool:
        if not self.armed:
            return False
        self.calls.append(call)
        return len(self.calls) - 1 == self.at

    def _meet(self, call: str) -> None:
        if self._due(call) and self.kind != "short":
            raise OSError(KINDS[self.kind], os.strerror(KINDS[self.kind]))

    # -- what SQLite asks (``tests.crash.sqlite.Watcher``) ---------------------------------

    def before(self, call: str, path: str) -> int:
        """The code with which a call of SQLite fails; 0 if it does not."""
        if not self._due(f"sqlite {call}"):
            return 0
        if call == "write" and self.kind in ("short", "ENOSPC"):
            return SHORT if self.kind == "short" else FULL
        return 0 if self.kind == "short" else _CODES.get(call, _CANTOPEN)

    def wrote(self, path: str, data: bytes, offset: int) -> None: ...
    def truncated(self, path: str, size: int) -> None: ...
    def synced(self, path: str) -> None: ...
    def removed(self, path: str, synced: bool) -> None: ...

    # -- calls about packs ----------------------------------------------------------------

    def create(self, path: Path) -> int:
        self._meet("create")
        return super().create(path)

    def reopen(self, path: Path) -> int:
        self._meet("reopen")
        return super().reopen(path)

    def open(self, path: Path) -> int:
        self._meet("open")
        return super().open(path)

    def write(self, handle: int, parts: Sequence[bytes], offset: int) -> int:
        whole = b"".join(parts)
        if self._due("write"):
            if self.kind != "short":
                raise OSError(KINDS[self.kind], os.strerror(KINDS[self.kind]))
            whole = whole[: len(whole) // 2]
        return super().write(handle, [whole], offset)

    def read(self, handle: int, size: int, offset: int) -> bytes:
        self._meet("read")
        return super().read(handle, size, offset)

    def sync(self, handle: int) -> None:
        self._meet("sync")

    def sync_folder(self, path: Path) -> None:
        self._meet("sync folder")

    def truncate(self, handle: int, size: int) -> None:
        self._meet("truncate")
        super().truncate(handle, size)

    def allocate(self, handle: int, size: int) -> None:
        self._meet("allocate")

    def remove(self, path: Path) -> None:
        self._meet("remove")
        super().remove(path)


Act = Callable[[EmbeddedStore], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Operation:
    """Something a node does. ``done`` says whether it is done. Doing it twice is no error."""

    name: str
    act: Act
    done: Callable[[View], bool]


def _write(
    name: str, work: Callable[[Transaction], object], done: Callable[[View], bool]
) -> Operation:
    return Operation(name, lambda store: store.write(work), done)


def _stage(each: Block) -> Callable[[Transaction], object]:
    return lambda tx: tx.stage(session_id(HELD), each)


def _once(tx: Transaction, count: int) -> None:
    """Leave the space of bob with ``count`` links to its small block."""
    while tx.references(BOB, SMALL.cid) < count:
        tx.add_reference(BOB, SMALL.cid)
    while tx.references(BOB, SMALL.cid) > count:
        tx.drop_reference(BOB, SMALL.cid)


def _open_session(tx: Transaction) -> None:
    if tx.session(session_id(2000)) is None:
        tx.open_session(SessionRow(session_id(2000), BOB, bytes32("member"), 5, 0))


def _message(tx: Transaction) -> None:
    if not tx.messages(bytes32("target"), 0, 1):
        tx.drop_message(bytes32("target"), 1, b"sealed" * 100)


def _referred(tx: Transaction) -> None:
    tx.stage(session_id(HELD), SMALL)
    _once(tx, 2)


def _taken_back(tx: Transaction) -> None:
    tx.stage(session_id(HELD), SMALL)
    _once(tx, 1)
    _once(tx, 0)


def _collect(tx: Transaction) -> None:
    tx.close_session(session_id(HELD))
    tx.rest(1, 100)
    tx.collect(100)


async def _read(store: EmbeddedStore) -> None:
    def work(view: View) -> None:
        for each in (block(1003, 3000), block(1004, 150_000)):
            assert view.block(each.cid) == each.data

    await store.read(work)


async def _reclaim(store: EmbeddedStore) -> None:
    """Let go of much, and give the writer time to empty packs: each write takes a step."""
    await store.write(_collect)
    for number in range(8):
        await store.write(lambda tx, n=number: tx.put_setting("turn", b"%d" % n))  # type: ignore[misc]


_ACCOUNT: Final = AccountRow("bob", BOB.owner, b"record", 1, 1, b"nonce")

OPERATIONS: Final = (
    _write("open a session", _open_session, lambda v: v.session(session_id(2000)) is not None),
    _write(
        "stage a small block", _stage(SMALL), lambda v: v.is_staged(session_id(HELD), SMALL.cid)
    ),
    _write(
        "stage a large block", _stage(LARGE), lambda v: v.is_staged(session_id(HELD), LARGE.cid)
    ),
    _write(
        "refer",
        _referred,
        lambda v: v.references(BOB, SMALL.cid) == 2,
    ),
    _write(
        "take a link back",
        _taken_back,
        lambda v: v.references(BOB, SMALL.cid) == 0,
    ),
    _write(
        "close a session",
        lambda tx: tx.close_session(session_id(HELD)),
        lambda v: v.session(session_id(HELD)) is None,
    ),
    _write(
        "collect garbage",
        _collect,
        lambda v: v.block_size(block(1004, 150_000).cid) is None,
    ),
    _write(
        "make an account",
        lambda tx: tx.put_account(_ACCOUNT),
        lambda v: v.account("bob") == _ACCOUNT,
    ),
    _write("leave a message", _message, lambda v: len(v.messages(bytes32("target"), 0, 9)) == 1),
    Operation("read", _read, lambda v: True),
    Operation("give space back", _reclaim, lambda v: v.session(session_id(HELD)) is None),
)


class Wrong(Exception):
    """Something is not as it should be. Says how to see it again."""


async def _prepare(folder: Path) -> None:
    store = await EmbeddedStore.open(folder, files=Faults(), pack_size=PACK, readers=1)
    for step in range(STEPS):
        await store.write(Step(SEED, step))

    def hold(tx: Transaction) -> None:
        tx.open_session(session_row(HELD, BOB))
        for number in range(1003, 1010):
            tx.stage(session_id(HELD), block(number, 150_000 if number % 2 == 0 else 3000))

    await store.write(hold)
    await store.aclose()


async def _opened(folder: Path, faults: Faults) -> EmbeddedStore:
    return await EmbeddedStore.open(folder, files=faults, pack_size=PACK, readers=1)


async def _whole(store: EmbeddedStore) -> None:
    await store.read(lambda view: check(view, SEED))


async def _operate(folder: Path, operation: Operation, at: int, kind: str) -> int:
    """One operation with one call failing; how many calls it made."""
    faults = Faults()
    with watched(folder, faults):
        store = await _opened(folder, faults)
        faults.arm(at, kind)
        try:
            await operation.act(store)
            failed = False
        except (DiskFull, StorageFailed):
            failed = True
        faults.armed = False
        await _whole(store)
        if failed:
            await operation.act(store)
        if not await store.read(operation.done):
            raise Wrong("it was said to be done and is not")
        await store.aclose()
    await _reopened(folder, operation.done)
    return len(faults.calls)


async def _open_and_close(folder: Path, opening: bool, at: int, kind: str) -> int:
    """Opening, or closing, with one call failing."""
    faults = Faults()
    with watched(folder, faults):
        if opening:
            faults.arm(at, kind)
        store = None
        while store is None:
            try:
                store = await _opened(folder, faults)
            except (DiskFull, StorageFailed):
                faults.armed = False
        faults.armed = False
        await _whole(store)
        if not opening:
            await store.write(lambda tx: tx.put_setting("last", b"word"))
            faults.arm(at, kind)
        try:
            await store.aclose()
        except (DiskFull, StorageFailed):
            faults.armed = False
    last = (lambda v: True) if opening else (lambda v: v.setting("last") == b"word")
    await _reopened(folder, last)
    return len(faults.calls)


async def _reopened(folder: Path, done: Callable[[View], bool]) -> None:
    began = time.process_time()
    store = await _opened(folder, Faults())
    if time.process_time() - began > OPENS_WITHIN:
        raise Wrong("opening took too long")
    await _whole(store)
    if not await store.read(done):
        raise Wrong("it is not there any more after reopening")
    await store.aclose()


Run = Callable[[Path, int, str], Awaitable[int]]


def _runs() -> dict[str, Run]:
    runs: dict[str, Run] = {
        each.name: lambda folder, at, kind, each=each: _operate(folder, each, at, kind)  # type: ignore[misc]
        for each in OPERATIONS
    }
    runs["open"] = lambda folder, at, kind: _open_and_close(folder, True, at, kind)
    runs["close"] = lambda folder, at, kind: _open_and_close(folder, False, at, kind)
    return runs


def campaign(every: int = 1) -> dict[str, int]:
    """Fail every call (or each ``every``th) of every operation in every way; cases by operation."""
    base = Path(mkdtemp(prefix="holdfast-faults-", dir=in_memory()))
    cases: dict[str, int] = {}
    try:
        trio.run(_prepare, base / "store")
        for name, run in _runs().items():
            cases[name] = _fail_each(base, name, run, every)
    finally:
        shutil.rmtree(base)
    return cases


def _fail_each(base: Path, name: str, run: Run, every: int) -> int:
    calls, cases = _in_copy(base, name, run, -1, "EIO"), 0
    for at in range(0, calls, every):
        for kind in KINDS:
            _in_copy(base, name, run, at, kind)
            cases += 1
    return cases


def _in_copy(base: Path, name: str, run: Run, at: int, kind: str) -> int:
    shutil.copytree(base / "store", base / "copy")
    try:
        return trio.run(run, base / "copy", at, kind)
    except Exception as error:
        raise Wrong(f"{name}, call {at}, {kind}: {error!r}") from error
    finally:
        shutil.rmtree(base / "copy")


def main() -> int:
    """Run it and say how it went."""
    began = time.monotonic()
    cases = campaign()
    for name, count in cases.items():
        print(f"{name:22} {count:4} cases")
    print(
        f"{len(cases)} operations, {sum(cases.values())} cases (seed {SEED}): nothing acknowledged"
        f" lost, nothing repaired, reopened within a second; {time.monotonic() - began:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
