"""Contacts whose identity goes on, and those whose home shows another one."""

from dataclasses import replace

import pytest

from client.capability import Capability
from client.home import Connected, HomeLine
from client.identity.bundle import open_next
from client.identity.password import password_keys
from client.identity.whereabouts import sign_whereabouts
from client.session import Session, own_line
from client.social.card import contact_card
from client.social.contacts import contact
from client.social.delivering import Parcel, leave
from client.social.events import SetAside, SharesChanged
from client.social.follow import accept, follow, tell_everybody
from client.social.inbox import collect
from client.social.messages import Introduction, Message, Type
from client.social.outbox import flush
from client.social.owners import ContactOwners, refresh
from crypto.signing import SigningKey
from formats.errors import Denied, Forked, Stale
from formats.identity import IdentityChain, IdentityRecord
from formats.sign_in import SignInRecord
from protocols.directory import Person, Publish
from protocols.services import Directory, Doors
from storage.contracts import View
from tests.client.people import CHEAP, PASSWORD, Town


async def befriended(one: Session, other: Session) -> None:
    await follow(one, await contact_card(other))
    await collect(other)
    await accept(other, one.name, back=True)
    await collect(one)


async def succession(world: Town, session: Session) -> tuple[IdentityChain, SigningKey]:
    """One's identity with one more record, by the key of succession; and the new daily key."""

    def find(view: View) -> bytes:
        row = view.account(session.name)
        assert row is not None
        return row.sign_in

    record = SignInRecord.decode(await world.nodes["one"].store.read(find))
    keys = await password_keys(PASSWORD, record.parameters, CHEAP.floor)
    signer = SigningKey.from_seed(open_next(session.bundle.inner, session.name, session.id, keys))
    daily = SigningKey.generate()
    following = IdentityRecord.following(
        session.chain.head, signer, daily.verify_key, bytes(32), session.around.now()
    )
    return session.chain.followed_by(following), daily


async def renew(world: Town, session: Session) -> None:
    """Replace the daily key, and publish that (the whole flow is another issue's)."""
    chain, daily = await succession(world, session)
    where = session.whereabouts
    pair, now = session.bundle.sealing[0].pair, session.around.now()
    fresh = sign_whereabouts(chain, 1, where.living, pair, now, daily)

    async def ask(connected: Connected) -> None:
        records = (chain.head.encoded,)
        await connected.doors.directory.publish(Publish(session.id, records, fresh.encoded))

    await session.line.call(ask)
    session.chain, session.whereabouts = chain, fresh
    session.bundle = replace(session.bundle, daily=daily)
    await session.line.aclose()
    session.line = own_line(session.around, where.home, session.bundle)


def showing(world: Town, person: Person) -> None:
    """Every directory answers with this."""

    class Lying:
        async def look(self, request: object) -> Person:
            return person

    class Wrapped:
        directory: Directory = Lying()  # type: ignore[assignment]

        def __init__(self, doors: Doors) -> None:
            self._doors = doors

        def __getattr__(self, name: str) -> object:
            return getattr(self._doors, name)

    world.wrap = Wrapped  # type: ignore[assignment]


async def test_a_contact_with_a_new_daily_key_is_followed(
    world: Town, alice: Session, bob: Session
) -> None:
    await befriended(bob, alice)
    log = Capability(alice.id, alice.bundle.space, (await contact(alice, "bob")).log)
    await renew(world, alice)
    number = (bytes(16), 7, alice.around.now())
    content = Introduction.of(alice.whereabouts, log)
    made = Message.make(Type.CHANGED, alice.chain, bob.id, number, content, alice.bundle.daily)
    line = HomeLine(world, bob.whereabouts.homes)
    await leave(line, Parcel(bob.id, made.seal(bob.whereabouts.sealing), 0))
    assert await collect(bob) == [SharesChanged("alice")]
    known = await contact(bob, "alice")
    assert known.chain.seq == 1
    assert (await ContactOwners(bob).chain(alice.id)).head_hash == alice.chain.head_hash
    assert (await ContactOwners(bob).chain(bob.id)).id == bob.id
    with pytest.raises(Denied):
        await ContactOwners(bob).chain(bytes(32))


async def test_an_older_or_another_identity_is_an_alarm(
    world: Town, alice: Session, bob: Session
) -> None:
    await befriended(bob, alice)
    old = Person(alice.chain.encoded, alice.whereabouts.encoded)
    other, daily = await succession(world, alice)
    fake = sign_whereabouts(
        other,
        1,
        alice.whereabouts.living,
        alice.bundle.sealing[0].pair,
        alice.around.now(),
        daily,
    )
    await renew(world, alice)
    await refresh(bob, alice.id)
    known = await contact(bob, "alice")
    pinned = known.chain
    with pytest.raises(Forked):
        known.known_as(other, known.reach)
    with pytest.raises(Stale):
        known.known_as(IdentityChain.decode(old.chain), known.reach)
    showing(world, old)
    with pytest.raises(Stale):  # a home that is behind is no alarm
        await refresh(bob, alice.id)
    assert not (await contact(bob, "alice")).alarm
    showing(world, Person(other.encoded, fake.encoded))
    with pytest.raises(Forked):  # it does not contain the record that is pinned
        await refresh(bob, alice.id)
    assert (await contact(bob, "alice")).alarm
    world.wrap = lambda doors: doors
    assert (await contact(bob, "alice")).chain.head_hash == pinned.head_hash


async def test_a_message_under_a_key_nobody_published_is_set_aside(
    world: Town, alice: Session, bob: Session
) -> None:
    await befriended(bob, alice)
    await tell_everybody(alice)
    chain, daily = await succession(world, alice)
    honest, alice.chain = alice.chain, chain
    bundle, alice.bundle = alice.bundle, replace(alice.bundle, daily=daily)
    assert await flush(alice) == []
    alice.chain, alice.bundle = honest, bundle
    (event,) = await collect(bob)
    assert isinstance(event, SetAside)
    assert (await contact(bob, "alice")).chain.seq == 0
