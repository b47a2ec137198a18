"""A check finds everything that is wrong, and nothing in a home that is well."""

from dataclasses import replace

import pytest
import trio

from formats.cid import Cid
from formats.links import Role
from formats.tree.lookup import lookup
from node.checking.findings import Finding, Wrong
from node.checking.pace import Pace, Stopped
from node.checking.verify import verify
from node.room import let_go
from storage.contracts import RetainedRoot, Transaction
from storage.reachability import KINDS
from tests.node.checking.harm import Harm, flip, lose
from tests.node.checking.worlds import LEAVES, World, check, tables
from tests.node.people import Person, label


@pytest.mark.parametrize("deep", [False, True])
async def test_a_home_that_is_well_has_no_findings(any_world: World, deep: bool) -> None:
    report = await check(any_world.node.store, deep)
    assert report.found.listed == []
    assert report.spaces == 1
    assert report.blocks > 2 * LEAVES
    assert (report.bytes > 200_000) == deep


async def test_a_home_stays_well_when_old_states_go(any_world: World) -> None:
    def work(tx: Transaction) -> None:
        for old in list(tx.past(any_world.key)):
            let_go(tx, old)

    await any_world.node.store.write(work)
    assert (await check(any_world.node.store)).found.listed == []


@pytest.mark.parametrize("harm", [flip, lose])
async def test_every_damaged_block_is_found_and_named(world: World, harm: Harm) -> None:
    blocks = await world.blocks()
    assert set(blocks.values()) == set(Role) - {Role.RETIRED_NODE}
    for cid, role in blocks.items():
        store = tables(world).snapshot()
        harm(store, cid)
        found = (await check(store)).found
        lost = [each for each in found.listed if each.wrong is Wrong.BLOCK]
        assert [(each.cid, each.key) for each in lost] == [(cid, world.key)], role
        others = {each.wrong for each in found.listed} - {Wrong.BLOCK, Wrong.LABEL, Wrong.SUM}
        assert others == set(), role
        labels = [each for each in found.listed if each.wrong is Wrong.LABEL]
        assert bool(labels) == (role not in (Role.ROOT, Role.MARKER)), role


async def test_segments_are_read_only_by_a_deep_check(world: World) -> None:
    blocks = await world.blocks()
    cid = next(cid for cid, role in blocks.items() if role is Role.SEGMENT)
    flip(tables(world), cid)
    assert (await check(world.node.store, deep=False)).found.total == 0
    assert (await check(world.node.store)).found.total > 0


async def test_the_labels_of_a_lost_segment_are_named_with_their_state(world: World) -> None:
    leaves = world.alice.space.blocks
    shared = next(
        cid
        for cid, role in (await world.blocks()).items()
        if role is Role.SEGMENT and cid in leaves and len(leaves[cid]) > 50_000
    )
    flip(tables(world), shared)
    found = (await check(world.node.store)).found
    named = {each.label: each.said for each in found.listed if each.wrong is Wrong.LABEL}
    both = {label("large"): "in the present state", label("copy"): "in the present state"}
    assert named in (both, {label("other"): "in an earlier state"})


async def test_a_lost_leaf_in_both_states_is_told_once(world: World) -> None:
    space = world.alice.space
    cid = lookup(space.load, space.root.tree, [label(20)])[label(20)]
    assert cid is not None
    flip(tables(world), cid)
    found = (await check(world.node.store)).found
    named = [(each.label, each.said) for each in found.listed if each.wrong is Wrong.LABEL]
    assert named == [(label(20), "in the present state")]


@pytest.mark.parametrize("by", [-1, 1, 5])
async def test_every_miscount_is_found_exactly(world: World, by: int) -> None:
    for cid, role in (await world.blocks()).items():
        store = tables(world).snapshot()
        count, kind = store._tables.references[world.key, cid]
        if count + by <= 0:
            continue
        store._tables.references[world.key, cid] = (count + by, kind)
        (found,) = (await check(store, deep=False)).found.listed
        assert (found.wrong, found.cid, found.count) == (Wrong.COUNT, cid, count), role
        assert found.kind == KINDS[role]


