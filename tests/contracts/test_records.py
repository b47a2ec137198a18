"""Records: accounts, identities, spaces, retained roots, inboxes, tokens, invites, settings."""

from dataclasses import replace

import pytest

from formats.errors import Exists
from storage.contracts import (
    AccountRow,
    DepartureRow,
    IdentityRow,
    InviteRow,
    PastRow,
    PinRow,
    ReplicaRow,
    RetainedRoot,
    Store,
    TokenRow,
    Transaction,
    View,
)
from tests.contracts.rows import ask, block, bytes32, do, space_key, space_row, stage_all

ALICE = AccountRow("alice", bytes32("alice"), b"sign-in", 10**12, 5, b"nonce")
BOB = AccountRow("bob", bytes32("bob"), b"sign-in b", 2**53, 6, b"")


async def test_accounts_are_found_by_name_and_by_id(store: Store) -> None:
    await store.write(do(Transaction.put_account, BOB))
    await store.write(do(Transaction.put_account, ALICE))
    assert await store.read(ask(View.account, "alice")) == ALICE
    assert await store.read(ask(View.account_of, BOB.id)) == BOB
    assert await store.read(ask(View.account, "carol")) is None
    assert await store.read(ask(View.account_of, bytes32("carol"))) is None
    assert await store.read(lambda view: list(view.accounts())) == [ALICE, BOB]


async def test_an_account_is_replaced_by_name_and_an_id_has_one(store: Store) -> None:
    await store.write(do(Transaction.put_account, ALICE))
    await store.write(do(Transaction.put_account, replace(ALICE, quota=7, keep=0)))
    assert await store.read(ask(View.account, "alice")) == replace(ALICE, quota=7, keep=0)
    with pytest.raises(Exists):
        await store.write(do(Transaction.put_account, replace(BOB, id=ALICE.id)))
    await store.write(do(Transaction.put_account, replace(ALICE, id=bytes32("new"))))
    assert await store.read(ask(View.account_of, ALICE.id)) is None


async def test_many_accounts_can_be_walked(store: Store) -> None:
    rows = [replace(ALICE, name=f"a{n:04}", id=bytes32(f"a{n}")) for n in range(700)]

    def work(tx: Transaction) -> None:
        for row in rows:
            tx.put_account(row)

    await store.write(work)
    assert await store.read(lambda view: list(view.accounts())) == rows


async def test_an_identity_is_kept_whole(store: Store) -> None:
    row = IdentityRow(bytes32("alice"), (b"one", b"two" * 1000), b"where")
    await store.write(do(Transaction.put_identity, row))
    assert await store.read(ask(View.identity, row.id)) == row
    longer = replace(row, chain=(*row.chain, b"three"), whereabouts=b"")
    await store.write(do(Transaction.put_identity, longer))
    assert await store.read(ask(View.identity, row.id)) == longer
    shorter = replace(row, chain=(b"one",))
    await store.write(do(Transaction.put_identity, shorter))
    assert await store.read(ask(View.identity, row.id)) == shorter
    assert await store.read(ask(View.identity, bytes32("bob"))) is None


async def test_spaces_are_listed_by_owner_in_order(store: Store) -> None:
    keys = sorted((space_key(n) for n in range(5)), key=lambda key: key.space)
    root = block(1).cid

    def work(tx: Transaction) -> None:
        for key in [*reversed(keys), space_key(0, "bob")]:
            tx.put_space(replace(space_row(key, root), used=99))

    await store.write(work)
    rows = await store.read(lambda view: list(view.spaces_of(keys[0].owner)))
    assert rows == [space_row(key, root) for key in keys]
    assert await store.read(ask(View.space, space_key(99))) is None
    await store.write(do(Transaction.put_space, space_row(keys[0], block(2).cid, 2)))
    assert await store.read(ask(View.space, keys[0])) == space_row(keys[0], block(2).cid, 2)


