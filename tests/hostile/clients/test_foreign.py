"""What belongs to somebody else: asked for, taken, changed and thrown away, at every door.

Mallory lives at the same home and has proven every key of his own. For each operation
that acts on an account or a space he names Alice's; and a stranger does the same.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest

from formats.cid import Block, Cid
from formats.errors import Denied, Expired, Forged, Unfit, WrongPassword
from formats.statement import Role
from protocols import accounts as a
from protocols import blocks as b
from protocols import courier as c
from protocols import directory as d
from protocols import factors as f
from protocols import inbox as i
from protocols import pointers as p
from protocols import replicas as r
from protocols.operations import OPERATIONS
from protocols.services import Doors
from tests.hostile.clients.conftest import Home
from tests.node.people import NOW, item, prove, read, statement

Attack = Callable[[bytes, bytes], object]
"""Made of Alice's id and the id of her space."""

TINY = Block.raw(b"tiny")
NOTHING = Cid.of_raw(b"")

FOREIGN: dict[str, Attack] = {
    "accounts.account": lambda alice, _: a.AskAccount(alice),
    "accounts.keep": lambda alice, _: a.Keep(alice, 0),
    "accounts.notices": lambda alice, _: a.AwaitNotices(alice, 0, 0),
    "accounts.write": lambda alice, _: a.Write(alice, "in her name"),
    "blocks.open_session": b.OpenSession,
    "blocks.lost": b.AskLost,
    "blocks.mend": lambda alice, space: b.Mend(alice, space, (TINY,)),
    "blocks.read": lambda alice, space: b.Read(
        alice, space, None, None, None, (b.Item(bytes(32), None, (), True),), ()
    ),
    "pointers.resolve": lambda alice, space: p.Resolve(alice, space, None),
    "pointers.watch": lambda alice, space: p.Watch(alice, space, 0, 0),
    "pointers.kept": lambda alice, space: p.Kept(alice, space, 1),
    "pointers.weigh": p.Weigh,
    "pointers.pins": p.AskPins,
    "pointers.pin": lambda alice, space: p.Pin(alice, space, 0, b"note"),
    "pointers.unpin": lambda alice, space: p.Unpin(alice, space, 0),
    "pointers.let_go": lambda alice, space: p.LetGo(alice, space, NOW * 2),
    "inbox.collect": lambda alice, _: i.Collect(alice, 0, 0, (1, 2, 3)),
    "inbox.delete": lambda alice, _: i.Delete(alice, (1, 2, 3)),
    "accounts.factors": lambda alice, _: f.AskFactors(alice),
    "inbox.register": lambda alice, _: i.Register(
        alice, (i.Batch(NOW + 86_400_000, (bytes(32),)),)
    ),
    "inbox.allow": lambda alice, _: i.Allow(alice, bytes(32), 9, NOW + 86_400_000),
    "directory.look": lambda alice, _: d.Look(alice, bytes(32), None),
    "directory.announce": lambda alice, _: d.Announce(alice, True, ()),
    "directory.profile": lambda alice, _: d.AskProfile(alice),
    "directory.find": lambda alice, _: d.Find(alice, True, ()),
    "replicas.standings": lambda alice, _: r.AskReplicas(alice),
    "replicas.follow": lambda alice, _: r.Follow(alice, bytes(32), bytes(32), (), 0, "", (), 0),
    "replicas.line": lambda alice, space: r.AskLine(alice, space, None),
    "replicas.fetch": lambda alice, space: r.Fetch(alice, space, (NOTHING,)),
    "replicas.needed": lambda alice, space: r.AskNeeded(alice, space, (NOTHING,)),
    "replicas.bring": lambda alice, space: r.Bring(alice, space, (TINY,)),
    "replicas.arrive": lambda alice, space: r.Arrive(alice, space, b"pointer", b"record", ()),
}
"""Operations that name somebody whose it is."""

