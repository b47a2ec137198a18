"""START HERE: the calls of the feed."""

from typing import Final

from frontends.api.feed import comments, notices, posts, reading
from frontends.api.routes import Nothing, call

FEED: Final = (
    call("feed", reading.Asked, reading.read),
    call("feed/seen", Nothing, reading.seen),
    call("feed/hide", reading.Hiding, reading.hiding),
    call("feed/watch", Nothing, reading.watch, listens=True),
    call("post/new", posts.Posting, posts.new),
    call("post/edit", posts.Editing, posts.edit),
    call("post/delete", posts.Which, posts.delete),
    call("post/show", posts.Which, posts.show),
    call("comment/add", comments.Commenting, comments.add),
    call("comment/edit", comments.Editing, comments.edit),
    call("comment/delete", comments.Deleting, comments.delete),
    call("react", comments.Reacting, comments.react),
    call("notifications", notices.Asked, notices.read),
    call("notifications/seen", Nothing, notices.seen),
)
"""In the order of the documents."""
