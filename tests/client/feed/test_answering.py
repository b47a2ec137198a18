"""Comments and reactions: written by friends, taken in by the author, read by who knows neither."""

import pytest

from client.feed import gathering
from client.feed.answering import change_comment, comment, react, take_back
from client.feed.everyone import everyone
from client.feed.feed import feed
from client.feed.gathering import gather
from client.feed.notifications import notifications
from client.feed.thread import Thread, thread
from client.session import Session
from client.sharing.circles import verbs
from client.sharing.share import share, shared_by_me
from client.social.card import contact_card
from client.social.follow import follow
from client.social.parting import block, unblock, unfollow
from formats.errors import NotFound, Unfit, Withheld
from formats.handle import handle
from tests.client.feed.people import about, hear, say, texts
from tests.client.people import Town
from tests.client.sharing.trees import put


async def look(session: Session) -> None:
    """Take in what others answered."""
    await gather(session, await everyone(session))


def lines(seen: Thread) -> list[tuple[int, str, str]]:
    """What is shown of comments."""
    return [(each.depth, each.name, each.text) for each in seen.comments]


async def test_a_comment_reaches_who_does_not_know_its_writer(
    alice: Session, bob: Session, carol: Session, world: Town
) -> None:
    """Bob and carol are no contacts of each other; both are alice's."""
    made = await say(alice, "hello", "all-contacts")
    first = await comment(bob, about(made, alice), "hi")
    mine = await thread(bob, made.id)
    assert [(each.text, each.waiting) for each in mine.comments] == [("hi", True)]
    assert (await thread(carol, made.id)).comments == []
    await look(alice)
    assert lines(await thread(alice, made.id)) == [(0, "bob", "hi")]
    assert lines(await thread(carol, made.id)) == [(0, handle("bob", bob.id), "hi")]
    await comment(carol, about(made, alice, first), "to bob")
    world.clock.now += 1000
    await comment(alice, about(made, alice), "to all")
    await look(alice)
    for who, name in ((alice, "bob"), (bob, "bob"), (carol, handle("bob", bob.id))):
        seen = await thread(who, made.id)
        said = [(depth, text) for depth, _, text in lines(seen)]
        assert said == [(0, "hi"), (1, "to bob"), (0, "to all")]
        assert lines(seen)[0][1] == name
        assert seen.problems == []
        assert not any(each.waiting for each in seen.comments)
    (item,) = (await feed(carol)).items
    assert item.head is not None
    assert item.head.comments == 3


async def test_reactions_are_counted_once_a_person(
    alice: Session, bob: Session, carol: Session
) -> None:
    made = await say(alice, "hello", "all-contacts")
    await react(bob, about(made, alice), "\N{THUMBS UP SIGN}")
    await react(carol, about(made, alice), "yes")
    await look(alice)
    await react(bob, about(made, alice), "yes")
    await react(alice, about(made, alice), "yes")
    await look(alice)
    (item,) = (await feed(carol)).items
    assert item.head is not None
    assert dict(item.head.reactions) == {"yes": 3}
    await react(bob, about(made, alice), "")
    await look(alice)
    seen = await thread(carol, made.id)
    assert [each.text for each in seen.reactions] == ["yes", "yes"]


async def test_a_comment_is_changed_and_taken_back(
    alice: Session, bob: Session, carol: Session
) -> None:
    made = await say(alice, "hello", "all-contacts")
    first = await comment(bob, about(made, alice), "one")
    await look(alice)
    await change_comment(bob, about(made, alice), first.id, "two")
    await look(alice)
    assert [each.text for each in (await thread(carol, made.id)).comments] == ["two"]
    await take_back(bob, about(made, alice), first.id)
    assert (await thread(bob, made.id)).comments == []
    await look(alice)
    assert (await thread(carol, made.id)).comments == []
    assert (await notifications(alice))[0] == []
    with pytest.raises(NotFound):
        await take_back(bob, about(made, alice), first.id)


async def test_an_author_takes_a_comment_away_and_it_does_not_come_again(
    alice: Session, bob: Session, carol: Session
) -> None:
    made = await say(alice, "hello", "all-contacts")
    first = await comment(bob, about(made, alice), "bad")
    await look(alice)
    await gathering.remove(alice, made.id, first.id)
    await change_comment(bob, about(made, alice), first.id, "bad again")
    await look(alice)
    assert (await thread(carol, made.id)).comments == []
    assert (await thread(alice, made.id)).comments == []
    assert (await feed(alice)).items[0].head is not None
    with pytest.raises(NotFound):
        await gathering.remove(alice, made.id, made.id)


async def test_who_is_not_followed_cannot_answer(alice: Session, bob: Session) -> None:
    made = await say(alice, "hello", "bob")
    await unfollow(alice, "bob")
    await hear(bob)
    with pytest.raises(Unfit, match="does not follow you"):
        await comment(bob, about(made, alice), "hi")


async def test_notifications_say_who_answered(alice: Session, bob: Session, world: Town) -> None:
    made = await say(alice, "hello", "bob")
    await comment(bob, about(made, alice), "hi")
    world.clock.now += 1000
    await react(bob, about(made, alice), "yes")
    found, looked = await notifications(alice)
    assert looked.problems == []
    assert len(looked.notes) == 2
    assert (await notifications(alice))[1].notes == []
    assert {(each.kind, each.name, each.said) for each in found} == {
        ("comment", "bob", "hi"),
        ("reaction", "bob", "yes"),
    }
    assert all(each.is_new and each.post == made.id for each in found)
    stranger = await world.sign_up("dora", "two")

    await follow(stranger, await contact_card(alice))
    await hear(alice)
    assert (await notifications(alice))[0][0].kind == "follow"


