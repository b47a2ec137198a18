"""A home that shows two people different histories: proven by the next message between them.

The home here is two nodes of one key, on stores that were one until the fork: each goes on with
what its people sign, and shows each of them only one line.
"""

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, replace

import trio

from client.capability import Capability
from client.social import forks
from client.social.contacts import by_name
from client.social.messages import Introduction, Message, Type
from client.social.store import look
from client.space.state import Tip
from crypto.purposes import SignPurpose
from crypto.secret import random_bytes
from crypto.signing import SigningKey
from formats.dag_cbor import Value
from formats.envelope import Envelope
from formats.fork import ForkProof
from formats.pointer import Pointer
from formats.sighting import Sighting
from frontends.api import health
from frontends.api.health import check_histories
from frontends.checks import BAD, GOOD
from protocols.pointers import Resolved
from tests.client.social.test_inbox import leave
from tests.world.faults import Call, Onward
from tests.world.person import Person
from tests.world.place import Place
from tests.world.world import World

TWICE = "showed two histories"


@asynccontextmanager
async def friends(back: bool = True) -> AsyncIterator[World]:
    """Bob follows alice (``back``: and she him); what each shares the other has seen."""
    async with World.open("alice", "bob") as w:
        await w.alice.put("a", b"1")
        await w.bob.put("b", b"1")
        await w.bob.follow(await w.alice.card())
        await w.alice.collect()
        await w.alice.accept("bob", back=back)
        await w.bob.collect()
        await w.alice.share("a", "bob")
        if back:
            await w.alice.collect()
            await w.bob.share("b", "alice")
        await w.bob.collect()
        await w.alice.collect()
        yield w


@asynccontextmanager
async def other_line(w: World) -> AsyncIterator[Place]:
    """Alice's home once more, at what it has now: from here on it tells two stories."""
    place = Place("alice", w.clock)
    place.store.__dict__.update(deepcopy(w.places["alice"].store.__dict__))
    async with trio.open_nursery() as nursery:
        await place.start(nursery)
        yield place
        await place.stop()


async def lead(person: Person, away_from: Place, to: Place) -> None:
    """From now on somebody who asks for alice's home gets that node."""
    await person.road.leave(away_from)
    person.road.arrive(to)


async def proofs(person: Person) -> list[forks.Kept]:
    return await forks.kept(await look(person.session))


async def proofs_told(person: Person) -> list[dict[str, str]]:
    """As ``holdfast doctor --json`` tells of them."""
    told: list[dict[str, str]] = json.loads(json.dumps(await health.proofs(person.session)))
    return told


async def phone_of_alice(w: World, at: Place) -> Person:
    phone = Person(w, "alice", at, w.next_device("alice"))
    await phone.sign_in()
    return phone


async def test_honest_homes_are_not_accused() -> None:
    async with friends() as w:
        for n in range(3):
            assert await w.bob.read("/alice/a") == b"1"
            await w.alice.put(f"a{n}", b"2")
            await w.alice.share(f"a{n}", "bob")
            await w.bob.put(f"b{n}", b"2")
            await w.bob.share(f"b{n}", "alice")
            said = [*await w.bob.collect(), *await w.alice.collect()]
            assert len(said) == 2, said
            assert all("changed what they share" in each for each in said)
        assert await proofs(w.alice) == await proofs(w.bob) == []


async def test_two_lines_shown_to_two_people_are_proven_by_one_message() -> None:
    async with friends() as w, other_line(w) as other:
        phone = await phone_of_alice(w, other)
        await phone.put("c", b"on the phone")
        await w.alice.put("c", b"on the laptop")
        await w.alice.put("d", b"and more")
        await lead(w.bob, w.places["alice"], other)
        assert await w.bob.ls("/alice") == {"a"}
        await lead(w.bob, other, w.places["alice"])
        await w.bob.put("e", b"5")
        await w.bob.share("e", "alice")
        said = await w.alice.collect()
        assert [each for each in said if f"your home {TWICE}" in each], said
        (kept,) = await proofs(w.alice)
        assert (kept.whose, kept.by) == ("", "bob")
        proof = ForkProof.decode(kept.proof)
        proof.verify()
        assert proof.older.pointer.owner == w.alice.session.id
        check = await check_histories(w.alice.session, [])
        assert (check.state, "another one to bob" in check.said) == (BAD, True)
        assert [b64decode(each["proof"]) for each in await proofs_told(w.alice)] == [kept.proof]


