"""Alice, bob and carol: a month of posts and comments, with homes that go away and come back.

Everybody has a node, and nothing is told but by messages that arrive. Carol knows alice alone.
"""

import pytest
from trio.testing import MockClock

from client.feed.answering import About, comment
from client.feed.everyone import everyone
from client.feed.feed import Page, feed
from client.feed.gathering import gather
from client.feed.items import Post
from client.feed.marks import set_marks
from client.feed.posting import delete, post
from client.feed.thread import thread
from client.sharing.circles import verbs
from client.social.parting import block
from formats.errors import NotFound
from tests.world.conftest import moving_clock
from tests.world.person import Person
from tests.world.world import World

__all__ = ["moving_clock"]

NEWS = "alice changed what they share with you: 'holdfast ls /alice'"


async def say(person: Person, text: str, *to: str) -> Post:
    """Post something."""
    return await post(person.session, person.drive, text, to)


async def shown(person: Person) -> tuple[list[str], Page]:
    """What their feed says, the newest first, and the page."""
    page = await feed(person.session)
    return [each.head.post.text if each.head else each.path for each in page.items], page


async def test_a_month_among_friends(moving_clock: MockClock) -> None:
    async with World.open("alice", "bob", "carol") as w:
        await w.alice.befriend(w.bob)
        await w.alice.befriend(w.carol)
        await verbs.new(w.alice.session, "family")
        await verbs.add(w.alice.session, "family", ["bob", "carol"])

        made = await say(w.alice, "we are off", "family")
        w.later(seconds=10)
        assert set(await w.bob.collect()) == {NEWS}
        assert (await shown(w.bob))[0] == ["we are off"]

        # bob answers while alice is away; her client takes it in when it is back
        author = w.alice.session.id
        await w.alice.crash()
        about = About(author, made.id, made.id)
        await comment(w.bob.session, about, "safe travels")
        await w.restart("alice")
        await w.alice.sign_in()
        await gather(w.alice.session, await everyone(w.alice.session))
        (said,) = (await thread(w.carol.session, made.id)).comments
        assert said.text == "safe travels"

        # carol is away for a month; everything is there, in the order in which it was written
        for week in range(4):
            w.later(days=7)
            await say(w.alice, f"week {week}", "family")
            await say(w.bob, f"bob's week {week}", "alice")
        w.later(days=3)
        texts, page = await shown(w.carol)
        assert texts == [*(f"week {week}" for week in (3, 2, 1, 0)), "we are off"]
        assert page.unseen == 5
        await set_marks(w.carol.session, feed=w.carol.around.now())
        other = await w.carol.another_device()
        assert (await shown(other))[1].unseen == 0

        # one home away hides nobody else's posts
        await w.stop("bob")
        texts, page = await shown(w.alice)
        weeks = [f"week {week}" for week in (3, 2, 1, 0)]
        assert [each for each in texts if each.startswith("week")] == weeks
        await w.start("bob")

        # out of the circle: nothing of it any more; who stays keeps it
        await verbs.remove(w.alice.session, "family", ["carol"])
        assert (await shown(w.carol))[0] == []
        with pytest.raises(NotFound):
            await thread(w.carol.session, made.id)
        assert len((await shown(w.bob))[0]) == 5 + 4

        await delete(w.alice.session, w.alice.drive, made.id)
        assert "we are off" not in (await shown(w.bob))[0]
        await block(w.alice.session, "bob")
        assert [each for each in (await shown(w.bob))[0] if each.startswith("week")] == []