async def test_comments_of_who_is_blocked_are_not_shown_to_me(
    alice: Session, bob: Session, carol: Session
) -> None:
    made = await say(alice, "hello", "all-contacts")
    await comment(bob, about(made, alice), "hi")
    await look(alice)
    await block(alice, "bob")
    assert (await thread(alice, made.id)).comments == []
    assert [each.text for each in (await thread(carol, made.id)).comments] == ["hi"]
    await unblock(alice, "bob")


async def test_who_is_out_of_the_circle_is_not_taken_in(
    alice: Session, bob: Session, carol: Session
) -> None:
    await verbs.new(alice, "family")
    await verbs.add(alice, "family", ["bob", "carol"])
    made = await say(alice, "hello", "family")
    assert await texts(bob) == ["hello"]
    await verbs.remove(alice, "family", ["bob"])
    await comment(bob, about(made, alice), "still here")
    await comment(carol, about(made, alice), "hi")
    await look(alice)
    assert [each.text for each in (await thread(carol, made.id)).comments] == ["hi"]


async def test_a_comment_is_a_file_of_its_writer_for_the_author_alone(
    alice: Session, bob: Session, carol: Session
) -> None:
    made = await say(alice, "hello", "all-contacts")
    await comment(bob, about(made, alice), "hi")

    (shared,) = await shared_by_me(bob)
    assert shared.contact == "alice"
    assert shared.path.startswith("/bob/.feed/")


async def test_a_shared_thing_is_not_a_post(alice: Session, bob: Session) -> None:

    await put(alice, {"a": b"a"})
    await share(alice, "a", "bob")
    (item,) = (await feed(bob)).items
    assert (item.head, item.media) == (None, ())
    with pytest.raises(NotFound):
        await thread(bob, item.id)


async def test_who_answers_my_comment_under_a_friends_post_is_told_to_me(
    alice: Session, bob: Session, carol: Session, world: Town
) -> None:
    """Bob and carol are no contacts of each other; the post is alice's."""
    made = await say(alice, "hello", "all-contacts")
    first = await comment(bob, about(made, alice), "hi")
    other = await comment(carol, about(made, alice), "hello, too")
    await look(alice)
    assert (await notifications(bob))[0] == []  # what answers the post is not an answer to bob
    reply = await comment(carol, about(made, alice, first), "to bob")
    await comment(bob, about(made, alice, other), "to carol")
    await look(alice)
    world.clock.now += 1000
    (news,), found = await notifications(bob)
    assert (news.kind, news.said, news.is_new) == ("comment", "to bob", True)
    assert (news.name, news.post) == (handle("carol", carol.id), made.id)
    assert (news.under, news.id) == (first.id, reply.id)
    assert [each.id for each in found.notes] == [reply.id]
    (other_news,), _ = await notifications(carol)
    assert other_news.said == "to carol"
    again = await world.sign_in("bob", "two")
    (same,), found = await notifications(again)
    assert (same, found.notes) == (news, [])
    await change_comment(carol, about(made, alice), reply.id, "to bob, again")
    await look(alice)
    (same,), found = await notifications(bob)
    assert (same.said, found.notes) == ("to bob", [])


async def test_a_reaction_to_my_comment_is_told_to_me_once(
    alice: Session, bob: Session, carol: Session, world: Town
) -> None:
    made = await say(alice, "hello", "all-contacts")
    first = await comment(bob, about(made, alice), "hi")
    await look(alice)
    assert (await notifications(bob))[0] == []
    await react(carol, about(made, alice, first), "yes")
    await react(carol, about(made, alice), "no")  # to the post: alice's to hear of
    await look(alice)
    (news,), found = await notifications(bob)
    assert (news.kind, news.said, news.under, news.is_new) == ("reaction", "yes", first.id, True)
    assert news.name == handle("carol", carol.id)
    assert len(found.notes) == 1
    await react(carol, about(made, alice, first), "more")  # instead of it, and no news
    await look(alice)
    (same,), found = await notifications(bob)
    assert (same.said, found.notes) == ("yes", [])
    told = [each.kind for each in (await notifications(alice))[0]]
    assert sorted(told) == ["comment", "reaction", "reaction"]


async def test_one_s_own_post_tells_of_reactions_to_one_s_comments_too(
    alice: Session, bob: Session
) -> None:
    made = await say(alice, "hello", "all-contacts")
    first = await comment(alice, about(made, alice), "and one thing more")
    await react(bob, about(made, alice, first), "yes")
    (news,), _ = await notifications(alice)
    assert (news.kind, news.said, news.under) == ("reaction", "yes", first.id)


async def test_replies_that_cannot_be_read_keep_nothing_back(
    alice: Session, bob: Session, carol: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await say(alice, "hello", "all-contacts")
    first = await comment(bob, about(made, alice), "hi")
    await look(alice)
    await comment(carol, about(made, alice, first), "to bob")
    await look(alice)

    async def withheld(*_: object) -> dict[bytes, object]:
        raise Withheld("part of it was not handed over")

    with monkeypatch.context() as patched:
        patched.setattr("client.feed.replies.taken_in", withheld)
        told, found = await notifications(bob)
    assert told == []
    assert [str(each.message)[:6] for each in found.problems] == ["alice:"]
    assert [each.said for each in (await notifications(bob))[0]] == ["to bob"]
