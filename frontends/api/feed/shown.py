"""Posts, comments and notifications as JSON. Times in milliseconds; ids in hex."""

from client.feed.everyone import Item
from client.feed.items import Post
from client.feed.notes import Note
from client.feed.notifications import Notification
from client.feed.said import Said
from frontends.api.reply import Json


def item(each: Item) -> dict[str, Json]:
    """One thing in the feed: a post has ``text``, what was shared has ``kind``."""
    value: dict[str, Json] = {
        "id": each.id.hex(),
        "who": each.name,
        "time": each.time,
        "claimed": each.claimed,
        "first": each.first,
        "path": each.path,
        "new": each.is_new,
    }
    flags: dict[str, Json] = {"hidden": each.hidden, "older": each.older}
    value |= {name: flag for name, flag in flags.items() if flag}
    if each.head is None:
        return value | {"kind": str(each.kind), "size": each.size}
    head = each.head
    reactions: list[Json] = [{"what": what, "count": n} for what, n in head.reactions.items()]
    value |= _post(head.post, each.path)
    return value | {"cut": head.cut, "comments": head.comments, "reactions": reactions}


def whole(post: Post, name: str, path: str) -> dict[str, Json]:
    """A post, with what it said before."""
    before: list[Json] = [{"text": each.text, "until": each.time} for each in post.before]
    value: dict[str, Json] = {"id": post.id.hex(), "who": name, "time": post.time, "path": path}
    return value | _post(post, path) | {"before": before}


def said(each: Said) -> dict[str, Json]:
    """A comment or a reaction."""
    return {
        "id": each.id.hex(),
        "under": each.under.hex(),
        "who": each.name,
        "text": each.text,
        "time": each.time,
        "edits": each.seq,
        "depth": each.depth,
        "waiting": each.waiting,
    }


def notice(each: Notification) -> dict[str, Json]:
    """A notification."""
    value: dict[str, Json] = {
        "time": each.time,
        "kind": each.kind,
        "who": each.name,
        "said": each.said,
        "new": each.is_new,
    }
    ids = {"post": each.post, "under": each.under, "id": each.id}
    return value | {name: id.hex() for name, id in ids.items() if id}


def noted(note: Note, name: str) -> dict[str, Json]:
    """A notification that came just now."""
    return notice(
        Notification(
            note.time, note.kind, name, note.said, note.post, note.under, note.id, is_new=True
        )
    )


def _post(post: Post, path: str) -> dict[str, Json]:
    media: list[Json] = [
        {"path": f"{path}/{each.file}", "name": each.name, "size": each.size, "type": each.type}
        for each in post.media
    ]
    return {"text": post.text, "edits": post.seq, "edited": post.edited, "media": media}
