"""Granting and reading: what a contact sees, under which name, and what nobody else sees."""

import pytest

from client.session import Session
from client.sharing.share import share, shared_by_me, unshare
from client.sharing.theirs import TheirShares, reader_key, shared_with_me
from client.social.card import contact_card
from client.social.events import SharesChanged
from client.social.follow import accept, follow
from client.social.inbox import collect
from formats.errors import Denied, Exists, NotFound, Unfit, Unreachable
from tests.client.people import Town
from tests.client.sharing.trees import mine, one_of_theirs, put, theirs

FILES = {"docs/a.txt": b"one", "docs/deep/er/b.txt": b"two", "private/c.txt": b"three"}


async def test_a_shared_folder_is_read_at_the_other_home(alice: Session, bob: Session) -> None:
    await put(alice, FILES)
    made = await share(alice, "docs", "bob")
    assert (made.path, made.contact, made.name, made.waiting) == (
        "/alice/docs", "bob", "docs", False,
    )  # fmt: skip
    assert await collect(bob) == [SharesChanged("alice")]
    assert await theirs(bob, "alice") == {"docs/a.txt": b"one", "docs/deep/er/b.txt": b"two"}
    found, problems = await shared_with_me(bob)
    assert [each.path for each in found] == ["/alice/docs"]
    assert problems == []


async def test_a_deep_file_is_shared_flat_under_a_name_of_choice(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "/alice/docs/deep/er/b.txt", "bob")
    await share(alice, "private", "bob", "for you")
    assert await theirs(bob, "alice") == {"b.txt": b"two", "for you/c.txt": b"three"}
    assert [(each.path, each.name) for each in await shared_by_me(alice)] == [
        ("/alice/docs/deep/er/b.txt", "b.txt"),
        ("/alice/private", "for you"),
    ]


async def test_the_whole_home_can_be_shared(alice: Session, bob: Session) -> None:
    await put(alice, FILES)
    await share(alice, "/alice", "bob")
    assert await theirs(bob, "alice") == {f"alice/{path}": data for path, data in FILES.items()}


async def test_what_changes_is_seen_and_what_is_offline_misses_nothing(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    assert await theirs(bob, "alice")
    await put(alice, {"docs/a.txt": b"changed", "docs/new.txt": b"new"})
    seen = await theirs(bob, "alice")
    assert (seen["docs/a.txt"], seen["docs/new.txt"]) == (b"changed", b"new")


async def test_sharing_twice_is_sharing_once_and_names_are_unique(
    alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    first = await share(alice, "docs", "bob")
    again = await share(alice, "docs", "bob")
    assert first == again
    await put(alice, {"other/docs": b"x"})
    with pytest.raises(Exists):
        await share(alice, "other/docs", "bob")
    renamed = await share(alice, "docs", "bob", "papers")
    assert renamed.name == "papers"
    await share(alice, "other/docs", "bob")
    assert set(await theirs(bob, "alice")) == {"papers/a.txt", "papers/deep/er/b.txt", "docs"}


async def test_what_cannot_be_shared(alice: Session, bob: Session) -> None:
    await put(alice, FILES)
    for path, contact, error in (
        ("nothing", "bob", NotFound),
        ("docs", "nobody", NotFound),
        ("/bob/docs", "bob", Denied),
        ("/", "bob", Unfit),
    ):
        with pytest.raises(error):
            await share(alice, path, contact)
    with pytest.raises(NotFound):
        await unshare(alice, "docs", "bob")
    assert await shared_by_me(alice) == []


async def test_each_sees_their_own_shares_alone(
    alice: Session, bob: Session, carol: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    await share(alice, "private", "carol")
    assert set(await theirs(carol, "alice")) == {"private/c.txt"}
    assert "private/c.txt" not in await theirs(bob, "alice")


async def test_a_third_person_sees_nothing(world: Town, alice: Session, bob: Session) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    dave = await world.sign_up("dave", "two")
    assert await TheirShares(dave).people() == []
    assert (await shared_with_me(dave))[0] == []
    with pytest.raises(NotFound):
        await theirs(dave, "alice")
    assert await mine(dave) == {}


async def test_a_stolen_capability_serves_a_stranger_nothing_without_the_home_asking_for_it(
    world: Town, alice: Session, bob: Session
) -> None:
    """Who has the secret can read: so it is what is sealed; without it, everything is Denied."""
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    dave = await world.sign_up("dave", "two")
    await follow(dave, await contact_card(alice))
    await collect(alice)
    await accept(alice, "dave")
    await collect(dave)
    assert await theirs(dave, "alice") == {}


async def test_reader_keys_differ_for_each_contact(alice: Session, bob: Session) -> None:
    keys = {reader_key(bob, alice.id).public, reader_key(bob, bob.id).public}
    keys.add(reader_key(alice, bob.id).public)
    assert len(keys) == 3
    assert reader_key(bob, alice.id).public == reader_key(bob, alice.id).public


async def test_a_home_that_is_away_says_so_and_works_when_it_is_back(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    await share(alice, "docs", "bob")
    world.down.add(world.home("one").peer)
    with pytest.raises(Unreachable):
        await theirs(bob, "alice")
    found, problems = await shared_with_me(bob)
    assert (found, len(problems)) == ([], 1)
    world.down.clear()
    assert len(await theirs(bob, "alice")) == 2


async def test_sharing_with_somebody_away_waits_and_arrives(
    world: Town, alice: Session, bob: Session
) -> None:
    await put(alice, FILES)
    world.down.add(world.home("two").peer)
    assert (await share(alice, "docs", "bob")).waiting
    world.down.clear()
    assert len(await theirs(bob, "alice")) == 2


async def test_who_has_not_been_answered_sees_no_shares(world: Town, alice: Session) -> None:
    eve = await world.sign_up("eve", "two")
    await follow(eve, await contact_card(alice))
    with pytest.raises(NotFound) as caught:
        await TheirShares(eve).open("alice")
    assert "answered" in str(caught.value)


async def test_a_share_that_is_not_there_is_denied_by_name(alice: Session, bob: Session) -> None:
    with pytest.raises(Denied) as caught:
        await one_of_theirs(bob, "alice/secrets")
    assert "alice does not share 'secrets' with you" in str(caught.value)