async def test_a_reference_that_is_lacking_is_found(world: World) -> None:
    for cid in await world.blocks():
        store = tables(world).snapshot()
        count, kind = store._tables.references.pop((world.key, cid))
        found = (await check(store, deep=False)).found.listed
        named = [each for each in found if each.wrong is Wrong.COUNT and each.cid == cid]
        assert [(each.count, each.kind) for each in named] == [(count, kind)]
        assert any(each.wrong is Wrong.SUM for each in found)


async def test_a_reference_to_what_nothing_links_to_is_found(world: World) -> None:
    store = tables(world)
    staged = next(
        cid for cid in store._tables.blocks if (world.key, cid) not in store._tables.references
    )
    store._tables.references[world.key, staged] = (1, KINDS[Role.SEGMENT])
    found = (await check(store, deep=False)).found.listed
    assert [each.count for each in found if each.wrong is Wrong.COUNT] == [0]


async def test_a_block_of_the_wrong_kind_is_found(world: World) -> None:
    for cid, role in (await world.blocks()).items():
        store = tables(world).snapshot()
        count, _ = store._tables.references[world.key, cid]
        store._tables.references[world.key, cid] = (count, KINDS[role] % 8 + 1)
        assert (await check(store, deep=False)).found.total > 0, role
        store._tables.references[world.key, cid] = (count, 99)
        assert (await check(store, deep=False)).found.total > 0, role


async def test_every_altered_or_lost_history_record_is_found(world: World) -> None:
    for seq in range(world.alice.space.seq + 1):
        for harm in ("flip", "lose"):
            store = tables(world).snapshot()
            body = bytearray(store._tables.history[world.key, seq])
            body[-1] ^= 1
            if harm == "flip":
                store._tables.history[world.key, seq] = bytes(body)
            else:
                del store._tables.history[world.key, seq]
            found = (await check(store, deep=False)).found.listed
            assert any(each.wrong is Wrong.HISTORY for each in found)


