"""Posts, and what a feed says of them: written, read, and no larger than they may be.

A post is a file of its author's; so who may read it, and what it uses, is as for any file. What
another person wrote may be anything: what is beyond these limits is not read, and its text is
shown without characters that move a cursor. See docs/spec/feed.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from formats.dag_cbor import Value, decode, encode
from formats.errors import BadName, Malformed, TooLarge
from formats.fields import Fields, entries
from formats.limits import KIB, NAME
from formats.names import check_name

ITEM: Final = 16
"""Bytes of the id of a post, a comment, a reaction: random, so that who knows it was shown it."""
MAX_POST: Final = 16 * KIB
"""The text of a post, in UTF-8."""
MAX_COMMENT: Final = 4 * KIB
"""The text of a comment."""
MAX_REACTION: Final = 32
"""A reaction: an emoji, or a short word."""
MAX_MEDIA: Final = 16
"""Files of one post."""
MAX_BEFORE: Final = 64
"""Earlier texts that a post keeps; with them it still fits into one leaf."""
MAX_HISTORY: Final = 40 * KIB
EXCERPT: Final = 2 * KIB
"""As much of a post's text stands in the list of the newest."""
MAX_KINDS: Final = 8
"""Different reactions that are counted for one post."""
_TYPE: Final = 127


@dataclass(frozen=True, slots=True)
class Medium:
    """A file beside the post: ``file`` is its name there, ``name`` what it was called."""

    file: str
    name: str
    size: int = 0
    type: str | None = None

    @property
    def value(self) -> dict[str, Value]:
        """As it stands in a post."""
        kind: dict[str, Value] = {} if self.type is None else {"type": self.type}
        return {**kind, "file": self.file, "name": self.name, "size": self.size}

    @classmethod
    def read(cls, fields: Fields) -> "Medium":
        """From a post; raises Malformed."""
        file = fields.text("file", NAME)
        try:
            check_name(file)
        except BadName:
            raise Malformed(f"{_POST}: a file beside it has no name") from None
        return cls(
            file,
            clean(fields.text("name", NAME)),
            fields.uint("size"),
            fields.optional_text("type", _TYPE),
        )


@dataclass(frozen=True, slots=True)
class Before:
    """A text that a post had, until ``time`` (ms)."""

    text: str
    time: int