FACTORS: dict[str, object] = {
    "accounts.show_code": f.ShowCode("alice", "123456"),
    "accounts.show_backup": f.ShowBackup("alice", bytes(10)),
    "accounts.show_key": f.ShowKey("alice", b"credential", b"{}", bytes(37), b"signature"),
    "accounts.add_code": f.AddCode("alice", b"label", bytes(20), "123456"),
    "accounts.add_key": f.AddKey("alice", b"label", b"{}", bytes(37)),
    "accounts.set_backups": f.SetBackups("alice", (bytes(32),)),
    "accounts.remove_factor": f.RemoveFactor("alice", 1),
}
"""Operations on somebody's second factors: for who has just proven that account's password."""

ELSEWHERE = {
    "accounts.hello": "names nobody",
    "accounts.prove": "test_a_key_is_proven_for_its_own_subject_only below",
    "accounts.enter": "the same",
    "accounts.parameters": "test_names_that_nobody_has_look_like_names_that_somebody_has below",
    "accounts.sign_up": "tests/node/services/test_accounts.py",
    "accounts.settle": "tests/node/services/test_settling.py",
    "accounts.sign_in": "test_a_key_is_proven_for_its_own_subject_only below",
    "accounts.replace_sign_in": "test_somebody_elses_password_is_not_replaced below",
    "accounts.succeed": "tests/node/services/test_succeeding.py",
    "accounts.depart": "tests/node/services/test_departing.py",
    "blocks.stage": "test_a_session_is_of_no_use_to_who_did_not_open_it below",
    "blocks.missing": "the same",
    "blocks.recall": "the same",
    "blocks.close_session": "the same",
    "pointers.move": "test_writers.py",
    "inbox.leave": "meant for anybody; tests/hostile/people/test_messages.py",
    "directory.show": "tests/node/services/test_profiles.py",
    "directory.publish": "test_whereabouts_of_somebody_else_are_not_published below",
    "replicas.give": "tests/node/following/test_hostile.py",
    "courier.show": "meant for anybody",
    "courier.carry": "meant for anybody; tests/node/services",
}
"""Where the others are attacked."""


async def ask(doors: Doors, operation: str, request: object) -> object:
    door, name = operation.split(".")
    answer: object = await getattr(getattr(doors, door), name)(request)
    return answer


def test_no_operation_is_left_out() -> None:
    every = {str(row) for door in OPERATIONS.values() for row in door.values()}
    known = {*FOREIGN, *FACTORS, *ELSEWHERE, "courier.known"}
    assert every - known == set()


@pytest.mark.parametrize("who", ["mallory", "a stranger"])
@pytest.mark.parametrize("operation", FOREIGN)
async def test_what_is_somebody_elses_is_denied(home: Home, operation: str, who: str) -> None:
    """One word for all of it, and Alice has what she had."""
    space = home.alice.space
    before = await home.hers.pointers.resolve(p.Resolve(home.alice.id, space.record.space, None))
    usage = await home.hers.accounts.account(a.AskAccount(home.alice.id))
    doors = home.his if who == "mallory" else home.node.open(home.node.caller(b"x", local=False))
    request = FOREIGN[operation](home.alice.id, space.record.space)
    with pytest.raises(Denied) as told:
        await ask(doors, operation, request)
    assert "alice" not in told.value.message
    after = await home.hers.pointers.resolve(p.Resolve(home.alice.id, space.record.space, None))
    assert after == before
    assert await home.hers.accounts.account(a.AskAccount(home.alice.id)) == usage
    assert not (await home.hers.pointers.pins(p.AskPins(home.alice.id, space.record.space))).pins


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OWNER, Role.SIGN_IN])
async def test_a_key_is_proven_for_its_own_subject_only(home: Home, role: Role) -> None:
    """Mallory's own keys, said to be for what is Alice's; then he asks as if it were so."""
    alice, mallory = home.alice, home.mallory
    space = alice.space.record.space
    subject = {
        Role.MEMBER: alice.id + space,
        Role.OWNER: alice.id,
        Role.SIGN_IN: b"alice",
    }[role]
    key = mallory.daily if role is Role.OWNER else mallory.member
    with suppress(Forged, WrongPassword):  # or it is noted, and found to be no member's later
        await prove(home.his, role, subject, key)
    with suppress(Forged, Unfit):
        said = await statement(home.his, role, subject, key)
        await home.his.accounts.enter(a.Enter((said,), True))
    with pytest.raises(Denied):
        await home.his.pointers.resolve(p.Resolve(alice.id, space, None))
    with pytest.raises(Denied):
        await home.his.accounts.account(a.AskAccount(alice.id))
    with pytest.raises(WrongPassword):
        await home.his.accounts.sign_in(a.SignIn("alice"))