async def test_history_keeps_the_bodies_of_pointers(store: Store) -> None:
    key = space_key()
    assert await store.read(ask(View.history, key, 0)) is None
    await store.write(do(Transaction.add_history, key, 0, b"zero"))
    await store.write(do(Transaction.add_history, key, 2**53, b"far"))
    await store.write(do(Transaction.add_history, key, 0, b"other"))
    assert await store.read(ask(View.history, key, 0)) == b"other"
    assert await store.read(ask(View.history, key, 2**53)) == b"far"
    assert await store.read(ask(View.history, key, 1)) is None
    assert await store.read(ask(View.history, space_key(1), 0)) is None
    assert await store.read(ask(View.space, key)) is None


async def test_retained_roots_are_ordered_and_forgotten(store: Store) -> None:
    def row(number: int, seq: int, superseded: int) -> RetainedRoot:
        return RetainedRoot(space_key(number), seq, block(seq).cid, b"p", superseded)

    rows = [row(0, 1, 30), row(0, 3, 10), row(0, 2, 20), row(1, 1, 15)]

    def work(tx: Transaction) -> None:
        for each in rows:
            tx.retain(each)

    await store.write(work)
    held = await store.read(lambda view: list(view.retained(space_key(0))))
    assert [each.seq for each in held] == [3, 2, 1]
    below = await store.read(lambda view: list(view.retained(space_key(0), 3)))
    assert below == held[1:]
    assert await store.read(lambda view: list(view.retained(space_key(0), 1))) == []
    short = [PastRow(each.key, each.seq, each.root, each.superseded) for each in held[::-1]]
    assert await store.read(lambda view: list(view.past(space_key(0)))) == short
    assert await store.read(ask(View.past_row, space_key(0), 2)) == short[1]
    assert await store.read(ask(View.past_row, space_key(0), 4)) is None
    assert await store.read(ask(View.past_root, space_key(0), block(2).cid)) == short[1]
    assert await store.read(ask(View.past_root, space_key(1), block(2).cid)) is None
    await store.write(do(Transaction.forget_retained, space_key(0), 3))
    await store.write(do(Transaction.forget_retained, space_key(0), 3))
    await store.write(do(Transaction.forget_retained, space_key(7), 3))
    held = await store.read(lambda view: list(view.retained(space_key(0))))
    assert held == [rows[2], rows[0]]


async def test_a_long_past_can_be_walked(store: Store) -> None:
    rows = [RetainedRoot(space_key(), n, block(n % 7).cid, b"p", n) for n in range(600)]

    def work(tx: Transaction) -> None:
        for each in rows:
            tx.retain(each)

    await store.write(work)
    assert [row.seq for row in await store.read(lambda view: list(view.past(space_key())))] == [
        *range(600)
    ]
    newest = await store.read(ask(View.past_root, space_key(), block(3).cid))
    assert newest is not None
    assert newest.seq == 598 - (598 - 3) % 7


async def test_pins_are_listed_replaced_and_deleted(store: Store) -> None:
    rows = [PinRow(space_key(), seq, 10 - seq, b"note %d" % seq) for seq in (1, 3, 2)]
    for row in [*rows, PinRow(space_key(1), 9, 9, b"")]:
        await store.write(do(Transaction.put_pin, row))
    assert await store.read(ask(View.pins, space_key())) == [rows[1], rows[2], rows[0]]
    assert await store.read(ask(View.pins, space_key(7))) == []
    other = replace(rows[1], note=b"other")
    await store.write(do(Transaction.put_pin, other))
    for key, seq in ((space_key(), 1), (space_key(), 1), (space_key(7), 2)):
        await store.write(do(Transaction.delete_pin, key, seq))
    assert await store.read(ask(View.pins, space_key())) == [other, rows[2]]


async def test_messages_arrive_in_order_and_numbers_are_not_reused(store: Store) -> None:
    target = bytes32("inbox")
    for n in range(5):
        seq = await store.write(do(Transaction.drop_message, target, n, b"m%d" % n))
        assert seq == n + 1
    rows = await store.read(ask(View.messages, target, 1, 2))
    assert [(row.seq, row.arrived, row.sealed) for row in rows] == [(2, 1, b"m1"), (3, 2, b"m2")]
    assert await store.read(ask(View.inbox_size, target)) == (5, 10)
    assert await store.write(do(Transaction.delete_messages, target, [1, 5, 5, 77])) == 2
    assert await store.read(ask(View.inbox_size, target)) == (3, 6)
    assert await store.write(do(Transaction.delete_messages, target, [2, 3, 4])) == 3
    assert await store.write(do(Transaction.drop_message, target, 9, b"again")) == 6
    assert await store.write(do(Transaction.drop_message, bytes32("other"), 9, b"x")) == 1
    assert await store.write(do(Transaction.delete_messages, bytes32("none"), [1])) == 0
    assert await store.read(ask(View.inbox_size, bytes32("none"))) == (0, 0)
    assert await store.read(ask(View.messages, bytes32("none"), 0, 9)) == []


