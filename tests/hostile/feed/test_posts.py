"""Posts of a hostile friend: none hides, moves or breaks anything of anybody else."""

from dataclasses import replace

import pytest
import trio

from client.drive.entry import Entry, Kind
from client.drive.resolve import open_path
from client.feed import everyone as everyone_module
from client.feed.channels import MAX_CHANNELS, PREFIX
from client.feed.everyone import everyone
from client.feed.feed import Page, feed
from client.feed.index import MAX_BYTES, MAX_POSTS, Index
from client.feed.items import (
    EXCERPT,
    MAX_HISTORY,
    MAX_MEDIA,
    MAX_POST,
    Head,
    Medium,
    Post,
    check_reaction,
    check_text,
)
from client.feed.marks import MAX_SEEN, set_marks
from client.feed.names import month_of, stem
from client.feed.source import read_person
from client.feed.thread import thread
from client.keys import new_node_secret
from client.session import Session
from client.sharing.drive import own_drive
from client.social.store import LOGS, System, change
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.dag_cbor import Value, encode
from formats.errors import Denied, HoldfastError, Malformed, NotFound, TooLarge
from tests.client.feed.people import hear, said, say, texts
from tests.client.people import Town
from tests.hostile.feed.forging import Files, change_newest, forge, head, newest

YEAR_3000 = 32_503_680_000_000
ODD = [
    "constructor", "__proto__", "toString", "null", "-rf", "--help", "%s", "{0}", "\u202eabc\u2066",
    "\u200f", "e\u0301", "😀" * 255, "ﷺ" * 85, "a\nb\tc", " ",
]  # fmt: skip


async def page_of(session: Session) -> tuple[list[str], Page]:
    page = await feed(session)
    return [said(each) for each in page.items], page


@pytest.mark.parametrize("text", ODD, ids=ascii)
async def test_odd_texts_are_texts(alice: Session, bob: Session, text: str) -> None:
    if not text.strip():
        with pytest.raises(Malformed):
            await say(alice, text, "bob")
        return
    await say(alice, text, "bob")
    assert await texts(bob) == [text]


@pytest.mark.parametrize("text", ["\x1b[2J", "a\0b", "\x85", "\x7f", "\r"], ids=ascii)
async def test_what_moves_a_cursor_is_neither_written_nor_shown(
    alice: Session, bob: Session, text: str
) -> None:
    with pytest.raises(Malformed):
        await say(alice, text, "bob")
    await forge(alice, "bob", make=lambda _: newest([head(bytes(16), 1, f"x{text}")]))
    (shown,) = await texts(bob)
    assert shown.startswith("x")
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)


@pytest.mark.parametrize("claimed", [0, 1, YEAR_3000, 2**53], ids=["0", "1", "3000", "end"])
async def test_a_false_date_is_bounded_by_when_it_was_seen(
    alice: Session, bob: Session, world: Town, claimed: int
) -> None:
    """It neither stays on top nor makes anything new, or old, twice."""
    await say(alice, "before", "bob")
    await texts(bob)
    world.clock.now += 1000
    when = world.clock.now
    false = head(b"f" * 16, claimed, "false")
    await change_newest(alice, lambda value: value.__setitem__("posts", [false]))
    page = await feed(bob)
    (item,) = [each for each in page.items if said(each) == "false"]
    assert item.time == min(claimed, when)
    assert item.is_new
    await set_marks(bob, feed=world.clock.now)
    world.clock.now += 1000
    await say(alice, "after", "bob")
    shown = [said(each) for each in (await feed(bob)).items]
    assert shown[0] == "after"
    assert [each.is_new for each in (await feed(bob)).items if said(each) == "false"] == [False]


@pytest.mark.parametrize(
    "bad",
    [
        {"id": b"x" * 15, "time": 1, "text": "x"},
        {"id": b"x" * 16, "time": -1, "text": "x"},
        {"id": b"x" * 16, "time": 2**60, "text": "x"},
        {"id": b"x" * 16, "time": "now", "text": "x"},
        {"id": b"x" * 16, "time": 1},
        {"id": b"x" * 16, "time": 1, "text": "x" * (MAX_POST + 1)},
        {"id": b"x" * 16, "time": 1, "text": "x", "media": [{}]},
        {"id": b"x" * 16, "time": 1, "text": "x", "media": [{}] * (MAX_MEDIA + 1)},
        {"id": b"x" * 16, "time": 1, "text": "x", "reactions": [{"what": "y" * 33, "count": 1}]},
        {
            "id": b"x" * 16,
            "time": 1,
            "text": "x",
            "media": [{"file": "../../../etc/passwd", "name": "x", "size": 1}],
        },
        7,
        None,
    ],
    ids=range(12),
)
async def test_one_bad_post_hides_no_other(alice: Session, bob: Session, bad: Value) -> None:
    await say(alice, "good", "bob")

    def add(value: dict[str, Value]) -> None:
        posts = value["posts"]
        assert isinstance(posts, list)
        posts.append(bad)

    await change_newest(alice, add)
    shown, page = await page_of(bob)
    assert shown == ["good"]
    assert any("1 posts that cannot be read" in each.message for each in page.problems)