async def test_a_session_is_of_no_use_to_who_did_not_open_it(home: Home) -> None:
    """Its secret name was overheard: for him there is no such session."""
    alice = home.alice
    opened = await home.hers.blocks.open_session(b.OpenSession(alice.id, alice.space.record.space))
    await home.hers.blocks.stage(b.Stage(opened.session, (TINY,)))
    for request in (
        b.Stage(opened.session, (TINY,)),
        b.Missing(opened.session, (TINY.cid,)),
        b.Recall(opened.session, (TINY.cid,)),
    ):
        with pytest.raises(Expired):
            await ask(home.his, f"blocks.{type(request).__name__.lower()}", request)
    with suppress(Expired):
        await home.his.blocks.close_session(b.CloseSession(opened.session))
    back = await home.hers.blocks.recall(b.Recall(opened.session, (TINY.cid,)))
    assert back.blocks == (TINY,)


async def test_somebody_elses_password_is_not_replaced(home: Home) -> None:
    record = home.mallory.sign_in_record(1).encoded
    with pytest.raises(WrongPassword):
        await home.his.accounts.replace_sign_in(a.ReplaceSignIn("alice", record))


@pytest.mark.parametrize("operation", FACTORS)
async def test_somebody_elses_second_factors_are_neither_shown_nor_changed(
    home: Home, operation: str
) -> None:
    """Not by who has proven another account's password, either."""
    before = await home.hers.accounts.factors(f.AskFactors(home.alice.id))
    with pytest.raises(WrongPassword) as told:
        await ask(home.his, operation, FACTORS[operation])
    assert "alice" not in told.value.message
    assert await home.hers.accounts.factors(f.AskFactors(home.alice.id)) == before


async def test_whereabouts_of_somebody_else_are_not_published(home: Home) -> None:
    """Neither his own under her id, nor hers, which he has from somewhere, in his name."""
    hers = home.alice.whereabouts(home.his.peer, 7).encoded
    his = home.mallory.whereabouts(home.his.peer, 7).encoded
    for where in (hers, his):
        with pytest.raises((Denied, Forged)):
            await home.his.directory.publish(d.Publish(home.alice.id, (), where))


async def test_names_that_nobody_has_look_like_names_that_somebody_has(home: Home) -> None:
    """The same again each time, as of a real account, and no two alike."""
    told = {}
    for name in ("alice", "mallory", "nobody", "noone"):
        first, again = [
            await home.node.open().accounts.parameters(a.AskParameters(name)) for _ in range(2)
        ]
        assert first == again
        told[name] = first
    assert len({each.salt for each in told.values()}) >= 3  # the two real ones may have one salt
    assert told["nobody"].algorithm == told["alice"].algorithm


async def test_reading_by_a_proof_of_nothing_tells_nothing_of_a_space(home: Home) -> None:
    """A space that is there and one that is not are answered with the same words."""
    words = set()
    for space in (home.alice.space, home.mallory.new_space("made up")):
        with pytest.raises(Denied) as told:
            await home.node.open(home.node.caller(b"x", local=False)).blocks.read(
                read(space, item(bytes(32), all=True))
            )
        words.add(told.value.message)
    assert len(words) == 1


async def test_nobody_is_told_whom_a_home_has_met_without_an_account_there(home: Home) -> None:
    with pytest.raises(Denied):
        await home.node.open(home.node.caller(b"x", local=False)).courier.known(c.AskKnown())
