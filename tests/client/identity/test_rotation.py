"""Renewing identity keys: everything goes on under the new ones, or everything under the old."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import pytest
import trio

from client.identity.account import account
from client.identity.bundle import open_next
from client.identity.login import sign_in
from client.identity.password import password_keys
from client.replicas import add, renew_if_due
from client.replicas import replicas as replicas_of
from client.sharing.jobs import finish
from client.sharing.own_spaces import own_spaces, sign_again
from client.social import outbox
from client.social.contacts import by_name
from client.social.follow import tell_if_moved
from client.social.owners import refresh
from client.social.store import look
from client.social.verifying import confirm
from crypto.signing import SigningKey
from formats.errors import (
    Conflict,
    Denied,
    Forged,
    Forked,
    HoldfastError,
    NotSignedIn,
    Stale,
    Unreachable,
    WrongPassword,
)
from formats.identity import IdentityChain, IdentityRecord
from formats.invite import Invite
from formats.space import Rights
from formats.whereabouts import Living, Whereabouts
from protocols import accounts as a
from protocols import directory as d
from tests.world.faults import Breaks, Call, LosesAnswer, Onward, Refuses
from tests.world.person import Person
from tests.world.world import World

NEW = "another password of hers"


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with World.open("alice", "bob", carol="bob") as made:
        await made.alice.befriend(made.bob)
        await made.alice.put("trip/a.txt", b"one")
        await made.alice.put("mine.txt", b"mine")
        yield made


@dataclass
class Answers:
    """One call is answered in another way; ``times``: so often."""

    on: str
    how: Callable[[object], object]
    times: int = 1

    async def meet(self, call: Call, onward: Onward) -> object:
        said = await onward(call.request)
        if call.fits(self.on) and self.times:
            self.times -= 1
            return self.how(said)
        return said


@dataclass
class Swallows:
    """The home says that it took the keys, and did not."""

    seen: list[a.Succeed]

    async def meet(self, call: Call, onward: Onward) -> object:
        if str(call) != "accounts.succeed":
            return await onward(call.request)
        assert isinstance(call.request, a.Succeed)
        self.seen.append(call.request)
        return a.Succeeded()


async def test_the_person_is_the_same_and_all_keys_are_others(w: World) -> None:
    before = w.alice.session
    old = before.bundle
    await w.alice.renew_keys()
    after = w.alice.session
    assert after.id == before.id
    assert after.chain.seq == 1
    assert after.chain.records[0] == before.chain.records[0]
    now = after.bundle
    assert now.daily.verify_key != old.daily.verify_key
    assert now.member.verify_key != old.member.verify_key
    assert now.sealing[0].pair.public != old.sealing[0].pair.public
    assert after.whereabouts.sealing == now.sealing[0].pair.public
    assert now.sealing[1:] == old.sealing  # what was sealed before still opens
    record = (await after.space.view.newest()).tip.record
    machine, entry = now.own_member(now.space), now.member
    members = {each.key: each.rights for each in record.members}
    assert members == {
        machine.verify_key.digest(): Rights.ALL,
        entry.verify_key.digest(): Rights.MEMBERS,
    }
    assert await w.alice.read("mine.txt") == b"mine"
    await w.alice.put("new.txt", b"new")
    assert (await account(after)).name == "alice"


async def test_signing_in_afterwards_with_the_password(w: World) -> None:
    await w.alice.renew_keys()
    other = await w.alice.another_device()
    assert other.session.chain.seq == 1
    assert await other.read("mine.txt") == b"mine"
    await other.put("from-there.txt", b"x")
    assert await w.alice.read("from-there.txt") == b"x"


async def test_with_a_new_password_the_old_one_opens_nothing(w: World) -> None:
    was = w.alice.password
    await w.alice.renew_keys(NEW)
    with pytest.raises(WrongPassword):
        await sign_in(w.alice.around, w.alice.place.home, "alice", was)
    await w.alice.another_device()


async def test_again_and_again(w: World) -> None:
    for seq in range(1, 4):
        await w.alice.renew_keys()
        assert w.alice.session.chain.seq == seq
    assert await w.alice.read("mine.txt") == b"mine"


async def test_another_machine_is_told_plainly_to_sign_in_again(w: World) -> None:
    phone = await w.alice.another_device()
    await phone.ls()
    await w.alice.renew_keys()
    for deed in (phone.ls(), phone.put("x.txt", b"x"), phone.used(), phone.collect()):
        with pytest.raises(NotSignedIn, match="renewed elsewhere"):
            await deed
    await phone.sign_in()
    await phone.put("x.txt", b"x")
    assert await w.alice.read("x.txt") == b"x"


async def test_friends_go_on_and_a_verified_contact_stays_verified(w: World) -> None:
    await w.alice.share("trip", "bob")
    assert await w.bob.read("/alice/trip/a.txt") == b"one"
    alice = await by_name(await look(w.bob.session), "alice")
    await confirm(w.bob.session, "alice")
    await w.alice.renew_keys()
    await w.alice.put("trip/b.txt", b"two")
    assert await w.bob.read("/alice/trip/b.txt") == b"two"  # before anybody told him
    await _told(w)
    known = await by_name(await look(w.bob.session), "alice")
    assert known.chain.seq == 1
    assert known.id == alice.id
    assert known.verified
    await w.bob.put("theirs/c.txt", b"three")
    await w.bob.share("theirs", "alice")
    assert await w.alice.read("/bob/theirs/c.txt") == b"three"


async def _told(w: World) -> None:
    """What a session does by itself after a while: it tells contacts of where it is."""
    assert await tell_if_moved(w.alice.session)
    await outbox.flush(w.alice.session)
    await w.bob.collect()


async def test_guests_go_on_writing(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    await w.bob.put("/alice/trip/b.txt", b"by bob")
    await w.alice.renew_keys()
    await w.bob.put("/alice/trip/c.txt", b"after")
    assert await w.alice.read("trip/c.txt") == b"after"
    await w.alice.put("trip/d.txt", b"hers")
    assert await w.bob.read("/alice/trip/d.txt") == b"hers"
    await w.alice.unshare("trip", "bob")
    with pytest.raises(HoldfastError):
        await w.bob.put("/alice/trip/e.txt", b"x")


async def test_a_guest_who_renews_keeps_what_they_may(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    await w.bob.renew_keys()
    await w.bob.put("/alice/trip/c.txt", b"after")
    assert await w.alice.read("trip/c.txt") == b"after"


async def test_more_spaces_than_one_request_holds_follow_afterwards(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.identity.rotation.MAX_MOVES", 1)
    await w.alice.share_write("trip", "bob")
    await w.alice.renew_keys()
    session = w.alice.session
    assert [await sign_again(session, space) for space in await own_spaces(session)] == [
        False, True,
    ]  # fmt: skip
    assert [await sign_again(session, space) for space in await own_spaces(session)] == [
        False, False,
    ]  # fmt: skip
    await w.bob.put("/alice/trip/c.txt", b"after")
    assert await w.alice.read("trip/c.txt") == b"after"


async def test_the_rest_is_signed_by_what_a_session_does_anyway(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.identity.rotation.MAX_MOVES", 1)
    await w.alice.share_write("trip", "bob")
    await w.alice.renew_keys()
    await finish(w.alice.session)
    await w.alice.put("trip/c.txt", b"hers")
    assert await w.bob.read("/alice/trip/c.txt") == b"hers"


async def test_a_replica_s_grant_is_signed_again(w: World) -> None:
    invite = Invite.parse(await w.places["bob"].node.admin.invite(replica=True))
    await add(w.alice.session, invite)
    await w.alice.renew_keys()
    assert await renew_if_due(w.alice.session) == 1
    assert await renew_if_due(w.alice.session) == 0
    (kept,) = await replicas_of(w.alice.session)
    assert kept.grant is not None
    assert kept.grant.identity_seq == 1


# --- cut off


@pytest.mark.parametrize(
    "fault", [Breaks("accounts.succeed"), Refuses("accounts.succeed", Denied("not here"))]
)
async def test_cut_off_before_the_home_has_it_all_is_as_it_was(
    w: World, fault: Breaks | Refuses
) -> None:
    with w.alice.meeting(fault), pytest.raises(HoldfastError):
        await w.alice.renew_keys()
    await w.alice.put("x.txt", b"still")
    assert w.alice.session.chain.seq == 0
    phone = await w.alice.another_device()
    assert phone.session.chain.seq == 0
    await w.alice.renew_keys()
    assert w.alice.session.chain.seq == 1
    assert await w.alice.read("x.txt") == b"still"


async def test_a_lost_answer_is_found_out(w: World) -> None:
    with w.alice.meeting(LosesAnswer("accounts.succeed")):
        await w.alice.renew_keys()
    assert w.alice.session.chain.seq == 1
    assert await w.alice.read("mine.txt") == b"mine"


async def test_cut_off_at_any_call_it_is_the_old_keys_or_the_new(w: World) -> None:
    await w.alice.share_write("trip", "bob")
    with w.alice.counting() as calls:
        await w.alice.renew_keys()
    for at in range(1, len(calls) + 1):
        for fault in (Breaks(at=at), LosesAnswer(at=at)):
            await _cut_off(w, fault)


async def _cut_off(w: World, fault: Breaks | LosesAnswer) -> None:
    """The machine dies there; with the one password or the other everything is there."""
    was, then = w.alice.password, NEW if w.alice.password != NEW else "her third password"
    seq = w.alice.session.chain.seq
    with w.alice.meeting(fault):
        try:
            await w.alice.renew_keys(then)
        except (Unreachable, Stale):
            await w.alice.crash()
    opened = []
    for password in (was, then):
        try:
            session = await sign_in(w.alice.around, w.alice.place.home, "alice", password)
        except WrongPassword:
            continue
        opened.append((password, session.chain.seq))
        await session.aclose()
    assert opened in ([(was, seq)], [(then, seq + 1)])
    w.alice.password = opened[0][0]
    await w.alice.sign_in()
    assert await w.alice.read("mine.txt") == b"mine"
    await w.bob.put("/alice/trip/again.txt", str(seq).encode())
    assert await w.alice.read("trip/again.txt") == str(seq).encode()


async def test_done_again_it_is_the_very_record(w: World) -> None:
    swallows = Swallows([])
    with w.alice.meeting(swallows):
        for _ in range(2):
            with pytest.raises(Stale, match="does not go by your new keys"):
                await w.alice.renew_keys()
    first, second = (IdentityChain.decode(_chain(w, each)) for each in swallows.seen)
    assert first.head_hash == second.head_hash
    await w.alice.renew_keys()
    assert w.alice.session.chain.head_hash == first.head_hash


def _chain(w: World, request: a.Succeed) -> tuple[bytes, ...]:
    return (*w.alice.session.chain.encoded[:1], request.record)


# --- others at the same time


async def test_of_two_machines_that_renew_one_is_told(w: World) -> None:
    phone = await w.alice.another_device()
    outcomes: list[str] = []

    async def one(person: Person) -> None:
        try:
            await person.renew_keys()
            outcomes.append("renewed")
        except (Conflict, NotSignedIn, Denied, Forged, WrongPassword) as error:
            outcomes.append(type(error).__name__)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(one, w.alice)
        nursery.start_soon(one, phone)
    assert outcomes.count("renewed") == 1
    again = await w.alice.another_device()
    assert again.session.chain.seq == 1
    assert await again.read("mine.txt") == b"mine"


async def test_who_commits_meanwhile_is_not_lost(w: World) -> None:
    await w.alice.share_write("trip", "bob")

    @dataclass
    class Meanwhile:
        done: bool = False

        async def meet(self, call: Call, onward: Onward) -> object:
            if str(call) == "accounts.succeed" and not self.done:
                self.done = True
                await w.bob.put("/alice/trip/meanwhile.txt", b"bob's")
            return await onward(call.request)

    meanwhile = Meanwhile()
    with w.alice.meeting(meanwhile):
        await w.alice.renew_keys()
    assert meanwhile.done
    assert await w.alice.read("trip/meanwhile.txt") == b"bob's"


# --- homes that lie


async def test_a_home_that_brings_back_what_was_is_not_believed(w: World) -> None:
    """A whole home of before: every record of it was valid once."""
    rows = await w.alice.place.node.core.store.read(
        lambda view: (view.account("alice"), view.identity(w.alice.session.id))
    )
    await w.alice.renew_keys()

    def put_back(tx: object) -> None:
        tx.put_account(rows[0])  # type: ignore[attr-defined]
        tx.put_identity(rows[1])  # type: ignore[attr-defined]

    await w.alice.place.node.core.store.write(put_back)
    with pytest.raises(Stale, match="was seen"):
        await w.alice.sign_in()
    with pytest.raises(HoldfastError):
        await w.alice.ls()


async def test_an_older_chain_is_refused_by_who_knows_the_newer(w: World) -> None:
    await w.alice.share("trip", "bob")
    old = w.alice.session.chain.encoded, w.alice.session.whereabouts.encoded
    await w.alice.renew_keys()
    await w.bob.read("/alice/trip/a.txt")
    await _told(w)

    def older(said: object) -> object:
        assert isinstance(said, d.Person)
        return replace(said, chain=old[0], whereabouts=old[1])

    with w.bob.meeting(Answers("directory.look", older)), pytest.raises(Stale):
        await refresh(w.bob.session, w.alice.session.id)


async def test_another_record_of_that_number_is_an_alarm(w: World) -> None:
    """Who had the key of succession too: friends who saw one history never take the other."""
    her = w.alice.session
    assert her.record is not None
    keys = await password_keys(
        w.alice.password, her.record.parameters, w.alice.around.hardness.floor
    )
    next_key = SigningKey.from_seed(open_next(her.bundle.inner, "alice", her.id, keys))
    thief = SigningKey.generate()
    forged = her.chain.followed_by(
        IdentityRecord.following(
            her.chain.head, next_key, thief.verify_key, bytes(32), w.clock.now_ms()
        )
    )
    where = her.whereabouts
    theirs = Whereabouts.make(
        forged, where.seq + 1, Living(where.homes, "alice"), where.sealing, where.expires, thief
    )
    await w.alice.renew_keys()
    await _told(w)

    def other(said: object) -> object:
        assert isinstance(said, d.Person)
        return replace(said, chain=forged.encoded, whereabouts=theirs.encoded)

    with w.bob.meeting(Answers("directory.look", other)), pytest.raises(Forked):
        await refresh(w.bob.session, her.id)


async def test_members_of_the_older_keys_are_gone_at_once(w: World) -> None:
    """What a thief of the old bundle has, opens nothing at an honest home."""
    phone = await w.alice.another_device()
    await w.alice.renew_keys(NEW)
    home = w.alice.session.space.view
    record = (await home.newest()).tip.record
    mine = [each for each in record.members if each.rights & Rights.MEMBERS]
    bundle = w.alice.session.bundle
    keys = (bundle.own_member(bundle.space), bundle.member)
    assert {each.key for each in mine} == {key.verify_key.digest() for key in keys}
    with pytest.raises(NotSignedIn):
        await phone.session.space.view.newest()