@pytest.mark.parametrize(
    "files",
    [
        {"newest": b"garbage"},
        {"newest": b""},
        {"newest": encode({"v": 2, "floor": 0, "posts": [], "answers": []})},
        {"newest": encode({"v": 1, "floor": 0, "posts": [None] * (MAX_POSTS + 1), "answers": []})},
        {"newest": encode({"v": 1, "posts": [], "answers": []})},
        {"newest": encode([1])},
    ],
    ids=range(6),
)
async def test_a_broken_channel_hides_no_other(alice: Session, bob: Session, files: Files) -> None:
    await forge(alice, "bob", make=lambda _: files)
    await say(alice, "for all", "all-contacts")
    shown, page = await page_of(bob)
    assert shown == ["for all"]
    assert page.problems
    # its author can go on: the list is written anew, what is older is read by month
    await say(alice, "again", "bob")
    shown, page = await page_of(bob)
    assert set(shown) == {"again", "for all"}
    assert page.problems == []


async def test_one_friends_flood_does_not_hide_another(
    alice: Session, bob: Session, carol: Session, world: Town
) -> None:
    """As many lists as can be, each full: bounded work, and carol's post is there."""
    del carol
    await forge(
        alice,
        "bob",
        make=lambda _: newest([head(random_bytes(16), n + 1) for n in range(MAX_POSTS)], floor=1),
    )
    flood = await everyone(bob)
    assert len(flood.items(world.clock.now)) == MAX_POSTS
    assert len((await feed(bob, count=10)).items) == 10
    await texts(bob)
    known = flood.seen.get(alice.id)
    assert known is None or len(known.things) <= MAX_SEEN


async def test_more_channels_than_are_read(alice: Session, bob: Session) -> None:
    await say(alice, "here", "bob")

    async def operation(changing: Changing) -> None:
        system = System(alice, changing)
        log = await system.folder(LOGS, bob.id.hex())
        made = [
            Entry(f"{PREFIX}z{n:04d}", Kind.FOLDER, 1, new_node_secret(), random_bytes(16))
            for n in range(MAX_CHANNELS + 50)
        ]
        await log.put(*made)
        await system.flush()

    await change(alice, operation)
    page = await feed(bob)
    assert "here" in [said(each) for each in page.items]
    assert len(page.problems) <= MAX_CHANNELS


