"""Who is this really: numbers that match, marks that last, two histories that stop everything."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from client.session import Session
from client.sharing.share import share
from client.sharing.theirs import TheirShares
from client.social import contacts, outbox
from client.social.contacts import contact
from client.social.follow import _Asked, _follow, new_contact
from client.social.pinning import check_extends, refreshed
from client.social.store import System, change, look
from client.social.verifying import confirm, safety
from client.space.reading import Changing
from crypto.signing import SigningKey
from formats.errors import Forged, Forked, NotFound, Stale
from formats.identity import IdentityChain, IdentityRecord
from protocols.directory import Person
from protocols.services import Doors
from tests.client.people import Town
from tests.client.sharing.trees import put

SIGNER, DAILY, NEXT, LATER = (SigningKey.generate() for _ in range(4))
FIRST = IdentityRecord.first(SIGNER, DAILY.verify_key, NEXT.verify_key.digest(), 1)


def rotated(daily: SigningKey) -> IdentityChain:
    """One of the histories that may follow the first record."""
    record = IdentityRecord.following(FIRST, NEXT, daily.verify_key, LATER.verify_key.digest(), 2)
    return IdentityChain((FIRST, record))


async def pin(session: Session, chain: IdentityChain) -> None:
    """Zoe is known by this chain, as it is now."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        known = await contacts.get(system, chain.id)
        bob = await contacts.by_name(system, "bob")
        if known is None:
            known = await new_contact(system, "zoe", chain.encoded, bob.reach)
        known = replace(known.known_as(chain, bob.reach), following=True, theirs=bob.theirs)
        await contacts.put(system, known)
        await system.flush()

    await change(session, operation)


def saying(chain: IdentityChain) -> Callable[[Doors], Doors]:
    """A home that answers with this chain, whoever is asked for."""

    def wrap(doors: Doors) -> Doors:
        class Directory:
            async def look(self, request: object) -> Person:
                return Person(chain.encoded, b"")

            def __getattr__(self, name: str) -> object:
                return getattr(doors.directory, name)

        class Wrapped:
            directory = Directory()

            def __getattr__(self, name: str) -> object:
                return getattr(doors, name)

        return Wrapped()  # type: ignore[return-value]

    return wrap


async def test_both_see_one_number_and_each_marks_it(
    alice: Session, bob: Session, carol: Session
) -> None:
    mine, his = await safety(alice, "bob"), await safety(bob, "alice")
    assert mine.number == his.number != (await safety(alice, "carol")).number
    assert not mine.contact.verified
    await confirm(alice, "bob")
    assert (await contact(alice, "bob")).verified == alice.around.now()
    assert not (await contact(bob, "alice")).verified
    await confirm(alice, "bob", is_same=False)
    assert not (await contact(alice, "bob")).verified
    with pytest.raises(NotFound):
        await safety(alice, "nobody")


async def test_verified_stays_verified_across_rotations(alice: Session, bob: Session) -> None:
    await pin(alice, IdentityChain((FIRST,)))
    before = await confirm(alice, "zoe")
    await pin(alice, rotated(DAILY))
    after = await safety(alice, "zoe")
    assert after.number == before.number
    assert after.contact.verified == before.contact.verified > 0
    assert after.contact.chain.seq == 1


async def test_two_histories_stop_everything_until_somebody_looked_into_it(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, {"docs/a": b"a"})
    pinned = rotated(DAILY)
    await pin(alice, pinned)
    world.wrap = saying(rotated(SigningKey.generate()))
    with pytest.raises(Forked):
        await refreshed(alice, await contact(alice, "zoe"))
    world.wrap = lambda doors: doors
    assert (await contact(alice, "zoe")).alarm
    with pytest.raises(Forked, match="two histories"):
        await share(alice, "docs", "zoe")
    with pytest.raises(Forked):
        await TheirShares(alice).open("zoe")
    await share(alice, "docs", "bob")  # nobody else is concerned
    assert (await contact(alice, "zoe")).records == pinned.encoded
    await confirm(alice, "zoe")
    assert not (await contact(alice, "zoe")).alarm
    await share(alice, "docs", "zoe")


async def test_another_history_in_a_card_or_a_handle_stops_them_too(
    alice: Session, bob: Session
) -> None:
    pinned = rotated(DAILY)
    await pin(alice, pinned)
    await check_extends(alice, pinned)
    with pytest.raises(Stale):
        await check_extends(alice, IdentityChain((FIRST,)))  # an old card is no alarm
    assert not (await contact(alice, "zoe")).alarm
    with pytest.raises(Forked):
        await check_extends(alice, rotated(SigningKey.generate()))
    assert (await contact(alice, "zoe")).alarm
    await check_extends(alice, bob.chain)  # and what goes on as it should is none


async def test_another_history_than_another_device_pinned_stops_them_too(
    world: Town, alice: Session, bob: Session
) -> None:
    """A card is held against what is known here, and what is committed against the newest."""
    laptop = await world.sign_in("alice", "one")
    await laptop.space.reading()
    await pin(alice, rotated(DAILY))
    forged = rotated(SigningKey.generate())
    reach = bob.whereabouts
    with pytest.raises(Forked):
        await _follow(laptop, _Asked(forged.id, "zoe", None), (forged, reach), None)
    assert (await contact(alice, "zoe")).alarm
    assert await outbox.waiting(await look(alice)) == []
    await laptop.aclose()


async def test_a_home_that_says_somebody_elses_identity_is_not_believed_and_stops_nobody(
    world: Town, alice: Session, bob: Session
) -> None:
    known = await contact(alice, "bob")
    world.wrap = saying(rotated(DAILY))
    with pytest.raises(Forged):
        await refreshed(alice, known)
    world.wrap = lambda doors: doors
    assert await contact(alice, "bob") == known
