"""What people do with the feed, a line each."""

from client.feed.answering import About
from client.feed.answers import Answer
from client.feed.everyone import Item
from client.feed.feed import feed
from client.feed.items import Post
from client.feed.posting import post
from client.session import Session
from client.sharing.drive import own_drive
from client.social.inbox import collect


async def say(
    session: Session,
    text: str,
    *to: str,
    files: tuple[str, ...] = (),
    copies: tuple[str, ...] = (),
) -> Post:
    """Post something."""
    return await post(session, own_drive(session), text, to, files, copies)


async def texts(session: Session, *, hidden: bool = False, person: str | None = None) -> list[str]:
    """What the feed says, the newest first: texts of posts, paths of what is shared."""
    page = await feed(session, hidden=hidden, person=person)
    assert page.problems == []
    return [said(each) for each in page.items]


def said(item: Item) -> str:
    """The text of a post, the path of what is shared."""
    return item.path if item.head is None else item.head.post.text


async def hear(*people: Session) -> None:
    """Everybody deals with what was left for them."""
    for each in people:
        await collect(each)


def about(post: Post, author: Session, under: Answer | None = None) -> About:
    """A post, or a comment below it, to be answered."""
    return About(author.id, post.id, post.id if under is None else under.id)
