"""Posts and comments by the beginnings of their ids, as people type them."""

from typing import Final

from client.feed.everyone import Everyone, Item
from client.feed.items import ITEM
from client.feed.said import Said
from client.feed.thread import Thread
from formats.errors import NotFound, Usage

MIN_LETTERS: Final = 4
"""Letters of an id that are enough, where no other begins with them."""


def whole(text: str) -> bytes | None:
    """An id that was written whole; raises Usage for what is none, or too little of one."""
    word = text.strip().lower()
    if not (MIN_LETTERS <= len(word) <= 2 * ITEM and word.isascii() and _is_hex(word)):
        raise Usage(f"'{text}' is no id of a post or a comment", hint=_LOOK)
    return bytes.fromhex(word) if len(word) == 2 * ITEM else None


def find_item(found: Everyone, text: str, now: int) -> Item | None:
    """The one thing whose id begins so; None if there is none. Raises Usage if there are more."""
    whole(text)
    begins = text.strip().lower()
    fits = [each for each in found.items(now) if each.id.hex().startswith(begins)]
    if len(fits) > 1:
        raise Usage(f"several posts have ids that begin with '{text}'", hint="write more of it")
    return fits[0] if fits else None


def find_said(seen: Thread, text: str) -> Said:
    """The one comment of a post whose id begins so; raises NotFound, Usage."""
    whole(text)
    begins = text.strip().lower()
    fits = [each for each in seen.comments if each.id.hex().startswith(begins)]
    if len(fits) > 1:
        raise Usage(f"several comments have ids that begin with '{text}'", hint="write more of it")
    if not fits:
        raise NotFound(f"there is no comment '{text}' under that post", hint=_LOOK)
    return fits[0]


def _is_hex(word: str) -> bool:
    return all(letter in "0123456789abcdef" for letter in word)


_LOOK: Final = "'holdfast feed' shows ids of posts, 'holdfast post show POST' those of comments"