@pytest.mark.parametrize("field", ["pointer", "record"])
async def test_every_altered_byte_of_a_record_in_force_is_found(world: World, field: str) -> None:
    row = tables(world)._tables.spaces[world.key]
    data = getattr(row, field)
    for at in range(0, len(data), len(data) // 40):
        store = tables(world).snapshot()
        altered = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        store._tables.spaces[world.key] = replace(row, **{field: altered})
        found = (await check(store, deep=False)).found.listed
        assert any(each.wrong is Wrong.RECORD and each.key == world.key for each in found), at


async def test_another_root_or_number_in_the_index_is_found(world: World) -> None:
    row = tables(world)._tables.spaces[world.key]
    for changed in ({"seq": row.seq + 1}, {"seq": row.seq - 1}, {"root": Cid.of_cbor(b"")}):
        store = tables(world).snapshot()
        store._tables.spaces[world.key] = replace(row, **changed)
        found = (await check(store, deep=False)).found.listed
        assert any(each.wrong is Wrong.RECORD for each in found)


async def test_a_superseded_state_of_another_line_is_found(world: World) -> None:
    store = tables(world)
    rows = store._tables.retained
    (first, one), (second, other) = list(rows.items())[:2]
    rows[first] = RetainedRoot(one.key, one.seq, one.root, other.pointer, one.superseded)
    rows[second] = replace(other, pointer=b"nothing")
    found = (await check(store, deep=False)).found.listed
    assert [each.wrong for each in found] == [Wrong.RECORD] * 2


async def test_an_older_space_record_than_the_pointer_names_is_found(world: World) -> None:
    store = tables(world)
    row = store._tables.spaces[world.key]
    other = Person("mallory")
    store._tables.spaces[world.key] = replace(row, record=other.space.record.encoded)
    found = (await check(store, deep=False)).found.listed
    assert {each.wrong for each in found} == {Wrong.RECORD}


async def test_wrong_sums_are_found(world: World) -> None:
    owner = world.alice.id
    for change in ("used", "session", "inbox"):
        store = tables(world).snapshot()
        t = store._tables
        if change == "used":
            t.used[world.key] += 1
        elif change == "session":
            name, row = next(iter(t.sessions.items()))
            t.sessions[name] = replace(row, reserved=row.reserved + 1)
        else:
            rows = t.messages[owner]
            seq = next(iter(rows))
            rows[seq] = replace(rows[seq], sealed=b"short")
        found = (await check(store, deep=False)).found.listed
        expected = Wrong.SHAPE if change == "inbox" else Wrong.SUM
        assert [(each.wrong, each.owner) for each in found] == [(expected, owner)]


async def test_accounts_without_whole_records_are_found(world: World) -> None:
    owner = world.alice.id
    row = tables(world)._tables.identities[owner]
    account = tables(world)._tables.accounts["alice"]
    stranger = Person("mallory")
    for identity in (
        None,
        replace(row, chain=(row.chain[0][:-1] + b"\0",)),
        replace(row, chain=stranger.chain.encoded),
        replace(row, whereabouts=stranger.whereabouts(b"peer").encoded),
    ):
        store = tables(world).snapshot()
        if identity is None:
            del store._tables.identities[owner]
        else:
            store._tables.identities[owner] = identity
        found = (await check(store, deep=False)).found.listed
        assert any(each.wrong is Wrong.RECORD and each.owner == owner for each in found)
    store = tables(world).snapshot()
    store._tables.accounts["alice"] = replace(account, sign_in=b"none")
    (found_one,) = (await check(store, deep=False)).found.listed
    assert (found_one.wrong, found_one.owner, found_one.key) == (Wrong.RECORD, owner, None)


async def test_a_damaged_staged_block_is_found_by_a_deep_check(world: World) -> None:
    store = tables(world)
    (staged,) = [cid for held in store._tables.staged.values() for cid in held]
    flip(store, staged)
    (found,) = (await check(store)).found.listed
    assert (found.wrong, found.cid, found.key) == (Wrong.BLOCK, staged, world.key)


async def test_a_lost_pack_is_traced_to_its_labels_without_being_asked(disk_world: World) -> None:
    (pack,) = (disk_world.node.folder.store / "packs").iterdir()
    with pack.open("r+b") as file:
        file.truncate(100)
    found = (await check(disk_world.node.store, deep=False)).found
    assert found.counts[Wrong.STORE] == 1
    named = {each.label for each in found.listed if each.wrong is Wrong.LABEL}
    assert named == {label("large"), label("copy"), label("other")}


async def test_findings_are_told_as_they_come(world: World) -> None:
    told: list[Finding] = []
    flip(tables(world), next(iter(await world.blocks())))
    report = await verify(world.node.store, pace=Pace(share=1), told=told.append)
    assert told == report.found.listed


async def test_a_check_that_is_cancelled_stops_in_its_thread(any_world: World) -> None:
    pace = Pace(share=1)
    with trio.CancelScope() as scope:
        scope.cancel()
        await verify(any_world.node.store, pace=pace)
    assert scope.cancelled_caught
    with pytest.raises(Stopped):
        pace.step(1)


async def test_a_check_goes_on_while_others_commit(any_world: World) -> None:
    doors = any_world.node.open()
    await any_world.alice.arrive(doors)
    reports = []

    async def checking() -> None:
        reports.append(await check(any_world.node.store))

    async with trio.open_nursery() as nursery:
        for round in range(3):
            nursery.start_soon(checking)
            await any_world.alice.space.commit(doors, {label(30 + round): None})
    assert [report.found.listed for report in reports] == [[]] * 3


def test_a_check_rests_as_long_as_it_works() -> None:
    now = [0.0]
    rested: list[float] = []

    def clock() -> float:
        now[0] += 0.002
        return now[0]

    pace = Pace(share=0.25, clock=clock, rest=rested.append)
    for _ in range(600):
        pace.step(1)
    assert rested
    assert all(0.03 <= each < 0.04 for each in rested)
