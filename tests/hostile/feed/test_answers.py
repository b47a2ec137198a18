"""Answers of hostile friends, and hostile authors who gather them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from client.feed.answering import comment
from client.feed.answers import MAX_BODY, Answer, Gathered, Kind
from client.feed.channels import ANSWER, ANSWERS
from client.feed.everyone import everyone
from client.feed.gathering import MAX_OF_ONE, gather
from client.feed.index import AnswerHead
from client.feed.items import MAX_COMMENT, Post
from client.feed.said import Said
from client.feed.thread import MAX_DEPTH, Thread, ordered, thread
from client.session import Session
from crypto.secret import random_bytes
from formats.dag_cbor import encode
from formats.errors import HoldfastError, Malformed, NotFound, TooLarge
from tests.client.feed.people import about, say
from tests.hostile.feed.forging import forge, newest


def signed(
    by: Session,
    to: Session,
    post: bytes,
    text: str = "hi",
    *,
    id: bytes | None = None,
    seq: int = 0,
    time: int = 1,
    under: bytes | None = None,
    signer: Session | None = None,
) -> Answer:
    """An answer by somebody, or that says so."""
    return Answer.make(
        Kind.COMMENT,
        by.chain,
        (to.id, post, under or post),
        (id or random_bytes(16), seq, time),
        text,
        (signer or by).bundle.daily,
    )


async def hand_in(bob: Session, alice: Session, *answers: Answer, **raw: bytes) -> list[str]:
    """Bob's channel says that he answered; what alice does not believe of it, after she looked."""
    heads = [AnswerHead(each.id, each.seq, 1, alice.id, each.post).value for each in answers]
    files = {ANSWER + each.id.hex(): each.encoded for each in answers}
    for name, content in raw.items():
        heads.append(AnswerHead(bytes.fromhex(name[1:]), 0, 1, alice.id, bytes(16)).value)
        files[ANSWER + name[1:]] = content
    await forge(bob, "alice", make=lambda _: {**newest([], list(heads)), **files})
    found = await everyone(alice)
    await gather(alice, found)
    return [each.message for each in found.problems]


def comments(seen: Thread) -> list[str]:
    return [each.text for each in seen.comments]


async def test_nobody_comments_as_somebody_else(
    alice: Session, bob: Session, carol: Session
) -> None:
    made = await say(alice, "hello", "all-contacts")
    forged = [
        signed(carol, alice, made.id, "as carol", signer=bob),
        signed(alice, alice, made.id, "as alice", signer=bob),
        signed(carol, alice, made.id, "carol's own"),
    ]
    problems = await hand_in(bob, alice, *forged)
    assert len(problems) == 3
    assert comments(await thread(alice, made.id)) == []
    assert await hand_in(bob, alice, *forged) == []  # not asked for again


async def test_an_answer_to_what_is_gone_or_not_shown_is_passed_over(
    alice: Session, bob: Session, carol: Session
) -> None:
    secret = await say(alice, "for carol", "carol")
    made = await say(alice, "hello", "all-contacts")
    answers = [
        signed(bob, alice, random_bytes(16), "to nothing"),
        signed(bob, alice, secret.id, "to what I was not shown"),
        signed(bob, carol, made.id, "to another's"),
        signed(bob, alice, made.id, "under nothing", under=random_bytes(16)),
    ]
    await hand_in(bob, alice, *answers)
    assert comments(await thread(carol, secret.id)) == []
    assert comments(await thread(carol, made.id)) == ["under nothing"]


@pytest.mark.parametrize(
    "make",
    [
        lambda good: b"",
        lambda good: b"garbage" * 10,
        lambda good: good[:-1],
        lambda good: good[:100] + bytes([good[100] ^ 1]) + good[101:],
        lambda good: good + b"\0",
        lambda good: b"\0" * 60_000,
        lambda good: encode({"body": bytes(MAX_BODY + 1), "signature": bytes(3374)}),
    ],
    ids=range(7),
)
async def test_garbage_is_passed_over_and_hides_no_other(
    alice: Session, bob: Session, make: Callable[[bytes], bytes]
) -> None:
    made = await say(alice, "hello", "all-contacts")
    good = signed(bob, alice, made.id, "good")
    bad = make(signed(bob, alice, made.id, "bad").encoded)
    problems = await hand_in(bob, alice, good, **{"x" + "ab" * 16: bad})
    assert len(problems) == 1
    assert comments(await thread(alice, made.id)) == ["good"]


async def test_an_old_version_does_not_come_back(alice: Session, bob: Session) -> None:
    made = await say(alice, "hello", "all-contacts")
    first = signed(bob, alice, made.id, "first")
    second = signed(bob, alice, made.id, "second", id=first.id, seq=1)
    await hand_in(bob, alice, second)
    await hand_in(bob, alice, first)
    assert comments(await thread(bob, made.id)) == ["second"]


