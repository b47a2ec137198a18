"""Every statement finds its rows by an index, however large the store has grown."""

import re
import sqlite3
from pathlib import Path

from formats.cid import Block
from storage.contracts import (
    AccountRow,
    DepartureRow,
    IdentityRow,
    InviteRow,
    PinRow,
    RetainedRoot,
    TokenRow,
)
from storage.embedded.files import Files
from storage.embedded.local import OnePen
from storage.embedded.packs import PackReader, PackWriter
from storage.embedded.reclaim import VacuumingMoves
from storage.embedded.schema import MIGRATIONS, prepare
from storage.embedded.sql import SqliteSql, connect
from storage.sql.view import SqlTransaction
from tests.contracts.rows import block, bytes32, session_id, session_row, space_key, space_row

KEY = space_key()
WHOLE = re.compile(r"SCAN (?P<table>\w+)(?! USING COVERING INDEX pack_sparse)")
ALLOWED = {
    "g",  # garbage, in order and with a limit: the oldest first
    "garbage",
    "every",  # owner, for every account, once for each pass of a job
}


def do_everything(tx: SqlTransaction) -> None:
    """Each method of the contract at least once, on rows that are there and rows that are not."""
    blocks = [block(1, 100), block(2, 100_000), block(3, 50)]
    for number in (0, 1):
        tx.open_session(session_row(number))
        for each in blocks:
            tx.stage(session_id(number), each)
            tx.stage(session_id(number), each)
    for each in blocks:
        tx.add_reference(KEY, each.cid)
        tx.add_reference(KEY, each.cid)
        tx.drop_reference(KEY, each.cid)
        tx.block(each.cid)
        tx.block_size(each.cid)
        tx.references(KEY, each.cid)
        tx.is_staged(session_id(0), each.cid)
    tx.unstage(session_id(0), [blocks[0].cid])
    tx.extend_session(session_id(0), 5)
    tx.session(session_id(0))
    tx.sessions_before(10, 10)
    tx.open_sessions(KEY.owner, b"m" * 32)
    tx.usage(KEY.owner)
    tx.drop_reference(KEY, blocks[0].cid)
    tx.close_session(session_id(0))
    tx.close_session(session_id(1))
    tx.collect(10)
    tx.add_releases(KEY, [(blocks[2].cid, 4)])
    tx.releasing()
    tx.forget_releases(tx.releases(KEY.owner, 10))
    tx.rest(5, 10)
    tx.collect(10, 7)
    tx.put_space(space_row(KEY, blocks[0].cid))
    tx.add_history(KEY, 1, b"body")
    tx.history(KEY, 1)
    tx.retain(RetainedRoot(KEY, 1, blocks[0].cid, b"p", 5))
    tx.space(KEY)
    list(tx.spaces_of(KEY.owner))
    list(tx.retained(KEY))
    list(tx.retained(KEY, 5))
    list(tx.past(KEY))
    tx.past_row(KEY, 1)
    tx.past_root(KEY, blocks[0].cid)
    tx.put_pin(PinRow(KEY, 1, 5, b"note"))
    tx.pins(KEY)
    tx.delete_pin(KEY, 1)
    tx.forget_retained(KEY, 1)
    do_auditing(tx, blocks[1])
    do_records(tx)
    tx.settle()


def do_auditing(tx: SqlTransaction, block: Block) -> None:
    """All of it but ``recount``, which walks tables because that is what it is for."""
    tx.open_session(session_row(2))
    tx.stage(session_id(2), block)
    tx.set_reference(KEY, block.cid, 2, 1)
    list(tx.spaces())
    list(tx.references_of(KEY))
    list(tx.sessions())
    list(tx.staged_in(session_id(2)))
    tx.blocks(0, 10)
    list(tx.inboxes())
    tx.mend(block)


def do_records(tx: SqlTransaction) -> None:
    tx.put_account(AccountRow("alice", bytes32("a"), b"", 1, 1, b""))
    tx.account("alice")
    tx.account_of(bytes32("a"))
    list(tx.accounts())
    tx.put_identity(IdentityRow(bytes32("a"), (b"one", b"two"), b"w"))
    tx.identity(bytes32("a"))
    tx.put_departure(DepartureRow(bytes32("a"), b"farewell", b"receipt", 1))
    tx.departure(bytes32("a"))
    list(tx.departures())
    tx.delete_departure(bytes32("a"))
    tx.delete_account("alice")
    tx.put_invite(InviteRow(bytes32("i"), 1, 1, 1, ""))
    tx.invite(bytes32("i"))
    list(tx.invites())
    tx.put_setting("a", b"b")
    tx.setting("a")
    tx.delete_setting("a")
    tx.put_token(TokenRow(bytes32("t"), bytes32("h"), 5, 1))
    tx.token(bytes32("t"), bytes32("h"))
    tx.delete_token(bytes32("t"), bytes32("h"))
    tx.delete_expired_tokens(10)
    tx.drop_message(bytes32("t"), 1, b"m")
    tx.messages(bytes32("t"), 0, 10)
    tx.inbox_size(bytes32("t"))
    tx.delete_messages(bytes32("t"), [1])
    tx.empty_inbox(bytes32("t"))


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]


def test_no_statement_walks_a_table(tmp_path: Path) -> None:
    connection = connect(tmp_path / "index.db", cache=1000)
    prepare(connection, tmp_path / "index.db", MIGRATIONS)
    files, seen = Files(), set[str]()
    writer = PackWriter(files, tmp_path, OnePen(1), 1000)
    tx = SqlTransaction(SqliteSql(connection), PackReader(files, tmp_path), writer)
    connection.set_trace_callback(seen.add)
    do_everything(tx)
    VacuumingMoves(SqliteSql(connection), PackReader(files, tmp_path), writer).sparse_pack(0)
    connection.set_trace_callback(None)
    assert len(seen) > 60
    for statement in seen:
        if not statement.startswith("PRAGMA"):
            for line in plan(connection, statement):
                scanned = WHOLE.match(line)
                assert scanned is None or scanned["table"] in ALLOWED, (statement, line)
                if "reference" in statement or "staged" in statement:
                    assert "PRIMARY KEY (space=?)" not in line, statement
    tx.expire()
    writer.seal()
    connection.close()