async def test_two_devices_of_one_person_learn_of_it_from_a_friend() -> None:
    async with friends() as w, other_line(w) as other:
        phone = await phone_of_alice(w, other)
        await phone.put("c", b"on the phone")
        await w.alice.put("c", b"on the laptop")
        assert await w.bob.ls("/alice") == {"a"}  # the line of the laptop
        await lead(w.bob, w.places["alice"], other)
        await w.bob.put("e", b"5")
        await w.bob.share("e", "alice")
        assert [each for each in await phone.collect() if f"your home {TWICE}" in each]
        (kept,) = await proofs(phone)
        ForkProof.decode(kept.proof).verify()


async def test_who_only_follows_proves_it_from_one_message_of_the_owner() -> None:
    async with friends(back=False) as w, other_line(w) as other:
        phone = await phone_of_alice(w, other)
        for n in range(9):
            await phone.put(f"c{n}", b"on the phone")
        await lead(w.bob, w.places["alice"], other)
        assert await w.bob.ls("/alice") == {"a"}
        await w.alice.share("a", "bob", "again")
        said = await w.bob.collect()
        assert [each for each in said if f"alice's home {TWICE}" in each], said
        (kept,) = await proofs(w.bob)
        assert (kept.whose, kept.by) == ("alice", "alice")
        ForkProof.decode(kept.proof).verify()


async def test_a_home_that_shows_less_than_a_friend_saw_is_told_of_and_nothing_is_proven() -> None:
    async with friends(back=False) as w, other_line(w) as other:
        await lead(w.bob, w.places["alice"], other)
        assert await w.bob.ls("/alice") == {"a"}
        for n in range(4):
            await w.alice.put(f"c{n}", b"kept from bob")
        await w.alice.share("a", "bob", "again")
        said = await w.bob.collect()
        assert [each for each in said if "alice's home does not show" in each], said
        assert await proofs(w.bob) == []


async def test_it_is_told_once_and_kept_for_all_devices() -> None:
    async with friends() as w, other_line(w) as other:
        await (await phone_of_alice(w, other)).put("c", b"on the phone")
        await w.alice.put("c", b"on the laptop")
        await lead(w.bob, w.places["alice"], other)
        assert await w.bob.ls("/alice") == {"a"}
        await lead(w.bob, other, w.places["alice"])
        times = 0
        for n in range(3):
            await w.bob.share("b", "alice", f"b{n}")
            times += sum(TWICE in each for each in await w.alice.collect())
        assert times == 1
        await w.alice.crash()
        await w.alice.sign_in()
        assert len(await proofs(w.alice)) == 1
        assert len(await proofs(await w.alice.another_device())) == 1


async def test_a_proof_that_was_seen_is_kept_and_bad_no_more() -> None:
    async with friends() as w, other_line(w) as other:
        phone = await phone_of_alice(w, other)
        await phone.put("c", b"on the phone")
        await w.alice.put("c", b"on the laptop")
        await lead(w.bob, w.places["alice"], other)
        assert await w.bob.ls("/alice") == {"a"}
        await lead(w.bob, other, w.places["alice"])
        await w.bob.share("b", "alice", "b0")
        assert [each for each in await w.alice.collect() if TWICE in each]
        assert await forks.acknowledge(w.alice.session) == 1
        assert await forks.acknowledge(w.alice.session) == 0
        check = await check_histories(w.alice.session, [])
        assert (check.state, "seen: 1" in check.said) == (GOOD, True)
        (told,) = await proofs_told(w.alice)
        assert told["seen"] is not None
        await w.bob.share("b", "alice", "b1")  # what he saw is the same
        assert not [each for each in await w.alice.collect() if TWICE in each]
        await check_it_goes_on(w, phone, other)


async def check_it_goes_on(w: World, phone: Person, other: Place) -> None:
    """Both lines go on, and a friend sees the other one: that is news."""
    for n in range(6):
        await phone.put(f"p{n}", b"on the phone")
        await w.alice.put(f"l{n}", b"on the laptop")
    await lead(w.bob, w.places["alice"], other)
    assert await w.bob.ls("/alice") == {"a"}
    await lead(w.bob, other, w.places["alice"])
    await w.bob.share("b", "alice", "b2")
    assert [each for each in await w.alice.collect() if TWICE in each]
    first, second = await proofs(w.alice)
    assert (first.seen is None, second.seen is None) == (False, True)
    assert second.space == first.space
    ForkProof.decode(second.proof).verify()
    assert (await check_histories(w.alice.session, [])).state == BAD


