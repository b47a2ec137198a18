"""Circles: what everybody in one sees, what who leaves loses, what nobody learns."""

import pytest

from client.drive.change import mv, rm
from client.drive.folder import FolderView
from client.drive.node import open_folder
from client.keys import NodeKeys
from client.session import Session
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle, unshare_with_circle
from client.sharing.drive import own_drive
from client.sharing.seen import who_sees
from client.sharing.share import share, shared_by_me, unshare
from client.sharing.theirs import TheirShares, shared_with_me
from client.social import contacts
from client.social.card import contact_card
from client.social.events import SharesChanged
from client.social.follow import accept, follow
from client.social.inbox import collect
from formats.errors import BadName, Exists, NotFound, Unfit
from tests.client.people import Town
from tests.client.sharing.hostile import Hostile
from tests.client.sharing.trees import mine, put, theirs, walk

FILES = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two", "photos/c.jpg": b"three"}
DOCS = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two"}
PHOTOS = {"photos/c.jpg": b"three"}


async def in_circle(alice: Session, name: str, *people: str) -> None:
    await verbs.new(alice, name)
    await verbs.add(alice, name, people)


async def test_everybody_in_a_circle_sees_what_is_shared_before_and_after(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob")
    assert await collect(bob) == [SharesChanged("alice")]
    made = await share_with_circle(alice, "docs", "friends")
    assert (made.path, made.contact, made.name, made.circle) == (
        "/alice/docs", "friends", "docs", True,
    )  # fmt: skip
    assert await collect(bob) == [SharesChanged("alice")]
    assert await theirs(bob, "alice") == DOCS
    assert await theirs(carol, "alice") == {}
    await verbs.add(alice, "friends", ["carol"])
    assert await collect(carol) == [SharesChanged("alice")]
    await share_with_circle(alice, "photos", "friends", "pictures")
    for each in (bob, carol):
        assert await theirs(each, "alice") == {**DOCS, "pictures/c.jpg": b"three"}
    assert [each.path for each in (await shared_with_me(bob))[0]] == [
        "/alice/docs",
        "/alice/pictures",
    ]


async def test_one_grant_however_many(alice: Session, bob: Session, carol: Session) -> None:
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob", "carol")
    await share_with_circle(alice, "docs", "friends")
    await share_with_circle(alice, "docs", "friends")
    (only,) = await shared_by_me(alice)
    assert (only.contact, only.circle) == ("friends", True)


async def test_who_leaves_loses_it_at_once_and_who_stays_keeps_it(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob", "carol")
    for path in ("docs", "photos"):
        await share_with_circle(alice, path, "friends")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    assert len(hostile.refs) == 1 + 4 + 2  # the circle, docs, photos
    assert set(await hostile.gets()) == set(hostile.refs)
    shown = await verbs.remove(alice, "friends", ["bob"], and_finish=False)
    assert (shown.members, shown.epoch) == (("carol",), 1)
    assert await hostile.gets() == []  # at once
    assert await theirs(bob, "alice") == {}
    assert (await verbs.listing(alice))[0].epoch == 1
    await put(alice, {"docs/new.txt": b"new"})  # waits for the rotation, and finishes it
    assert await theirs(carol, "alice") == {**DOCS, **PHOTOS, "docs/new.txt": b"new"}
    assert await mine(alice) == {**FILES, "docs/new.txt": b"new"}


async def test_who_was_away_misses_nothing(alice: Session, bob: Session, carol: Session) -> None:
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob", "carol")
    await share_with_circle(alice, "docs", "friends")
    for who in ("bob", "carol"):
        await verbs.remove(alice, "friends", [who])
        await verbs.add(alice, "friends", [who])
    await share_with_circle(alice, "photos", "friends")
    assert await theirs(carol, "alice") == {**DOCS, **PHOTOS}  # the first time she looks


async def test_what_somebody_has_in_another_way_stays(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob")
    await in_circle(alice, "family", "bob", "carol")
    await share_with_circle(alice, "docs", "friends")
    await share_with_circle(alice, "docs", "family")
    await share_with_circle(alice, "photos", "friends")
    await share(alice, "photos", "bob")
    assert await theirs(bob, "alice") == {**DOCS, **PHOTOS}
    await verbs.remove(alice, "friends", ["bob"])
    assert await theirs(bob, "alice") == {**DOCS, **PHOTOS}
    await share(alice, "docs", "bob")
    with pytest.raises(Unfit, match="family"):
        await unshare(alice, "docs", "bob")
    await verbs.remove(alice, "family", ["bob"])
    assert await theirs(bob, "alice") == {**DOCS, **PHOTOS}  # docs, since it is his own grant now
    assert await theirs(carol, "alice") == DOCS


async def test_two_shares_of_one_name_are_told_apart(alice: Session, bob: Session) -> None:
    await put(alice, {"x/docs/1": b"1", "y/docs/2": b"2", "z/docs/3": b"3"})
    await in_circle(alice, "one", "bob")
    await in_circle(alice, "two", "bob")
    await share_with_circle(alice, "x/docs", "one")
    await share_with_circle(alice, "y/docs", "two")
    await share(alice, "z/docs", "bob")
    seen = await theirs(bob, "alice")
    assert sorted(seen.values()) == [b"1", b"2", b"3"]
    assert seen["docs/3"] == b"3"  # his own has the name


async def test_taking_back_from_a_circle(alice: Session, bob: Session, carol: Session) -> None:
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob", "carol")
    await share_with_circle(alice, "docs", "friends")
    await share(alice, "docs/deep", "carol")
    hostile = Hostile(bob, "alice")
    await hostile.look()
    await unshare_with_circle(alice, "docs", "friends")
    assert set(await hostile.gets()) <= {next(iter(hostile.refs))}  # the circle, now empty
    assert await theirs(bob, "alice") == {}
    assert await theirs(carol, "alice") == {"deep/b.txt": b"two"}
    assert [each.contact for each in await shared_by_me(alice)] == ["carol"]


async def test_shares_within_shares_of_one_circle(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob", "carol")
    await share_with_circle(alice, "docs/deep", "friends")
    await share_with_circle(alice, "docs", "friends")
    with pytest.raises(Unfit):
        await unshare_with_circle(alice, "docs/deep", "friends")
    await verbs.remove(alice, "friends", ["bob"])
    assert await theirs(bob, "alice") == {}
    assert await theirs(carol, "alice") == {**DOCS, "deep/b.txt": b"two"}


async def test_things_that_moved_or_went_since_are_found(
    alice: Session, bob: Session, carol: Session
) -> None:

    await put(alice, {**FILES, "far/away/x": b"x", "gone/y": b"y"})
    await in_circle(alice, "friends", "bob", "carol")
    for path in ("docs", "gone"):
        await share_with_circle(alice, path, "friends")
    drive = own_drive(alice)
    await mv(drive, ["docs"], "far/away/papers")
    await rm(drive, ["gone"], recursive=True)
    assert await theirs(bob, "alice") == DOCS
    hostile = Hostile(bob, "alice")
    await hostile.look()
    await verbs.remove(alice, "friends", ["bob"])
    assert await hostile.gets() == []
    assert await theirs(bob, "alice") == {}
    assert await theirs(carol, "alice") == DOCS


async def test_deleting_a_circle_takes_everything_back(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob")
    await in_circle(alice, "all", "carol", "friends")
    await share_with_circle(alice, "docs", "friends")
    await share_with_circle(alice, "photos", "all")
    assert await theirs(bob, "alice") == {**DOCS, **PHOTOS}
    await verbs.delete(alice, "friends")
    assert await theirs(bob, "alice") == {}
    assert await theirs(carol, "alice") == PHOTOS
    assert [each.name for each in await verbs.listing(alice)] == ["all"]
    assert [(each.path, each.contact) for each in await shared_by_me(alice)] == [
        ("/alice/photos", "all")
    ]
    with pytest.raises(NotFound):
        await verbs.delete(alice, "friends")


async def test_a_circle_holds_circles_of_people_and_no_deeper(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    for name in ("one", "two", "three"):
        await verbs.new(alice, name)
    await verbs.add(alice, "two", ["three", "carol"])
    for outer, inner in (("one", "one"), ("three", "two"), ("one", "two"), ("three", "one")):
        with pytest.raises(Unfit):
            await verbs.add(alice, outer, [inner])
    await share_with_circle(alice, "docs", "two")
    await verbs.add(alice, "three", ["bob"])
    assert await theirs(bob, "alice") == DOCS
    await verbs.remove(alice, "two", ["three"])
    assert await theirs(bob, "alice") == {}
    assert await theirs(carol, "alice") == DOCS


async def test_names_of_circles_and_contacts_are_apart(
    world: Town, alice: Session, bob: Session
) -> None:
    for name, error in (
        ("bob", Exists), ("alice", Exists), ("all-contacts", Exists), ("a/b", BadName),
    ):  # fmt: skip
        with pytest.raises(error):
            await verbs.new(alice, name)
    await verbs.new(alice, "zoe")
    with pytest.raises(Exists):
        await verbs.new(alice, "zoe")
    zoe = await world.sign_up("zoe", "two")
    await follow(zoe, await contact_card(alice))
    await collect(alice)
    with pytest.raises(Exists):
        await accept(alice, "zoe")
    await accept(alice, "zoe", as_name="zo")
    for act in (verbs.add, verbs.remove):
        with pytest.raises(NotFound):
            await act(alice, "zoe", ["nobody"])
        with pytest.raises(NotFound):
            await act(alice, "nothing", ["zo"])
    with pytest.raises(NotFound):
        await verbs.remove(alice, "zoe", ["zo"])


async def test_all_contacts_are_who_follows_me_now_and_later(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    made = await share_with_circle(alice, "docs", "all-contacts")
    assert made.contact == "all-contacts"
    assert await theirs(bob, "alice") == DOCS
    dave = await world.sign_up("dave", "two")
    await follow(dave, await contact_card(alice))
    await collect(alice)
    await accept(alice, "dave")
    await collect(dave)
    assert await theirs(dave, "alice") == DOCS
    (shown,) = await verbs.listing(alice)
    assert (shown.name, shown.members) == ("all-contacts", ("bob", "dave"))
    for act in (verbs.add, verbs.remove):
        with pytest.raises(Unfit):
            await act(alice, "all-contacts", ["bob"])
    with pytest.raises(Unfit):
        await verbs.delete(alice, "all-contacts")
    await unshare_with_circle(alice, "docs", "all-contacts")
    assert await theirs(dave, "alice") == {}


async def test_members_do_not_see_each_other_or_the_circle(
    alice: Session, bob: Session, carol: Session
) -> None:
    """All that bob can open says nothing of carol, nor what the circle is called."""
    await put(alice, FILES)
    await in_circle(alice, "friends", "bob", "carol")
    await share_with_circle(alice, "docs", "friends")
    reading, keys = await TheirShares(bob).open("alice")

    known = (await shared_with_me(bob))[0]
    seen = [repr(each) for each in known]
    log = await log_of(bob)
    view = FolderView(reading, await open_folder(reading, log, ""), "")
    (entry,) = (await view.listing()).entries
    circle = await open_folder(reading, entry.keys, "")
    seen += [repr(entry.value), repr(circle.header.value)]
    seen += [repr(e.value) for e in (await FolderView(reading, circle, "").listing()).entries]
    for secret in (b"carol", carol.id, b"friends"):
        assert not any(repr(secret)[2:-1] in each for each in seen), secret
    assert await walk(reading, keys) == DOCS


async def log_of(bob: Session) -> NodeKeys:
    known = await contacts.contact(bob, "alice")
    assert known.theirs is not None
    return known.theirs.keys


async def test_who_sees_it_in_which_way_and_since_when(
    world: Town, alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    assert await who_sees(alice, "docs/a.txt") == []
    await in_circle(alice, "friends", "bob", "carol")
    await in_circle(alice, "all", "friends")
    await share(alice, "docs/a.txt", "bob", "mine")
    world.clock.now += 5
    shared = await share_with_circle(alice, "docs", "all")
    ways = await who_sees(alice, "/alice/docs/a.txt")
    assert [(each.contact, each.path, each.circle, each.name) for each in ways] == [
        ("bob", "/alice/docs", "all", "docs"),
        ("bob", "/alice/docs/a.txt", None, "mine"),
        ("carol", "/alice/docs", "all", "docs"),
    ]
    assert ways[0].since == ways[2].since == shared.since > ways[1].since
    await verbs.remove(alice, "friends", ["carol"])
    assert {each.contact for each in await who_sees(alice, "docs")} == {"bob"}
    with pytest.raises(NotFound):
        await who_sees(alice, "nothing")
