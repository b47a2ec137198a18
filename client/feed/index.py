"""The list of the newest: one small file beside an author's posts, read first.

It has the newest posts, with the beginnings of their texts, and which answers of the author
are there. So one leaf shows a month, and more, of what somebody wrote. It is made from the posts,
which are what counts; what is older than ``floor`` is not in it, and is read by month.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from client.feed.items import ITEM, Head
from formats.dag_cbor import Value, decode, encode
from formats.errors import Malformed
from formats.fields import Fields
from formats.limits import ID, INLINE, KIB

MAX_POSTS: Final = 256
MAX_ANSWERS: Final = 128
MAX_BYTES: Final = 60 * KIB
"""As large a list may be: it must fit into a leaf."""
_WHAT: Final = "list of the newest posts"


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """An answer of the author's, in a file of its own: to a post of ``to``, changed at ``time``."""

    id: bytes
    seq: int
    time: int
    to: bytes
    post: bytes

    @property
    def value(self) -> dict[str, Value]:
        """As it stands in the list."""
        ids: dict[str, Value] = {"id": self.id, "to": self.to, "post": self.post}
        return {**ids, "seq": self.seq, "time": self.time}

    @classmethod
    def read(cls, fields: Fields) -> "AnswerHead":
        """From the list; raises Malformed."""
        return cls(
            fields.bytes_("id", ITEM),
            fields.uint("seq"),
            fields.uint("time"),
            fields.bytes_("to", ID),
            fields.bytes_("post", ITEM),
        )


@dataclass(frozen=True, slots=True)
class Index:
    """The newest of one author for one audience, the newest first.

    ``floor``: every post of a later time (ms) is in it. ``bad``: how many could not be read.
    """

    posts: tuple[Head, ...] = ()
    answers: tuple[AnswerHead, ...] = ()
    floor: int = 0
    bad: int = field(default=0, compare=False)

    def post(self, id: bytes) -> Head | None:
        """What it says of a post."""
        return next((each for each in self.posts if each.post.id == id), None)

    def with_post(self, head: Head) -> "Index":
        """With a post, new or instead of what it was; one below the floor stays out."""
        others = [each for each in self.posts if each.post.id != head.post.id]
        if head.post.time > self.floor or not self.floor:
            others.append(head)
        return _fitting(others, self.answers, self.floor)

    def without_post(self, id: bytes) -> "Index":
        """Without a post."""
        kept = [each for each in self.posts if each.post.id != id]
        return _fitting(kept, self.answers, self.floor)

    def with_answer(self, head: AnswerHead) -> "Index":
        """With an answer, new or instead of what it was."""
        others = [each for each in self.answers if each.id != head.id]
        return _fitting(self.posts, (*others, head), self.floor)

    @property
    def encoded(self) -> bytes:
        """The content of its file."""
        posts: list[Value] = [each.value for each in self.posts]
        answers: list[Value] = [each.value for each in self.answers]
        return encode({"v": 1, "floor": self.floor, "posts": posts, "answers": answers})

    @classmethod
    def decode(cls, data: bytes) -> "Index":
        """From the content of its file. What is wrong with one of them hides no other.

        Raises Malformed, UnknownVersion where nothing can be read at all.
        """
        if len(data) > INLINE:
            raise Malformed(f"{_WHAT}: {len(data)} bytes, at most {INLINE}")
        fields = Fields(decode(data), _WHAT)
        fields.version()
        posts, bad = list[Head](), 0
        for each in fields.list_("posts", MAX_POSTS):
            try:
                posts.append(Head.read(Fields(each, _WHAT)))
            except Malformed:
                bad += 1
        answers = list[AnswerHead]()
        for each in fields.list_("answers", MAX_ANSWERS):
            try:
                answers.append(AnswerHead.read(Fields(each, _WHAT)))
            except Malformed:
                bad += 1
        return cls(_sorted(_once(posts)), tuple(answers), fields.uint("floor"), bad)


def _fitting(posts: Iterable[Head], answers: Iterable[AnswerHead], floor: int) -> Index:
    """The newest of these that fit; the floor rises to what was left out."""
    newest = sorted(answers, key=lambda each: (-each.time, each.id))[:MAX_ANSWERS]
    room = MAX_BYTES - sum(len(encode(each.value)) for each in newest) - _AROUND
    kept = list[Head]()
    for each in _sorted(posts):
        room -= len(encode(each.value))
        if room < 0 or len(kept) == MAX_POSTS:
            floor = max(floor, each.post.time)
            break
        kept.append(each)
    shown = [each for each in kept if each.post.time > floor or not floor]
    return Index(tuple(shown), tuple(newest), floor)


def _once(posts: Iterable[Head]) -> list[Head]:
    """Of several with one id the one that was changed most often."""
    found: dict[bytes, Head] = {}
    for each in posts:
        known = found.get(each.post.id)
        if known is None or each.post.seq > known.post.seq:
            found[each.post.id] = each
    return list(found.values())


def _sorted(posts: Iterable[Head]) -> tuple[Head, ...]:
    return tuple(sorted(posts, key=lambda each: (-each.post.time, each.post.id)))


_AROUND: Final = 64
"""Bytes around the two lists, at most."""