# --- friends who lie


async def tell(liar: Person, to: Person, seen: Sighting) -> list[str]:
    """Say in a message, rightly signed, that this was seen; what the other is told."""
    known = await by_name(await look(liar.session), to.name)
    number = (random_bytes(16), known.sent + 20, liar.session.around.now())
    log = Capability(liar.session.id, liar.session.bundle.space, known.log)
    content = Introduction.of(liar.session.whereabouts, log, True)
    session = liar.session
    made = Message.make(
        Type.CHANGED, session.chain, to.session.id, number, content, session.bundle.daily, seen
    )
    await leave(session, to.session, made.seal(to.session.whereabouts.sealing))
    return await to.collect()


def tip(person: Person) -> Tip:
    found = person.session.space.view.tip
    assert found is not None
    return found


def signed_by(key: SigningKey, like: Tip, **changed: Value) -> Pointer:
    """A pointer that says what another says, or nearly, by this key."""
    body = like.pointer.envelope.fields("pointer").rest()
    said = body | {"v": 1, "time": 1, "member": key.verify_key.digest()} | changed
    return Pointer.decode(Envelope.sign(SignPurpose.POINTER, said, key, keyed=True).encoded)


async def test_a_state_of_long_ago_is_no_alarm() -> None:
    async with friends() as w:
        old = tip(w.alice)
        for n in range(5):
            await w.alice.put(f"c{n}", b"later")
        for seen in (Sighting(old.pointer), Sighting(old.pointer, old.record)):
            assert not [each for each in await tell(w.bob, w.alice, seen) if "show" in each]
        assert await proofs(w.alice) == []


async def test_what_is_not_signed_by_a_member_is_no_alarm() -> None:
    async with friends() as w:
        now = tip(w.alice)
        bobs = signed_by(w.bob.session.bundle.member, now)
        ahead = signed_by(w.bob.session.bundle.member, now, seq=now.pointer.seq + 8)
        for seen in (Sighting(bobs), Sighting(bobs, now.record), Sighting(ahead)):
            said = await tell(w.bob, w.alice, seen)
            assert not [each for each in said if "histories" in each or "show" in each], said
        assert await proofs(w.alice) == []


async def test_what_does_not_hold_is_set_aside() -> None:
    async with friends() as w:
        now, bobs = tip(w.alice), tip(w.bob)
        other = signed_by(w.alice.session.bundle.member, now).envelope
        unsound = Pointer.decode(replace(other, body=now.pointer.body).encoded)
        strange = signed_by(SigningKey.generate(), now, owner=bytes(32))
        for seen in (Sighting(unsound), Sighting(strange), Sighting(now.pointer, bobs.record)):
            said = await tell(w.bob, w.alice, seen)
            assert ["set aside" in each for each in said] == [True], said
        assert await proofs(w.alice) == []


async def test_another_space_than_both_see_is_passed_over() -> None:
    async with friends() as w:
        now = tip(w.alice)
        seen = Sighting(signed_by(w.alice.session.bundle.member, now, space=bytes(32)))
        assert not [each for each in await tell(w.bob, w.alice, seen) if "show" in each]
        assert await proofs(w.alice) == []


@dataclass
class Shuffles:
    """A home that shows a way back, of which nothing links up."""

    async def meet(self, call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        if isinstance(answer, Resolved) and answer.between:
            return replace(answer, between=answer.between[::-1][1:])
        return answer


async def test_a_home_that_does_not_show_the_way_back_is_told_of() -> None:
    async with friends() as w:
        old = tip(w.alice)
        for n in range(9):
            await w.alice.put(f"c{n}", b"later")
        with w.alice.meeting(Shuffles()):
            said = await tell(w.bob, w.alice, Sighting(old.pointer))
        assert [each for each in said if "bob saw a state that your home does not show" in each]
        assert await proofs(w.alice) == []


async def test_a_friend_whose_home_is_away_holds_up_nothing() -> None:
    async with friends(back=False) as w:
        await w.alice.put("c", b"3")
        await w.alice.share("c", "bob")
        await w.stop("alice")
        assert await w.bob.collect() == [
            "alice changed what they share with you: 'holdfast ls /alice'"
        ]
