"""Public fields: what anybody may read of a profile, and what a home or a liar can make of it."""

import pytest

from client.marks import MemoryMarks
from client.session import Session
from client.sharing import profile as p
from client.sharing import public
from client.sharing.drive import own_drive
from formats.errors import Forged, NotFound, Stale, TooLarge, Usage
from formats.profile import MAX_PICTURE, PublicFields, PublicProfile
from protocols.directory import AskProfile, ShowProfile
from storage.contracts import Transaction
from tests.client.people import Town
from tests.client.sharing.trees import put
from tests.records.people import key

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def said(by: Session, to: Session, marks: MemoryMarks | None = None) -> PublicFields:
    """What somebody says to everybody, as another person's machine makes of it."""
    return await public.said_by(to.around, by.chain, by.whereabouts.homes, marks)


async def record(of: Session) -> PublicProfile:
    """What their home shows."""
    connected = await of.line.connected()
    found = await connected.doors.directory.profile(AskProfile(of.id))
    return PublicProfile.decode(found.profile)


async def keep_saying(of: Session, profile: PublicProfile) -> None:
    """Have their home show something."""
    connected = await of.line.connected()
    await connected.doors.directory.show(ShowProfile(of.id, profile.encoded))


async def test_what_is_public_is_read_by_a_stranger_and_nothing_else(
    world: Town, alice: Session
) -> None:
    zoe, drive = await world.sign_up("zoe", "two"), own_drive(alice)
    assert await said(alice, zoe) == PublicFields()
    for field, value in (("name", "Alice"), ("text", "for few"), ("links", "https://a.example")):
        await p.set_text(alice, drive, field, value)
    await p.set_picture(alice, drive, PNG)
    for field in ("name", "links", "picture"):
        shown = await p.share_field(alice, drive, field, ["public"])
        assert shown.seen_by == ("public",)
    assert await said(alice, zoe) == PublicFields("Alice", None, "https://a.example", PNG)
    await p.set_text(alice, drive, "name", "Alice of the hill")  # stays public
    assert (await said(alice, zoe)).name == "Alice of the hill"
    await p.share_field(alice, drive, "name", ["nobody"])
    await p.share_field(alice, drive, "picture", ["nobody"])
    assert await said(alice, zoe) == PublicFields(links="https://a.example")
    await p.share_field(alice, drive, "links", ["nobody"])
    assert await said(alice, zoe) == PublicFields()


async def test_public_and_some_people_go_together(alice: Session, bob: Session) -> None:
    drive = own_drive(alice)
    await p.set_text(alice, drive, "name", "Alice")
    shown = await p.share_field(alice, drive, "name", ["bob", "public"])
    assert shown.seen_by == ("public", "bob")
    assert [each.seen_by for each in await p.profile(alice, drive)] == [("public", "bob")]
    assert await public.since(alice, ".profile/name") is not None
    shown = await p.share_field(alice, drive, "name", ["bob"])
    assert shown.seen_by == ("bob",)
    assert await public.since(alice, ".profile/name") is None
    assert await public.since(alice, ".profile") is None
    with pytest.raises(Usage):
        await p.share_field(alice, drive, "name", ["nobody", "public"])


async def test_what_was_never_set_or_is_too_large_is_not_public(alice: Session) -> None:
    drive = own_drive(alice)
    with pytest.raises(NotFound):
        await p.share_field(alice, drive, "name", ["public"])
    large = PNG + bytes(MAX_PICTURE)
    await p.set_picture(alice, drive, large)
    with pytest.raises(TooLarge):
        await p.share_field(alice, drive, "picture", ["public"])
    await p.set_picture(alice, drive, PNG)
    await p.share_field(alice, drive, "picture", ["public"])
    with pytest.raises(TooLarge):
        await p.set_picture(alice, drive, large)
    assert (await record(alice)).fields == PublicFields(picture=PNG)


async def test_what_was_cut_off_is_settled_the_way_it_was_noted(alice: Session) -> None:
    drive = own_drive(alice)
    await p.set_text(alice, drive, "name", "Alice")
    await p.share_field(alice, drive, "name", ["public"])
    before = await record(alice)
    assert not await public.settle(alice, drive)  # nothing to do
    # The home was told something else after the note: as if it had been cut off in between.
    nothing = PublicProfile.make(
        alice.chain, before.seq + 1, PublicFields(), before.expires, alice.bundle.daily
    )
    await keep_saying(alice, nothing)
    assert await public.settle(alice, drive)
    after = await record(alice)
    assert (after.fields, after.seq > nothing.seq) == (before.fields, True)
    # A file that went bad behind the profile's back is not said, and keeps nothing back.
    await put(alice, {".profile/name": b"\x1b[2Jgone"})
    assert await public.settle(alice, drive)
    assert (await record(alice)).fields == PublicFields()


async def test_a_home_shows_an_older_word(world: Town, alice: Session, bob: Session) -> None:
    drive, marks = own_drive(alice), MemoryMarks()
    await p.set_text(alice, drive, "name", "first")
    await p.share_field(alice, drive, "name", ["public"])
    old = await record(alice)
    await p.set_text(alice, drive, "name", "second")
    assert (await said(alice, bob, marks)).name == "second"
    await lie(world, alice, old)
    with pytest.raises(Stale):
        await said(alice, bob, marks)
    assert await said(alice, bob) == old.fields  # who never saw a newer one cannot know


async def test_a_home_makes_something_up(world: Town, alice: Session, bob: Session) -> None:
    now = alice.around.now()
    lies = (
        PublicProfile.make(alice.chain, 9, PublicFields(name="Eve"), now + 1000, key("eve")),
        PublicProfile.make(bob.chain, 9, PublicFields(name="Bob"), now + 1000, bob.bundle.daily),
    )
    for made in lies:
        await lie(world, alice, made)
        with pytest.raises(Forged):
            await said(alice, bob)


@pytest.mark.parametrize("name", ["\x1b]0;owned\x07", "two\nlines", "\x00", "\x9b31m"], ids=ascii)
async def test_what_no_profile_may_hold_is_not_shown(
    world: Town, alice: Session, bob: Session, name: str
) -> None:
    links, now = "javascript:alert(1)", alice.around.now()
    hostile = PublicFields(name, "fine", links, b"<svg onload=alert(1)>")
    await lie(
        world, alice, PublicProfile.make(alice.chain, 9, hostile, now + 1000, alice.bundle.daily)
    )
    assert await said(alice, bob) == PublicFields(text="fine")


async def lie(world: Town, about: Session, shown: PublicProfile) -> None:
    """Their home shows something, whatever it is."""

    def work(tx: Transaction) -> None:
        tx.put_setting(f"profile {about.id.hex()}", shown.encoded)

    await world.nodes["one"].store.write(work)