async def test_another_cannot_change_a_comment(
    alice: Session, bob: Session, carol: Session
) -> None:
    made = await say(alice, "hello", "all-contacts")
    first = signed(bob, alice, made.id, "bob's")
    await hand_in(bob, alice, first)
    await hand_in(carol, alice, signed(carol, alice, made.id, "carol's", id=first.id, seq=5))
    assert comments(await thread(alice, made.id)) == ["bob's"]


async def test_nobody_crowds_out_others(alice: Session, bob: Session, carol: Session) -> None:
    made = await say(alice, "hello", "all-contacts")
    many = [signed(bob, alice, made.id, f"{n}", time=n) for n in range(MAX_OF_ONE + 6)]
    await hand_in(bob, alice, *many[:40])
    await hand_in(bob, alice, *many[40:])
    await comment(carol, about(made, alice), "from carol")
    await gather(alice, await everyone(alice))
    seen = comments(await thread(alice, made.id))
    assert len(seen) == MAX_OF_ONE + 1
    assert "from carol" in seen


async def test_an_author_cannot_make_up_an_answer(
    alice: Session, bob: Session, carol: Session
) -> None:
    """Alice gathers: what carol reads of it she checks herself."""
    made = await say(alice, "hello", "all-contacts")
    other = await say(alice, "another", "all-contacts")
    good = signed(bob, alice, made.id, "good")
    kept = Gathered(good, 1, "bob", bob.chain.encoded)
    forged = signed(bob, alice, made.id, "forged", signer=alice)
    moved = signed(bob, alice, other.id, "about something else")
    lies = {
        good.id: kept,
        forged.id: replace(kept, answer=forged),
        moved.id: replace(kept, answer=moved),
        random_bytes(16): replace(kept, records=alice.chain.encoded),
        random_bytes(16): replace(kept, records=()),
    }
    folder = f"{ANSWERS}{made.id.hex()}"
    files = {f"{folder}/{id.hex()}": each.encoded for id, each in lies.items()}
    files |= {f"{folder}/{'cd' * 16}": b"garbage", f"{folder}/odd name": b"x"}
    await forge(alice, "all-contacts", make=lambda _: files)
    seen = await thread(carol, made.id)
    assert comments(seen) == ["good"]
    assert len(seen.problems) == 6


async def test_an_author_cannot_replace_who_i_know(
    alice: Session, bob: Session, carol: Session
) -> None:
    """Another identity under bob's name is shown by its handle, not as bob."""
    made = await say(alice, "hello", "all-contacts")
    fake = signed(carol, alice, made.id, "I am bob")
    kept = Gathered(fake, 1, "bob", carol.chain.encoded)
    path = f"{ANSWERS}{made.id.hex()}/{fake.id.hex()}"
    await forge(alice, "all-contacts", make=lambda _: {path: kept.encoded})
    (shown,) = (await thread(bob, made.id)).comments
    assert shown.name != "bob"
    assert shown.name.startswith("bob")  # with the fingerprint of another
    assert shown.who == carol.id


def said(id: int, under: int, time: int = 0) -> Said:
    return Said(bytes([id]) * 16, bytes([under]) * 16, Kind.COMMENT, b"", "x", f"{id}", time)


def test_threads_that_go_round_end_and_everything_is_shown_once() -> None:
    post = bytes(16)
    ring = [said(1, 2), said(2, 3), said(3, 1), said(4, 4), said(5, 9), said(6, 0), said(7, 6)]
    shown = ordered(post, ring)
    assert sorted(each.text for each in shown) == ["1", "2", "3", "4", "5", "6", "7"]
    assert [each.text for each in shown][:2] == ["6", "7"]
    chain = [
        Said(n.to_bytes(16, "big"), (n - 1).to_bytes(16, "big"), Kind.COMMENT, b"", "x", "", n)
        for n in range(1, 513)
    ]
    deep = ordered(post, chain)
    assert len(deep) == 512
    assert max(each.depth for each in deep) == MAX_DEPTH


async def test_answering_what_is_gone_says_so(alice: Session, bob: Session) -> None:
    gone = Post(random_bytes(16), 1, "gone")
    with pytest.raises(NotFound):
        await thread(bob, gone.id)
    with pytest.raises(NotFound):
        await comment(alice, about(gone, alice), "to nothing of mine")


async def test_both_sides_of_each_limit(alice: Session, bob: Session) -> None:
    made = await say(alice, "hello", "bob")
    await comment(bob, about(made, alice), "x" * MAX_COMMENT)
    with pytest.raises(TooLarge):
        await comment(bob, about(made, alice), "x" * (MAX_COMMENT + 1))
    with pytest.raises(Malformed):
        await comment(bob, about(made, alice), "\x1b[31mred")
    large = signed(bob, alice, made.id, "x" * MAX_COMMENT).encoded
    assert Answer.decode(large).text == "x" * MAX_COMMENT
    with pytest.raises(HoldfastError):
        Answer.decode(signed(bob, alice, made.id, "x" * (MAX_COMMENT + 1)).encoded)
