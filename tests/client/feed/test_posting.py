"""Posts: written for an audience, read, changed, taken away; each among the files of its author."""

from pathlib import Path

import pytest

from client.drive.change import rm
from client.drive.folder import FolderView
from client.drive.node import open_folder
from client.drive.resolve import open_path
from client.drive.upload import upload
from client.feed.feed import feed
from client.feed.items import MAX_MEDIA
from client.feed.posting import delete, edit
from client.feed.thread import thread
from client.session import Session
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle
from client.sharing.drive import own_drive
from client.sharing.share import share, unshare
from client.sharing.theirs import TheirShares
from client.social.parting import block, unfollow
from formats.errors import Denied, NotFound, TooMany, Unfit, Usage
from tests.client.feed.people import said, say, texts
from tests.client.people import Town
from tests.client.sharing.trees import put


async def test_a_post_is_seen_by_whom_it_is_for(
    alice: Session, bob: Session, carol: Session, world: Town
) -> None:
    await say(alice, "for bob", "bob")
    world.clock.now += 1000
    await say(alice, "for all", "all-contacts")
    assert await texts(bob) == ["for all", "for bob"]
    assert await texts(carol) == ["for all"]
    assert await texts(alice) == ["for all", "for bob"]


async def test_one_audience_has_one_channel(alice: Session, bob: Session, carol: Session) -> None:
    for n in range(3):
        await say(alice, f"{n}", "bob", "carol")
    await say(alice, "x", "carol")
    assert len(await texts(bob)) == 3
    assert len(await texts(carol)) == 4
    reading, keys = await TheirShares(bob).open("alice")
    view = FolderView(reading, await open_folder(reading, keys, ""), "")
    assert len((await view.listing()).entries) == 1


async def test_a_post_is_changed_and_keeps_what_it_said(alice: Session, bob: Session) -> None:
    made = await say(alice, "one", "bob")
    await edit(alice, made.id, "two")
    await edit(alice, made.id, "three")
    assert await texts(bob) == ["three"]
    seen = await thread(bob, made.id)
    assert (seen.post.text, [each.text for each in seen.post.before]) == ("three", ["one", "two"])
    assert seen.post.seq == 2


async def test_a_deleted_post_is_gone_for_others_and_in_the_trash(
    alice: Session, bob: Session, tmp_path: Path
) -> None:
    picture = tmp_path / "A.TXT"
    picture.write_bytes(b"p" * 100_000)
    made = await say(alice, "see", "bob", files=(str(picture),))
    await say(alice, "stays", "bob")
    (item,) = [each for each in (await feed(bob)).items if said(each) == "see"]
    ((path, medium),) = item.media
    assert (medium.name, medium.size) == ("A.TXT", 100_000)
    reader = await _read(bob, path)
    assert reader == b"p" * 100_000
    await delete(alice, own_drive(alice), made.id)
    assert await texts(bob) == ["stays"] == await texts(alice)
    with pytest.raises((Denied, NotFound)):
        await _read(bob, path)
    with pytest.raises(NotFound):
        await thread(bob, made.id)
    with pytest.raises(NotFound):
        await delete(alice, own_drive(alice), made.id)


async def test_copies_of_what_is_kept_go_with_a_post(
    alice: Session, bob: Session, tmp_path: Path
) -> None:
    """Large and small; the ones that were copied are changed and removed without the post."""
    large = bytes(range(256)) * 1000
    drive, here = own_drive(alice), tmp_path / "here.txt"
    (tmp_path / "lake.jpg").write_bytes(large)
    here.write_bytes(b"here")
    await put(alice, {"note": b"small"})
    await upload(drive, [str(tmp_path / "lake.jpg")], "lake.jpg")
    await say(alice, "see", "bob", files=(str(here),), copies=("lake.jpg", "/alice/note"))
    await upload(drive, [str(here)], "lake.jpg")
    await rm(drive, ["note"], forever=True)
    (item,) = (await feed(bob)).items
    names = [medium.name for _, medium in item.media]
    assert names == ["here.txt", "lake.jpg", "note"]
    assert [await _read(bob, path) for path, _ in item.media] == [b"here", large, b"small"]


