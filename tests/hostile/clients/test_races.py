"""Races against quota, garbage and single use: many connections at once, on stores with a disk.

Each attack is started many times at the same moment, beside the job that it races with. Who
comes first is the store's business; whatever the order, the numbers hold afterwards and
everything that a state names can be read.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
import trio

from crypto.totp import STEP, totp
from formats.cid import Block
from formats.errors import BadInvite, HoldfastError, TooMany, WrongPassword
from formats.factors import backup_hash
from formats.invite import Invite
from formats.space import Member, Rights
from formats.statement import Role
from node.build import build
from node.caller import Caller
from node.checking.pace import Pace
from node.checking.verify import verify
from node.config import Config
from node.jobs.expiry import close_sessions
from node.jobs.garbage import collect_garbage
from node.jobs.retention import give_back, release_superseded
from node.sessions import OF_MEMBER, OF_OWNER
from protocols import accounts as a
from protocols import blocks as b
from protocols import factors as f
from protocols import pointers as p
from protocols.services import Doors
from storage.contracts import View
from tests.contracts.conftest import BACK_ENDS, NEEDED
from tests.contracts.rows import ask
from tests.hostile.clients.conftest import Home
from tests.hostile.clients.test_writers import GUEST, shared_space
from tests.node.people import (
    NOW,
    Clock,
    Person,
    label,
    leaf,
    lock_key,
    move,
    prove,
    secret,
    segment,
)

Deed = Callable[[], Awaitable[object]]

CROWD = 16
"""Connections that do the same at the same moment."""

PART = 50_000
"""Bytes of a block: large ones go to packs."""


@pytest.fixture(params=["embedded", "postgres"])
async def home(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Home]:
    """The home of this folder on a store with a disk; nothing rests before it is collected."""
    if request.param in NEEDED:
        NEEDED[request.param]()
    clock = Clock()
    config = Config(tmp_path / "node", work_bits=4, quarantine=0)
    store = await BACK_ENDS[request.param](tmp_path / "store")
    async with build(config, store=store, clock=clock, key=secret("home")) as node:
        alice, mallory = Person("alice"), Person("mallory")
        hers, his = node.open(), node.open(node.caller(b"mallory's node", local=False))
        await alice.sign_up(hers)
        await mallory.sign_up(his, Invite.parse(await node.admin.invite()).code)
        yield Home(node, clock, alice, mallory, hers, his)
    await store.aclose()


async def mallory_again(home: Home) -> Doors:
    """One more connection of his."""
    doors = home.node.open(home.node.caller(b"mallory's node", local=False))
    await home.mallory.arrive(doors)
    return doors


async def crowd(*deeds: Deed) -> Counter[str]:
    """Do all of it at once; how often each answer or error came."""
    came: Counter[str] = Counter()

    async def one(deed: Deed) -> None:
        try:
            came[type(await deed()).__name__] += 1
        except HoldfastError as error:
            came[type(error).__name__] += 1

    async with trio.open_nursery() as nursery:
        for deed in deeds:
            nursery.start_soon(one, deed)
    return came


async def settled(home: Home) -> tuple[int, int]:
    """What he uses and reserves when the garbage is gone; the whole store is looked at before."""
    while await give_back(home.node.core) or await collect_garbage(home.node.core):
        pass
    space = home.mallory.space
    found = await home.his.pointers.resolve(p.Resolve(home.mallory.id, space.record.space, None))
    assert space.pointer is not None
    assert found.pointer == space.pointer.encoded
    report = await verify(home.node.store, pace=Pace(share=1))
    assert not report.found.counts
    return await home.node.store.read(lambda view: view.usage(home.mallory.id))


async def session_of(home: Home, doors: Doors) -> bytes:
    request = b.OpenSession(home.mallory.id, home.mallory.space.record.space)
    return (await doors.blocks.open_session(request)).session


# --- quota


async def test_a_quota_is_not_passed_by_staging_and_committing_at_once(home: Home) -> None:
    """Half of the connections stage, half carry their blocks in a commit: all count together."""
    used, _ = await settled(home)
    quota = used + 5 * (PART + 2000)
    await home.node.admin.set_quota("mallory", quota)
    space = home.mallory.space
    first = space.pointer
    roots = {}

    def committing(number: int, doors: Doors) -> Deed:
        part = segment("in a commit", number, size=PART)
        one = {label(number): leaf(lock_key(number), segments=[part])}
        root, blocks = space.change(one, segments=[part])
        pointer = space.sign(root)
        roots[pointer.hash] = pointer, root
        return partial(doors.pointers.move, move(pointer, blocks))

    def staging(number: int, doors: Doors, session: bytes) -> Deed:
        parts = tuple(segment("staged", number, each, size=PART) for each in range(2))
        return partial(doors.blocks.stage, b.Stage(session, parts))

    deeds: list[Deed] = []
    for number in range(CROWD):
        doors = await mallory_again(home)
        session = await session_of(home, doors)
        deeds += [committing(number, doors), staging(number, doors, session)]
    came = await crowd(*deeds)
    assert came["Committed"] <= 1
    assert came["QuotaExceeded"]
    found = await home.his.pointers.resolve(p.Resolve(home.mallory.id, space.record.space, None))
    for pointer, root in roots.values():
        if pointer.encoded == found.pointer:
            space.took(pointer, root)
    assert (space.pointer == first) is (came["Committed"] == 0)
    assert sum(await settled(home)) <= quota


async def test_of_many_commits_on_one_state_one_is_taken(home: Home) -> None:
    space = home.mallory.space
    deeds: list[Deed] = []
    made = []
    for number in range(CROWD):
        doors = await mallory_again(home)
        root, blocks = space.change({label(number): leaf(lock_key(number), number)})
        pointer = space.sign(root)
        made.append((pointer, root))
        deeds.append(partial(doors.pointers.move, move(pointer, blocks)))
    came = await crowd(*deeds)
    assert came == {"Committed": 1, "Conflict": CROWD - 1}
    found = await home.his.pointers.resolve(p.Resolve(home.mallory.id, space.record.space, None))
    space.took(*next(each for each in made if each[0].encoded == found.pointer))
    _, reserved = await settled(home)
    assert reserved == 0, "what the losers brought was not let go"


# --- garbage


async def test_a_commit_races_the_end_of_its_session(home: Home) -> None:
    """Its blocks are in the state, or the commit is refused: never a state with a hole."""
    space = home.mallory.space
    refused = 0
    for turn in range(8):
        doors = [await mallory_again(home) for _ in range(3)]
        session = await session_of(home, doors[0])
        part = segment("racing", turn, size=PART)
        await doors[0].blocks.stage(b.Stage(session, (part,)))
        root, blocks = space.change(
            {label(turn): leaf(lock_key(turn), segments=[part])}, segments=[part]
        )
        pointer = space.sign(root)
        rest = [each for each in blocks if each.cid != part.cid]
        asked = move(pointer, rest, session=session)
        came = await crowd(
            partial(doors[1].blocks.close_session, b.CloseSession(session)),
            partial(doors[2].pointers.move, asked),
            partial(collect_garbage, home.node.core),
        )
        if came["Committed"]:
            space.took(pointer, root)
            data = await home.node.store.read(ask(View.block, part.cid))
            assert data == part.data
        else:
            assert came["Expired"] or came["Denied"]
            refused += 1
    _, reserved = await settled(home)
    assert reserved == 0


async def test_a_commit_races_the_garbage_that_it_names(home: Home) -> None:
    """What was let go of is named again while it is taken away: here with its bytes, or refused."""
    space = home.mallory.space
    for turn in range(6):
        part = segment("wanted again", turn, size=PART)
        held = {label("wanted"): leaf(lock_key("wanted"), turn, segments=[part])}
        await space.commit(home.his, held, segments=[part])
        await space.commit(home.his, {label("wanted"): None})
        home.clock.now += 40 * 24 * 3600 * 1000  # older states may go
        await mallory_again(home)
        root, blocks = space.change(held, segments=[part])
        pointer = space.sign(root)
        bare = [each for each in blocks if each.cid != part.cid]
        doors = await mallory_again(home)
        came = await crowd(
            partial(release_superseded, home.node.core),
            partial(give_back, home.node.core),
            partial(collect_garbage, home.node.core),
            partial(doors.pointers.move, move(pointer, bare)),
            partial(collect_garbage, home.node.core),
        )
        if came["Committed"]:
            space.took(pointer, root)
            data = await home.node.store.read(ask(View.block, part.cid))
            assert data == part.data
        else:
            assert came["Denied"] == 1
    await settled(home)


async def test_staging_races_the_garbage_of_the_same_block(home: Home) -> None:
    """A block is let go of and brought again, over and over: who holds it has its bytes."""
    part = segment("again", size=PART)
    sessions = []
    for _ in range(CROWD):
        doors = await mallory_again(home)
        sessions.append((doors, await session_of(home, doors)))

    async def over_and_over(doors: Doors, session: bytes) -> b.Closed:
        for _ in range(4):
            await doors.blocks.stage(b.Stage(session, (part,)))
            found = await doors.blocks.recall(b.Recall(session, (part.cid,)))
            assert [block.data for block in found.blocks] == [part.data]
            await doors.blocks.close_session(b.CloseSession(session))
            session = await session_of(home, doors)
        return b.Closed()

    async def taking() -> int:
        return sum([await collect_garbage(home.node.core) for _ in range(20)])

    came = await crowd(*[partial(over_and_over, *each) for each in sessions], taking)
    assert came == {"Closed": CROWD, "int": 1}
    _, reserved = await settled(home)
    assert reserved == 0


async def test_a_session_that_expires_under_a_flood_of_stages(home: Home) -> None:
    """It is over for all or for none of them, and nothing that it held stays."""
    doors = [await mallory_again(home) for _ in range(CROWD)]
    session = await session_of(home, doors[0])
    home.clock.now += 8 * 24 * 3600 * 1000
    one = [Block.raw(b"late %d" % number) for number in range(CROWD)]
    again = [await mallory_again(home) for _ in range(CROWD)]
    came = await crowd(
        *[
            partial(d.blocks.stage, b.Stage(session, (each,)))
            for d, each in zip(again, one, strict=True)
        ],
        partial(close_sessions, home.node.core),
    )
    assert came["Expired"] == CROWD
    assert (await settled(home))[1] == 0


# --- sessions


async def test_one_member_opens_so_many_sessions_and_no_more(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.sessions.OF_MEMBER", 20)
    doors = [await mallory_again(home) for _ in range(CROWD)]
    opening: list[Deed] = [partial(session_of, home, each) for each in doors]
    came = await crowd(*opening, *opening, *opening)
    assert came == {"bytes": 20, "TooMany": 3 * CROWD - 20}
    with pytest.raises(TooMany, match="uploads under way") as told:
        await session_of(home, home.his)
    assert "seven days" in told.value.advice
    home.clock.now += 8 * 24 * 3600 * 1000
    await close_sessions(home.node.core)
    doors_later = await mallory_again(home)
    assert await session_of(home, doors_later)


async def test_somebody_elses_sessions_are_not_counted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.sessions.OF_MEMBER", 2)
    for _ in range(2):
        await session_of(home, home.his)
    with pytest.raises(TooMany):
        await session_of(home, home.his)
    hers = b.OpenSession(home.alice.id, home.alice.space.record.space)
    assert await home.hers.blocks.open_session(hers)


async def test_a_guest_leaves_the_owner_sessions_to_open(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.sessions.OF_OWNER", 10)
    shared = await shared_space(home, Member(GUEST.verify_key.digest(), Rights.WRITE))
    asked = b.OpenSession(home.alice.id, shared.record.space)
    opening: list[Deed] = [partial(home.his.blocks.open_session, asked)]
    came = await crowd(*opening * CROWD)
    assert came == {"Session": 5, "TooMany": CROWD - 5}
    opening = [partial(home.hers.blocks.open_session, asked)]
    assert await crowd(*opening * 5) == {"Session": 5}


def test_the_limits_are_far_above_what_honest_clients_have() -> None:
    assert 64 < OF_MEMBER < OF_OWNER // 2


# --- single use


async def test_an_invite_lets_in_one_of_many(home: Home) -> None:
    code = Invite.parse(await home.node.admin.invite()).code
    people = [Person(f"eve{number}") for number in range(CROWD)]
    deeds: list[Deed] = []
    for person in people:
        doors = home.node.open(home.node.caller(person.name.encode(), local=False))
        deeds.append(partial(doors.accounts.sign_up, person.sign_up_request(doors.peer, code)))
    came = await crowd(*deeds)
    assert came == {"SignedUp": 1, BadInvite.__name__: CROWD - 1}
    assert len(await home.node.admin.accounts()) == 3


async def test_a_name_is_given_to_one_of_many(home: Home) -> None:
    deeds: list[Deed] = []
    for number in range(CROWD):
        person = Person(f"eve{number}")
        person.name = "eve"
        code = Invite.parse(await home.node.admin.invite()).code
        doors = home.node.open(home.node.caller(b"%d" % number, local=False))
        asked = person.sign_up_request(home.node.peer_id, code)
        deeds.append(partial(doors.accounts.sign_up, asked))
    came = await crowd(*deeds)
    assert came["SignedUp"] == 1
    assert sum(came.values()) == CROWD
    assert sum(each.name == "eve" for each in await home.node.admin.accounts()) == 1


async def test_a_backup_code_lets_in_one_of_many(home: Home) -> None:
    """Shown on sixteen connections at the same moment: one of them gets the record."""
    secret_, code = b"a secret of an app..", b"a backup code..."[:10]
    mallory = home.mallory
    await prove(home.his, Role.SIGN_IN, b"mallory", mallory.sign_in)
    shown = totp(secret_, NOW // 1000 // STEP)
    await home.his.accounts.add_code(f.AddCode("mallory", b"", secret_, shown))
    await home.his.accounts.set_backups(f.SetBackups("mallory", (backup_hash(code),)))
    deeds: list[Deed] = []
    for number in range(CROWD):
        doors = home.node.open(Caller(b"thief", local=False, site=f"192.0.2.{number}"))
        await prove(doors, Role.SIGN_IN, b"mallory", mallory.sign_in)
        await doors.accounts.sign_in(a.SignIn("mallory"))
        deeds.append(partial(doors.accounts.show_backup, f.ShowBackup("mallory", code)))
    came = await crowd(*deeds)
    assert came["SignInAnswer"] == 1
    assert came[WrongPassword.__name__] == CROWD - 1
