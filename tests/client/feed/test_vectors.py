"""The vectors of the feed: read as committed, and made the same again."""

import json

import pytest

from client.feed.answers import Answer, reaction_id
from client.feed.channels import newest_secret
from client.feed.index import Index
from client.feed.items import Post
from crypto.secret import Secret
from formats.errors import Forged, Malformed, UnknownVersion
from formats.identity import IdentityChain
from tests.client.feed.make_vectors import FOLDER, Json, settled


def committed(name: str) -> dict[str, Json]:
    """What is in a file."""
    value = json.loads((FOLDER / f"{name}.json").read_text())
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("name", ["post", "newest"])
def test_they_come_out_the_same(name: str) -> None:
    assert committed(name) == settled()[name]


def test_posts_are_read_and_refused() -> None:
    cases = committed("post")
    assert isinstance(cases["valid"], list)
    assert isinstance(cases["refused"], list)
    for case in cases["valid"]:
        assert isinstance(case, dict)
        post = Post.decode(bytes.fromhex(str(case["hex"])))
        assert post.text == case["text"]
        assert post.encoded.hex() == case["hex"]
    for case in cases["refused"]:
        assert isinstance(case, dict)
        with pytest.raises((Malformed, UnknownVersion)):
            Post.decode(bytes.fromhex(str(case["hex"])))


def test_the_list_of_the_newest() -> None:
    case = committed("newest")
    assert Index.decode(bytes.fromhex(str(case["hex"]))).encoded.hex() == case["hex"]
    folder = Secret(bytes.fromhex(str(case["folder"])))
    assert newest_secret(folder).reveal().hex() == case["secret"]


def test_answers_are_verified() -> None:
    cases = committed("answer")
    assert isinstance(cases["chain"], list)
    assert isinstance(cases["valid"], list)
    chain = IdentityChain.decode([bytes.fromhex(str(each)) for each in cases["chain"]])
    for case in cases["valid"]:
        assert isinstance(case, dict)
        answer = Answer.decode(bytes.fromhex(str(case["hex"])))
        answer.verify(chain)
        assert answer.kind == case["kind"]
        if case["kind"] == "reaction":
            assert answer.id == reaction_id(chain.id, answer.post)
    with pytest.raises(Forged):
        Answer.decode(bytes.fromhex(str(cases["forged"]))).verify(chain)