async def test_what_cannot_go_with_a_post_is_refused_before_anybody_sees_it(
    alice: Session, bob: Session
) -> None:
    await put(alice, {"docs/a": b"a"})
    with pytest.raises(Usage, match="not a file"):
        await say(alice, "folder", "bob", copies=("docs",))
    with pytest.raises(NotFound):
        await say(alice, "nothing", "bob", copies=("docs/b",))
    with pytest.raises(TooMany):
        await say(alice, "many", "bob", copies=("docs/a",) * (MAX_MEDIA + 1))
    assert await texts(bob) == []
    await say(alice, "most", "bob", copies=("docs/a",) * MAX_MEDIA)
    assert await texts(bob) == ["most"]


async def _read(session: Session, path: str) -> bytes:

    file = await open_path(own_drive(session), path)
    return await file.read(0, file.size)


async def test_what_is_shared_stands_in_the_feed(alice: Session, bob: Session) -> None:
    await put(alice, {"docs/a": b"a"})
    await say(alice, "hello", "bob")
    await texts(bob)
    await share(alice, "docs", "bob")
    assert sorted(await texts(bob)) == ["/alice/docs", "hello"]
    await unshare(alice, "docs", "bob")
    assert await texts(bob) == ["hello"]


async def test_who_leaves_a_circle_sees_nothing_of_it_and_the_rest_stays(
    alice: Session, bob: Session, carol: Session
) -> None:
    await verbs.new(alice, "family")
    await verbs.add(alice, "family", ["bob", "carol"])
    await say(alice, "family", "family")
    await say(alice, "both", "bob", "carol")
    assert sorted(await texts(bob)) == ["both", "family"]
    await verbs.remove(alice, "family", ["bob"])
    assert await texts(bob) == ["both"]
    assert sorted(await texts(carol)) == ["both", "family"]
    await say(alice, "after", "family")
    assert await texts(bob) == ["both"]
    assert sorted(await texts(carol)) == ["after", "both", "family"]
    await verbs.add(alice, "family", ["bob"])
    assert sorted(await texts(bob)) == ["after", "both", "family"]


async def test_a_channel_taken_back_by_hand_is_another_audience(
    alice: Session, bob: Session, carol: Session
) -> None:
    await say(alice, "both", "bob", "carol")
    (item,) = (await feed(alice)).items
    await unshare(alice, item.path.rpartition("/")[0], "bob")
    assert await texts(bob) == []
    assert await texts(carol) == ["both"]
    await say(alice, "again", "bob", "carol")
    assert await texts(bob) == ["again"]
    assert sorted(await texts(carol)) == ["again", "both"]


async def test_unfollow_and_block_end_it(alice: Session, bob: Session, carol: Session) -> None:
    await say(alice, "all", "all-contacts")
    await unfollow(bob, "alice")
    assert await texts(bob) == []
    assert await texts(carol) == ["all"]
    await block(alice, "carol")
    page = await feed(carol)
    assert page.items == []
    with pytest.raises(Unfit):
        await say(alice, "x", "carol")
    assert await texts(alice) == ["all"]


async def test_a_post_is_for_somebody(alice: Session, bob: Session) -> None:
    with pytest.raises(Usage):
        await say(alice, "x")
    with pytest.raises(NotFound):
        await say(alice, "x", "nobody-here")
    assert await texts(alice) == []


async def test_a_share_of_a_circle_beside_posts(alice: Session, bob: Session) -> None:
    await put(alice, {"docs/a": b"a"})
    await share_with_circle(alice, "docs", "all-contacts")
    await say(alice, "hi", "all-contacts")
    assert sorted(await texts(bob)) == ["/alice/docs", "hi"]
