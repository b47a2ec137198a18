"""A home that was restored: refused until the owner says so, and then everybody follows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from client.marks import MemoryMarks
from client.space.committer import OwnSpace
from client.space.reading import Changing
from client.space.setting_back import Situation, Verdict, look, set_back
from client.space.state import NeedsBase, Shown, Tip, advance
from crypto.signing import SigningKey
from formats.ancestry import Spine
from formats.cid import Cid
from formats.errors import Conflict, Denied, Forged, Forked, HoldfastError, Stale
from formats.pointer import Pointer
from formats.space import Member, Rights, SpaceRecord
from node.build import Node, build
from node.checking.pace import Pace
from node.checking.verify import verify
from node.config import Config
from storage.memory import MemoryStore
from tests.client.space.conftest import InProcess, device, leaf
from tests.node.people import NOW, Clock, Person, move, prove_member, secret, signing_key


async def write(space: OwnSpace, word: str) -> None:
    label, made = leaf(word, word.encode())

    async def operation(changing: Changing) -> None:
        changing.put(label, made)

    await space.commit(operation)


async def tip_of(space: OwnSpace) -> Tip:
    return (await space._view.refresh()).tip


@asynccontextmanager
async def restored(node: Node, store: MemoryStore, folder: Path) -> AsyncIterator[Node]:
    """The same node over an older store."""
    config = Config(folder, work_bits=4)
    async with build(config, store=store, clock=Clock(), key=secret("node")) as made:
        assert made.peer_id == node.peer_id
        yield made


def backup(node: Node) -> MemoryStore:
    store = node.store
    assert isinstance(store, MemoryStore)
    return store.snapshot()


async def accept(space: OwnSpace, alice: Person, situation: Situation | None = None) -> Tip:
    view = space._view
    situation = situation or await look(view)
    return await set_back(view, situation, alice.chain, alice.member, alice.daily, NOW)


async def test_a_restored_home_is_refused_then_shown_then_gone_on_from(
    node: Node, alice: Person, network: InProcess, tmp_path: Path
) -> None:
    mine, other = device(alice, network), device(alice, network)
    told: list[Tip] = []
    mine._view.on_set_back = other._view.on_set_back = told.append
    await write(mine, "kept")
    old = backup(node)
    await write(mine, "lost")
    await write(mine, "lost too")
    await tip_of(other)
    seen = await tip_of(mine)
    async with restored(node, old, tmp_path / "old") as again:
        network.node = again
        for space in (mine, other):
            await space._view.line.aclose()
            with pytest.raises(Stale):
                await tip_of(space)
        situation = await look(mine._view)
        assert (situation.verdict, situation.home.pointer.seq) == (Verdict.OLDER, 1)
        assert situation.seen == seen.mark
        assert situation.newer == seen
        assert situation.code == f"1-{situation.home.pointer.hash[:8].hex()}"
        with pytest.raises(Stale):
            await tip_of(mine)
        await accept(mine, alice, situation)
        back = await tip_of(mine)
        assert (back.pointer.seq, back.record.epoch) == (2, 1)
        assert [each.left for each in told] == [seen.mark]
        await write(mine, "new")
        await write(mine, "newer")
        assert (await tip_of(other)).pointer.seq == 4
        assert [each.left for each in told] == [seen.mark] * 2
        await write(other, "by the other")
        assert (await tip_of(mine)).pointer.seq == 5
        report = await verify(again.store, True, Pace(share=1))
        assert report.found.listed == []


async def test_who_saw_another_line_or_nothing_follows_too(
    node: Node, alice: Person, network: InProcess, tmp_path: Path
) -> None:
    mine, away, late = (device(alice, network) for _ in range(3))
    for number in range(12):
        await write(mine, f"kept {number}")
    old = backup(node)
    for number in range(5):
        await write(mine, f"lost {number}")
        if number == 2:
            await tip_of(away)
    async with restored(node, old, tmp_path / "old") as again:
        network.node = again
        await mine._view.line.aclose()
        await away._view.line.aclose()
        fresh = device(alice, network)  # without marks: it knows nothing of what was lost
        for number in range(9):
            await write(fresh, f"instead {number}")
        for space in (mine, away):
            with pytest.raises(Forked):
                await tip_of(space)
        assert (await look(mine._view)).verdict is Verdict.OTHER
        await accept(mine, alice)
        for number in range(30):
            await write(mine, f"after {number}")
        newest = await tip_of(mine)
        for space in (away, late, fresh):
            assert (await tip_of(space)).pointer == newest.pointer


async def test_a_second_restore_is_another_question(
    node: Node, alice: Person, network: InProcess, tmp_path: Path
) -> None:
    mine, other = device(alice, network), device(alice, network)
    await write(mine, "kept")
    old = backup(node)
    await write(mine, "lost")
    await tip_of(other)
    async with restored(node, old, tmp_path / "one") as one:
        network.node = one
        await mine._view.line.aclose()
        await accept(mine, alice)
        await write(mine, "new")
        await other._view.line.aclose()
        await tip_of(other)
        async with restored(node, old.snapshot(), tmp_path / "two") as two:
            network.node = two
            for space in (mine, other):
                await space._view.line.aclose()
            # ``old`` went on as ``one``: its copy has what is signed already, and nothing is older.
            assert (await tip_of(mine)).pointer.seq == 3


async def test_a_replayed_reset_takes_nobody_back_again(
    node: Node, alice: Person, network: InProcess, tmp_path: Path
) -> None:
    mine = device(alice, network)
    await write(mine, "kept")
    old, oldest = backup(node), backup(node)
    await write(mine, "lost")
    async with restored(node, old, tmp_path / "one") as one:
        network.node = one
        await mine._view.line.aclose()
        await accept(mine, alice)
        replay = backup(one)
        await write(mine, "after")
        for store in (replay, oldest):
            async with restored(node, store, tmp_path / f"old-{id(store)}") as again:
                network.node = again
                await mine._view.line.aclose()
                with pytest.raises(Stale):
                    await tip_of(mine)
                assert (await look(mine._view)).verdict is Verdict.OLDER


async def test_a_home_that_moved_on_is_not_set_back_to_what_was_shown(
    node: Node, alice: Person, network: InProcess, tmp_path: Path
) -> None:
    mine = device(alice, network)
    await write(mine, "kept")
    old = backup(node)
    await write(mine, "lost")
    async with restored(node, old, tmp_path / "old") as again:
        network.node = again
        await mine._view.line.aclose()
        situation = await look(mine._view)
        await write(device(alice, network), "somebody else")
        with pytest.raises(Conflict):
            await accept(mine, alice, situation)
        with pytest.raises(HoldfastError):
            await tip_of(mine)


async def test_an_answer_that_was_lost_is_no_second_reset(
    node: Node, alice: Person, network: InProcess, tmp_path: Path
) -> None:
    mine = device(alice, network)
    await write(mine, "kept")
    old = backup(node)
    await write(mine, "lost")
    async with restored(node, old, tmp_path / "old") as again:
        network.node = again
        await mine._view.line.aclose()
        situation = await look(mine._view)
        await accept(mine, alice, situation)
        marks = MemoryMarks()
        assert situation.seen is not None
        marks.put(alice.id, alice.space.record.space, situation.seen)
        assert (await tip_of(device(alice, network, marks))).record.epoch == 1


# -- what cannot take anybody back --------------------------------------------------------


def line(alice: Person, record: SpaceRecord, count: int, word: str) -> list[Pointer]:
    """Pointers of a line under one record."""
    pointers: list[Pointer] = []
    spine = Spine()
    for number in range(count):
        root = Cid.of_cbor(f"{word if number > 2 else ''} {number}".encode())
        if not pointers:
            made = Pointer.first(record, root, NOW, alice.member)
        else:
            skip = spine.skip_hash()
            assert skip is not None
            made = Pointer.following(pointers[-1], skip, record, root, NOW, alice.member)
        spine = spine.then(made.seq, made.hash)
        pointers.append(made)
    return pointers


def after(
    alice: Person, at: Pointer, record: SpaceRecord, skip: bytes, key: SigningKey | None = None
) -> Shown:
    """The state that puts a record in force right after ``at``."""
    pointer = Pointer.following(at, skip, record, at.root, NOW, key or alice.member)
    return Shown(pointer.encoded, record.encoded, (), ())


class Case:
    """Alice saw number 6 of one line; her home has 3 of it and may say what it likes."""

    def __init__(self) -> None:
        self.alice = Person("alice")
        self.record = self.alice.space.record
        self.line = line(self.alice, self.record, 7, "one")
        self.at = self.line[3]
        self.skip = self.line[0].hash
        self.mark = Tip(self.line[6], self.record, self.alice.space.spine).mark
        self.members = [Member(self.alice.member.verify_key.digest(), Rights.ALL)]

    def record_back(self, owner: Person | None = None, at: Pointer | None = None) -> SpaceRecord:
        who, to = owner or self.alice, at or self.at
        return SpaceRecord.setting_back(
            self.record, to.seq, to.hash, 0, who.chain, self.members, who.daily
        )

    def believed(self, shown: Shown) -> Tip:
        return advance(self.mark, shown, self.alice.chain, self.record.space)


def test_the_owners_word_takes_back() -> None:
    case = Case()
    tip = case.believed(after(case.alice, case.at, case.record_back(), case.skip))
    assert (tip.pointer.seq, tip.left) == (4, case.mark)


def test_without_it_nothing_does() -> None:
    case = Case()
    again = SpaceRecord.following(case.record, case.alice.chain, case.members, case.alice.daily)
    for shown in (
        Shown(case.at.encoded, case.record.encoded),
        after(case.alice, case.at, case.record, case.skip),
        after(case.alice, case.at, again, case.skip),
    ):
        with pytest.raises(Stale):
            case.believed(shown)


def test_a_record_that_somebody_else_signed_does_not() -> None:
    case = Case()
    mallory = Person("mallory")
    forged = SpaceRecord.setting_back(
        case.record, 3, case.at.hash, 0, case.alice.chain, case.members, mallory.daily
    )
    with pytest.raises(Forged):
        case.believed(after(case.alice, case.at, forged, case.skip))
    with pytest.raises(Forged):
        case.believed(after(case.alice, case.at, case.record_back(mallory), case.skip))


def test_a_record_of_another_space_does_not() -> None:
    case = Case()
    elsewhere = case.alice.new_space("other").record
    back = SpaceRecord.setting_back(
        elsewhere, 3, case.at.hash, 0, case.alice.chain, case.members, case.alice.daily
    )
    with pytest.raises(Forged):
        case.believed(after(case.alice, case.at, back, case.skip))


def test_a_pointer_of_no_member_does_not() -> None:
    case = Case()
    back = case.record_back()
    with pytest.raises(Forged):
        case.believed(after(case.alice, case.at, back, case.skip, signing_key("mallory")))


def test_the_space_is_set_back_to_that_state_and_no_other() -> None:
    case = Case()
    back = case.record_back()
    other = line(case.alice, case.record, 7, "another")
    before = after(case.alice, case.line[1], back, case.line[0].hash)
    with pytest.raises(NeedsBase):  # and a proof of descent from number 3 there is none
        case.believed(before)
    with pytest.raises(Stale):
        case.believed(replace(before, from_base=()))
    with pytest.raises(Forked):
        case.believed(after(case.alice, other[3], back, case.skip))


def test_who_saw_that_epoch_is_not_taken_back_by_it_or_by_later_ones_that_carry_it() -> None:
    case = Case()
    back = case.record_back()
    shown = after(case.alice, case.at, back, case.skip)
    case.mark = case.believed(shown).mark
    first = Pointer.decode(shown.pointer)
    later = SpaceRecord.following(back, case.alice.chain, case.members, case.alice.daily)
    other = Pointer.following(case.at, case.skip, back, case.line[5].root, NOW, case.alice.member)
    aside = after(case.alice, other, later, other.hash)
    with pytest.raises(HoldfastError):
        case.believed(Shown(other.encoded, back.encoded))
    with pytest.raises(HoldfastError):
        case.believed(aside)
    onwards = after(case.alice, first, later, first.hash)
    assert case.believed(onwards).left is None


async def test_a_member_alone_cannot_have_a_home_set_back(node: Node, alice: Person) -> None:
    """At the home: the owner's signature, a member with that right, and where the space is."""
    doors = node.open()
    await prove_member(doors, alice.space)
    at = alice.space.pointer
    assert at is not None
    skip = alice.space.spine.skip_hash()
    assert skip is not None
    members = alice.space.record.members
    mallory = Person("mallory")
    forged = SpaceRecord.setting_back(
        alice.space.record, 0, at.hash, 0, alice.chain, members, mallory.daily
    )
    elsewhere = SpaceRecord.setting_back(
        alice.space.record, 0, at.body[:32], 0, alice.chain, members, alice.daily
    )
    for record in (forged, elsewhere):
        pointer = Pointer.following(at, skip, record, at.root, NOW, alice.member)
        with pytest.raises((Forged, Denied)):
            await doors.pointers.move(move(pointer, (), record))