async def test_a_slow_friend_keeps_nobody_waiting(
    alice: Session, bob: Session, carol: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(carol, "from carol", "alice")
    await hear(alice)
    before = read_person

    async def read(session: Session, known: object) -> object:
        if getattr(known, "name", "") == "bob":
            await trio.sleep_forever()
        return await before(session, known)  # type: ignore[arg-type]

    monkeypatch.setattr(everyone_module, "read_person", read)
    monkeypatch.setattr(everyone_module, "PATIENCE", 0.2)
    page = await feed(alice)
    assert [said(each) for each in page.items] == ["from carol"]
    assert [each.message for each in page.problems] == ["bob: their home did not answer in time"]


async def test_a_replayed_old_version_is_marked(alice: Session, bob: Session) -> None:
    """By the author; that a home goes back is refused before anything is opened."""
    post = Post(random_bytes(16), 5, "second", seq=2, edited=6)
    old = replace(post, text="first", seq=1)
    await forge(alice, "bob", make=lambda _: newest([Head.of(post).value]))
    assert not (await feed(bob)).items[0].older
    await forge(alice, "bob", make=lambda _: newest([Head.of(old).value]))
    (item,) = (await feed(bob)).items
    assert said(item) == "first"
    assert item.older


async def test_a_post_under_two_names_is_one(alice: Session, bob: Session) -> None:
    same = random_bytes(16)
    await forge(
        alice,
        "bob",
        make=lambda _: newest([head(same, 1, "old"), head(same, 9, "new", seq=3), head(same, 4)]),
    )
    assert await texts(bob) == ["new"]


async def test_an_older_post_that_is_another_than_its_name_says(
    alice: Session, bob: Session
) -> None:
    good, lying = Post(random_bytes(16), 10, "good"), Post(random_bytes(16), 20, "lying")
    month = month_of(10)
    await forge(
        alice,
        "bob",
        make=lambda _: {
            **newest([], floor=1000),
            f"{month}/{stem(10, good.id)}": good.encoded,
            f"{month}/{stem(11, random_bytes(16))}": lying.encoded,
            f"{month}/{stem(12, random_bytes(16))}": b"garbage",
            f"{month}/no post at all": b"x",
            "not-a-month/x": b"x",
        },
    )
    page = await feed(bob)
    assert [said(each) for each in page.items] == ["good"]
    assert len(page.problems) == 2


async def test_a_list_that_lies_about_a_post_is_believed_no_further_than_its_file(
    alice: Session, bob: Session
) -> None:
    """The thread shows what the file says; garbage there is an error that names it."""
    made = await say(alice, "real", "bob")
    when = (await feed(bob)).items[0].claimed
    await forge(
        alice,
        "bob",
        make=lambda _: {f"{month_of(when)}/{stem(when, made.id)}": b"garbage"},
    )
    with pytest.raises(HoldfastError):
        await thread(bob, made.id)
    assert await texts(bob) == ["real"]


async def test_a_month_without_end_is_read_as_far_as_anybody_reads(
    alice: Session, bob: Session, carol: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A friend's million posts: bounded work, and others' posts are there all the same."""
    monkeypatch.setattr("client.feed.months.MAX_A_MONTH", 20)
    many = [Post(random_bytes(16), n + 1, f"{n}") for n in range(300)]
    await forge(
        carol,
        "alice",
        make=lambda _: {
            **newest([], floor=1000),
            **{f"1970-01/{stem(each.time, each.id)}": each.encoded for each in many},
        },
    )
    await say(bob, "from bob", "alice")
    await hear(alice)
    page = await feed(alice, count=5)
    assert said(page.items[0]) == "from bob"
    assert len(page.items) == 5
    assert any("more posts than are shown" in each.message for each in page.problems)


@pytest.mark.parametrize("file", ["gone.jpg", "newest", "constructor", "\u202egpj.exe"], ids=ascii)
async def test_media_that_are_not_there_are_paths_that_lead_nowhere(
    alice: Session, bob: Session, file: str
) -> None:
    medium: Value = {"file": file, "name": "x\x1b[2J", "size": 2**53, "type": "image/jpeg"}
    await forge(alice, "bob", make=lambda _: newest([head(bytes(16), 1, "look", media=[medium])]))
    (item,) = (await feed(bob)).items
    ((path, shown),) = item.media
    assert shown.name == "x\ufffd[2J"
    with pytest.raises((NotFound, Denied)):
        await open_path(own_drive(bob), path)


async def test_garbage_under_a_pictures_name_is_a_file_like_any(
    alice: Session, bob: Session
) -> None:
    medium: Value = {"file": "a.jpg", "name": "a.jpg", "size": 7, "type": "image/jpeg"}
    await forge(
        alice,
        "bob",
        make=lambda _: {
            **newest([head(bytes(16), 1, "look", media=[medium])]),
            "1970-01/a.jpg": b"garbage",
        },
    )
    (item,) = (await feed(bob)).items
    ((path, _),) = item.media
    file = await open_path(own_drive(bob), path)
    assert await file.read(0, file.size) == b"garbage"


def test_both_sides_of_each_limit() -> None:
    assert check_text("x" * MAX_POST, MAX_POST)
    with pytest.raises(TooLarge):
        check_text("x" * (MAX_POST + 1), MAX_POST)
    assert check_reaction("y" * 32)
    with pytest.raises(TooLarge):
        check_reaction("y" * 33)
    for bad in ("", " ", "two words", " x"):
        with pytest.raises(Malformed):
            check_reaction(bad)
    with pytest.raises(TooLarge):
        check_reaction("😀" * 255)


def test_a_post_with_all_its_history_fits_into_a_leaf() -> None:
    post = Post(
        bytes(16), 1, "a", media=tuple(Medium(f"{'f' * 250}{n}", "n" * 255) for n in range(16))
    )
    for n in range(100):
        post = post.changed(f"{n}" + "x" * (MAX_POST - 5), n)
    assert len(post.encoded) <= 64 * 1024
    assert Post.decode(post.encoded) == post
    small = Post(bytes(16), 1, "a")
    for n in range(100):
        small = small.changed(f"{n}", n)
    assert [each.text for each in small.before] == [f"{n}" for n in range(35, 99)]
    assert MAX_HISTORY < 64 * 1024


def test_the_list_of_the_newest_stays_within_its_limits() -> None:
    index = Index()
    for n in range(2 * MAX_POSTS):
        index = index.with_post(Head.of(Post(random_bytes(16), n + 1, "x" * (n % 5000 + 1))))
        assert len(index.encoded) <= MAX_BYTES
        assert Index.decode(index.encoded) == index
    assert index.floor
    assert all(each.post.time > index.floor for each in index.posts)
    assert all(len(each.post.text) <= EXCERPT for each in index.posts)