async def test_tokens_are_kept_replaced_and_expire(store: Store) -> None:
    target = bytes32("inbox")
    rows = [TokenRow(target, bytes32(f"token {n}"), n * 10, 3) for n in range(4)]

    def work(tx: Transaction) -> None:
        for row in rows:
            tx.put_token(row)

    await store.write(work)
    await store.write(do(Transaction.put_token, replace(rows[3], uses=2)))
    assert await store.read(ask(View.token, target, rows[3].hash)) == replace(rows[3], uses=2)
    assert await store.read(ask(View.token, bytes32("other"), rows[3].hash)) is None
    await store.write(do(Transaction.delete_token, target, rows[2].hash))
    await store.write(do(Transaction.delete_token, target, rows[2].hash))
    assert await store.write(do(Transaction.delete_expired_tokens, 10)) == 1
    assert await store.read(ask(View.token, target, rows[0].hash)) is None
    assert await store.read(ask(View.token, target, rows[1].hash)) == rows[1]


async def test_invites_and_settings(store: Store) -> None:
    rows = sorted(
        (InviteRow(bytes32(f"i{n}"), 100, 5, n, "") for n in range(3)), key=lambda row: row.hash
    )
    for row in rows:
        await store.write(do(Transaction.put_invite, row))
    used = replace(rows[0], used_by="bob", replica=True)
    await store.write(do(Transaction.put_invite, used))
    assert await store.read(lambda view: list(view.invites())) == [used, *rows[1:]]
    assert await store.read(ask(View.invite, rows[1].hash)) == rows[1]
    assert await store.read(ask(View.invite, bytes32("no"))) is None
    await store.write(do(Transaction.delete_invite, used.hash))
    await store.write(do(Transaction.delete_invite, used.hash))  # twice is no error
    assert await store.read(lambda view: list(view.invites())) == rows[1:]
    assert await store.read(ask(View.setting, "secret")) is None
    await store.write(do(Transaction.put_setting, "secret", b"1"))
    await store.write(do(Transaction.put_setting, "secret", b"\x00\xff"))
    assert await store.read(ask(View.setting, "secret")) == b"\x00\xff"
    for _ in range(2):
        await store.write(do(Transaction.delete_setting, "secret"))
        assert await store.read(ask(View.setting, "secret")) is None


async def test_replicas_are_listed_replaced_and_deleted(store: Store) -> None:
    rows = [
        ReplicaRow(*who, b"grant", b"")
        for who in sorted((bytes32(owner), peer) for owner in "ab" for peer in (b"1", b"22"))
    ]
    for row in rows[::-1]:
        await store.write(do(Transaction.put_replica, row))
    assert await store.read(lambda view: list(view.replicas())) == rows
    noted = replace(rows[1], grant=b"newer", noted=b"noted")
    await store.write(do(Transaction.put_replica, noted))
    assert await store.read(ask(View.replica, noted.owner, noted.peer)) == noted
    assert await store.read(ask(View.replica, noted.owner, b"3")) is None
    for _ in range(2):  # twice is no error
        await store.write(do(Transaction.delete_replica, noted.owner, noted.peer))
    assert await store.read(lambda view: list(view.replicas())) == [rows[0], *rows[2:]]


