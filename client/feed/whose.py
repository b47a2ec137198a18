"""Whose a post is, by what was seen of the feed: then nobody but its author needs to be asked."""

from client.feed import marks
from client.feed.channels import own_channels
from client.session import Session
from client.sharing.theirs import visible
from client.social import contacts
from client.social.store import look


async def author_of(session: Session, begins: str) -> str | None:
    """The name of whoever made the one thing whose id begins so (hex, small letters).

    None if nothing like that was seen here, or several things were: then everybody is asked, as
    for what came since the last look.
    """
    system = await look(session)
    seen, _ = await marks.everything(system)
    fits = {
        (who, id) for who, each in seen.items() for id in each.things if id.hex().startswith(begins)
    }
    for channel in await own_channels(system):
        posts = (await channel.index()).posts
        fits |= {(session.id, x.post.id) for x in posts if x.post.id.hex().startswith(begins)}
    if len(fits) != 1:
        return None
    ((who, _),) = fits
    if who == session.id:
        return session.name
    known = await contacts.get(system, who)
    return known.name if known is not None and visible(known) and not known.blocked else None
