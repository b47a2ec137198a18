"""Make the vectors of the feed anew: python -m tests.client.feed.make_vectors

Posts and lists come out the same in every run, and a test compares them with what is
committed. Answers have hybrid signatures, which do not; a test reads what is committed.
"""

import json
from pathlib import Path
from typing import Final

from client.feed.answers import Answer, Kind, reaction_id
from client.feed.channels import newest_secret
from client.feed.index import AnswerHead, Index
from client.feed.items import MAX_MEDIA, Head, Medium, Post
from client.feed.names import stem
from crypto.hashing import sha256
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.dag_cbor import Value, encode
from formats.identity import IdentityChain, IdentityRecord

FOLDER: Final = Path(__file__).parents[2] / "vectors" / "feed"
Json = bool | int | str | list["Json"] | dict[str, "Json"] | None
TIME: Final = 1_764_370_000_000


def id_of(word: str) -> bytes:
    """Sixteen bytes from a word."""
    return sha256(word.encode())[:16]


def posts() -> list[Post]:
    """A short one, one with everything, and one of 1970; the longest are left to other tests."""
    media = (Medium(f"{stem(TIME, id_of('full'))}-1.jpg", "the lake.jpg", 1234, "image/jpeg"),)
    full = Post(id_of("full"), TIME, "one", media=media).changed("two", TIME + 1)
    return [Post(id_of("short"), TIME, "hello"), full, Post(id_of("old"), 0, "x")]


def refused_posts() -> dict[str, Value]:
    """What is no post, and why."""
    good: dict[str, Value] = {"v": 1, "id": id_of("x"), "time": 1, "text": "x"}
    medium: dict[str, Value] = {"file": "a", "name": "a", "size": 1}
    return {
        "another version": good | {"v": 2},
        "no text": {name: value for name, value in good.items() if name != "text"},
        "a short id": good | {"id": b"x" * 15},
        "a time before 1970": good | {"time": -1},
        "a time too far": good | {"time": 2**53 + 1},
        "a file that is a path": good | {"media": [medium | {"file": "../a"}]},
        "too many files": good | {"media": [medium] * (MAX_MEDIA + 1)},
        "not a map": [1],
    }


def index() -> Index:
    """Two posts, with answers and reactions, and two answers."""
    made = Index(floor=5)
    for each in posts()[:2]:
        made = made.with_post(Head.of(each, 2, {"yes": 3}, 6))
    to, post = sha256(b"bob"), id_of("bob's post")
    return made.with_answer(AnswerHead(id_of("answer"), 1, TIME, to, post))


def settled() -> dict[str, Json]:
    """What comes out the same in every run."""
    return {
        "post": {
            "valid": [{"hex": each.encoded.hex(), "text": each.text} for each in posts()],
            "refused": [
                {"name": name, "hex": encode(value).hex()}
                for name, value in refused_posts().items()
            ],
        },
        "newest": {
            "hex": index().encoded.hex(),
            "folder": (bytes(31) + b"\1").hex(),
            "secret": newest_secret(Secret(bytes(31) + b"\1")).reveal().hex(),
        },
    }


def answers() -> Json:
    """One of each kind, under one identity, and what is refused."""
    signer, daily, after = (
        SigningKey.from_seed(Secret(sha256(word.encode()))) for word in ("1", "2", "3")
    )
    record = IdentityRecord.first(signer, daily.verify_key, after.verify_key.digest(), TIME)
    chain = IdentityChain((record,))
    to, post = sha256(b"author"), id_of("post")

    def made(kind: Kind, id: bytes, seq: int, text: str) -> str:
        number = (id, seq, TIME)
        return Answer.make(kind, chain, (to, post, post), number, text, daily).encoded.hex()

    comment, reaction = id_of("comment"), reaction_id(chain.id, post)
    return {
        "chain": [each.hex() for each in chain.encoded],
        "valid": [
            {"kind": "comment", "hex": made(Kind.COMMENT, comment, 0, "hi")},
            {"kind": "reaction", "hex": made(Kind.REACTION, reaction, 0, "y")},
            {"kind": "gone", "hex": made(Kind.GONE, comment, 1, "")},
        ],
        "forged": made(Kind.COMMENT, comment, 0, "hi").replace(b"hi".hex(), b"ho".hex(), 1),
    }


def write(name: str, value: Json) -> None:
    """One file."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    for each, value in {**settled(), "answer": answers()}.items():
        write(each, value)