async def test_a_forgotten_space_leaves_only_what_it_refers_to(store: Store) -> None:
    keys, held = (space_key(0), space_key(1)), block(1)

    def work(tx: Transaction) -> None:
        stage_all(tx, [held])
        for key in keys:
            tx.add_reference(key, held.cid, 1)
            tx.put_space(space_row(key, held.cid))
            tx.add_history(key, 0, b"body")
            tx.retain(RetainedRoot(key, 0, held.cid, b"p", 1))
            tx.put_pin(PinRow(key, 0, 1, b""))
        tx.add_releases(keys[0], [(held.cid, 1)])
        tx.forget_space(keys[0])
        tx.forget_space(space_key(7))

    await store.write(work)
    for at, key in enumerate(keys):
        there = await store.read(ask(View.space, key))
        assert (there is not None) == bool(at)
        assert await store.read(ask(View.history, key, 0)) == (b"body" if at else None)
        assert len(await store.read(lambda view, key=key: list(view.retained(key)))) == at  # type: ignore[misc]
        assert len(await store.read(ask(View.pins, key))) == at
        assert await store.read(ask(View.references, key, held.cid)) == 1
    assert await store.read(ask(View.usage, keys[0].owner)) == (200, 100)
    assert await store.read(lambda view: len(view.releases(keys[0].owner, 9))) == 1
    await store.write(do(Transaction.drop_reference, keys[0], held.cid))
    assert await store.read(ask(View.usage, keys[0].owner)) == (100, 100)


async def test_an_account_is_deleted_and_its_name_is_free(store: Store) -> None:
    row = AccountRow("alice", bytes32("alice"), b"sign-in", 5, 1, b"")
    for _ in range(2):  # twice is no error
        await store.write(do(Transaction.put_account, row))
        await store.write(do(Transaction.delete_account, "alice"))
        await store.write(do(Transaction.delete_account, "alice"))
        assert await store.read(ask(View.account, "alice")) is None
        assert await store.read(ask(View.account_of, row.id)) is None
        assert await store.read(lambda view: list(view.accounts())) == []
    other = replace(row, id=bytes32("another"))
    await store.write(do(Transaction.put_account, other))
    assert await store.read(ask(View.account, "alice")) == other


async def test_an_emptied_inbox_has_nothing_and_counts_on(store: Store) -> None:
    mine, other = bytes32("alice"), bytes32("bob")

    def work(tx: Transaction) -> None:
        for target in (mine, other):
            for n in range(3):
                tx.drop_message(target, n, b"m%d" % n)
                tx.put_token(TokenRow(target, bytes32(f"token {n}"), 10, 3))

    await store.write(work)
    for _ in range(2):
        await store.write(do(Transaction.empty_inbox, mine))
        assert await store.read(ask(View.inbox_size, mine)) == (0, 0)
        assert await store.read(ask(View.messages, mine, 0, 9)) == []
        assert await store.read(ask(View.token, mine, bytes32("token 1"))) is None
    await store.write(do(Transaction.empty_inbox, bytes32("nobody")))
    assert await store.read(ask(View.inbox_size, other)) == (3, 6)
    assert await store.read(ask(View.token, other, bytes32("token 1"))) is not None
    assert await store.write(do(Transaction.drop_message, mine, 9, b"again")) == 4
    assert await store.read(ask(View.inbox_size, mine)) == (1, 5)


async def test_departures_are_listed_replaced_and_deleted(store: Store) -> None:
    rows = [
        DepartureRow(id, b"farewell", b"receipt", n)
        for n, id in enumerate(sorted(bytes32(f"d{n}") for n in range(3)))
    ]
    for row in rows[::-1]:
        await store.write(do(Transaction.put_departure, row))
    assert await store.read(lambda view: list(view.departures())) == rows
    newer = replace(rows[1], receipt=b"another", until=2**50)
    await store.write(do(Transaction.put_departure, newer))
    assert await store.read(ask(View.departure, newer.id)) == newer
    assert await store.read(ask(View.departure, bytes32("none"))) is None
    for _ in range(2):
        await store.write(do(Transaction.delete_departure, newer.id))
    assert await store.read(lambda view: list(view.departures())) == [rows[0], rows[2]]


async def test_an_identity_is_deleted_whole(store: Store) -> None:
    row = IdentityRow(bytes32("alice"), (b"one", b"two"), b"where")
    await store.write(do(Transaction.put_identity, row))
    for _ in range(2):
        await store.write(do(Transaction.delete_identity, row.id))
        assert await store.read(ask(View.identity, row.id)) is None
    await store.write(do(Transaction.put_identity, replace(row, chain=(b"one",))))
    assert await store.read(ask(View.identity, row.id)) == replace(row, chain=(b"one",))