@dataclass(frozen=True, slots=True)
class Post:
    """A post as its author wrote it. ``time``: when, as they say; ``seq`` counts the edits.

    ``edited``: when it was changed last (ms), 0 if never. ``before``: what it said, the oldest
    first; the list of the newest leaves it out.
    """

    id: bytes
    time: int
    text: str
    seq: int = 0
    edited: int = 0
    media: tuple[Medium, ...] = ()
    before: tuple[Before, ...] = ()

    def changed(self, text: str, now: int) -> "Post":
        """With another text; raises TooLarge. The oldest texts give way."""
        earlier = (*self.before, Before(self.text, now))
        return replace(
            self,
            text=check_text(text, MAX_POST),
            seq=self.seq + 1,
            edited=now,
            before=_kept(earlier),
        )

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept, without what it said before."""
        media: list[Value] = [each.value for each in self.media]
        value: dict[str, Value] = {"id": self.id, "time": self.time, "text": self.text}
        numbers = {"seq": self.seq, "edited": self.edited}
        return value | {k: n for k, n in numbers.items() if n} | ({"media": media} if media else {})

    @property
    def encoded(self) -> bytes:
        """The content of its file."""
        before: list[Value] = [{"text": each.text, "time": each.time} for each in self.before]
        return encode({"v": 1, **self.value, **({"before": before} if before else {})})

    @classmethod
    def decode(cls, data: bytes) -> "Post":
        """From the content of its file; raises Malformed, UnknownVersion."""
        fields = Fields(decode(data), _POST)
        fields.version()
        post = cls.read(fields)
        before = entries(fields.optional_list("before", MAX_BEFORE) or [], _POST)
        return replace(
            post,
            before=tuple(
                Before(clean(each.text("text", MAX_POST)), each.uint("time")) for each in before
            ),
        )

    @classmethod
    def read(cls, fields: Fields) -> "Post":
        """From a map; raises Malformed. What is unknown in it is passed over."""
        return cls(
            id=fields.bytes_("id", ITEM),
            time=fields.uint("time"),
            text=clean(fields.text("text", MAX_POST)),
            seq=fields.optional_uint("seq") or 0,
            edited=fields.optional_uint("edited") or 0,
            media=tuple(
                Medium.read(each)
                for each in entries(fields.optional_list("media", MAX_MEDIA) or [], _POST)
            ),
        )


@dataclass(frozen=True, slots=True)
class Head:
    """A post in the list of the newest. ``cut``: there is more text in its file.

    ``comments`` and ``reactions`` (to the post itself): how many its author took in and are there.
    ``answers``: how many were ever taken in, whatever they answer; it only rises.
    """

    post: Post
    cut: bool = False
    comments: int = 0
    reactions: Mapping[str, int] = field(default_factory=dict)
    answers: int = 0

    @classmethod
    def of(
        cls,
        post: Post,
        comments: int = 0,
        reactions: Mapping[str, int] | None = None,
        answers: int = 0,
    ) -> "Head":
        """Of a post, its text no longer than an excerpt."""
        short = shortened(post.text, EXCERPT)
        head = replace(post, text=short, before=())
        most = sorted((reactions or {}).items(), key=lambda each: (-each[1], each[0]))[:MAX_KINDS]
        return cls(head, short != post.text, comments, dict(most), answers)

    @property
    def value(self) -> dict[str, Value]:
        """As it stands in the list."""
        more: dict[str, Value] = {"cut": True} if self.cut else {}
        if self.comments:
            more["comments"] = self.comments
        if self.reactions:
            more["reactions"] = [{"what": what, "count": n} for what, n in self.reactions.items()]
        if self.answers:
            more["answers"] = self.answers
        return {**self.post.value, **more}

    @classmethod
    def read(cls, fields: Fields) -> "Head":
        """From the list; raises Malformed."""
        post = Post.read(fields)
        reactions = entries(fields.optional_list("reactions", MAX_KINDS) or [], _POST)
        return cls(
            post,
            fields.optional_flag("cut") or False,
            fields.optional_uint("comments") or 0,
            {clean(each.text("what", MAX_REACTION)): each.uint("count") for each in reactions},
            fields.optional_uint("answers") or 0,
        )


def check_text(text: str, most: int) -> str:
    """``text``, if it can be written; raises Malformed, TooLarge."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Malformed("the text is not valid UTF-8") from None
    if not text.strip():
        raise Malformed("there is no text in it", hint="write something")
    if size > most:
        raise TooLarge(
            f"the text has {size} bytes, at most {most}", hint="attach what is longer as a file"
        )
    if clean(text) != text:
        raise Malformed("the text has control characters", hint="only line ends and tabs may be")
    return text


def check_reaction(text: str) -> str:
    """``text``, if it is a reaction: one word or emoji; raises Malformed, TooLarge."""
    check_text(text, MAX_REACTION)
    if len(text.split()) != 1 or text.strip() != text:
        raise Malformed("a reaction is one word, or an emoji")
    return text


def clean(text: str) -> str:
    """The text with a mark in the place of each control character but line feeds and tabs."""
    if text.isprintable():
        return text
    return "".join(_MARK if _is_control(letter) else letter for letter in text)


def shortened(text: str, most: int) -> str:
    """As much of a text as fits into so many bytes of UTF-8."""
    data = text.encode()
    return text if len(data) <= most else data[:most].decode(errors="ignore")


def _is_control(letter: str) -> bool:
    return (ord(letter) < 32 and letter not in "\n\t") or 127 <= ord(letter) < 160


def _kept(before: tuple[Before, ...]) -> tuple[Before, ...]:
    """The newest of these that fit into what a post may keep."""
    room, kept = MAX_HISTORY, list[Before]()
    for each in reversed(before[-MAX_BEFORE:]):
        room -= len(each.text.encode()) + _AROUND
        if room < 0:
            break
        kept.append(each)
    return tuple(reversed(kept))


_AROUND: Final = 32
"""Bytes that a kept text has around it, at most."""
_POST: Final = "post"
_MARK: Final = "\ufffd"
