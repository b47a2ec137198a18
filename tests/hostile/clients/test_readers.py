"""Readers who should not read: whatever they show, they hear one and the same word."""

from collections.abc import Callable

import pytest
import trio

from formats.errors import Denied
from formats.read_proof import MAX_LIFE, ReadProof
from node.services.door import BEAT
from protocols import blocks as b
from tests.hostile.clients.conftest import Home
from tests.node.people import (
    NOW,
    item,
    label,
    leaf,
    lock_key,
    proof,
    prove_member,
    prove_reader,
    read,
    segment,
    signing_key,
)

PLACE = label("photo")
LOCK = lock_key("photo")
READER = lock_key("reader", "mallory")


async def photo(home: Home) -> None:
    """Alice puts a photo that she showed nobody."""
    part = segment("photo")
    made = leaf(LOCK, "photo", segments=[part])
    await home.alice.space.commit(home.hers, {PLACE: made}, segments=[part])


def good(home: Home) -> ReadProof:
    return proof(home.his, LOCK, READER, home.alice.space, PLACE)


def of_another_lock(home: Home) -> ReadProof:
    return proof(home.his, lock_key("guessed"), READER, home.alice.space, PLACE)


def for_another_label(home: Home) -> ReadProof:
    return proof(home.his, LOCK, READER, home.alice.space, label("other"))


def for_another_space(home: Home) -> ReadProof:
    return proof(home.his, LOCK, READER, home.mallory.space, PLACE)


def for_another_server(home: Home) -> ReadProof:
    return proof(home.his, LOCK, READER, home.alice.space, PLACE, server=b"another home")


def by_another_reader(home: Home) -> ReadProof:
    """Overheard: made for Bob, shown by Mallory."""
    return proof(home.his, LOCK, lock_key("reader", "bob"), home.alice.space, PLACE)


def expired(home: Home) -> ReadProof:
    return proof(home.his, LOCK, READER, home.alice.space, PLACE, expires=NOW)


def that_lives_too_long(home: Home) -> ReadProof:
    return proof(home.his, LOCK, READER, home.alice.space, PLACE, expires=NOW + MAX_LIFE + 1)


def with_an_altered_signature(home: Home) -> ReadProof:
    made = good(home)
    return ReadProof(made.expires, bytes([made.signature[0] ^ 1]) + made.signature[1:])


def with_another_expiry(home: Home) -> ReadProof:
    made = good(home)
    return ReadProof(made.expires + 1, made.signature)


WRONG = [
    of_another_lock,
    for_another_label,
    for_another_space,
    for_another_server,
    by_another_reader,
    expired,
    that_lives_too_long,
    with_an_altered_signature,
    with_another_expiry,
]


async def test_the_proof_itself_is_good(home: Home) -> None:
    await photo(home)
    await prove_reader(home.his, "mallory")
    found = await home.his.blocks.read(read(home.alice.space, item(PLACE, good(home))))
    assert found.here == (True,)


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_proof_opens_nothing(home: Home, wrong: Callable[[Home], ReadProof]) -> None:
    await photo(home)
    await prove_reader(home.his, "mallory")
    with pytest.raises(Denied, match="there is nothing here for you"):
        await home.his.blocks.read(read(home.alice.space, item(PLACE, wrong(home), all=True)))


@pytest.mark.parametrize("shown", [None, b"", b"garbage", bytes(256)])
async def test_no_proof_opens_nothing(home: Home, shown: bytes | None) -> None:
    await photo(home)
    await prove_reader(home.his, "mallory")
    with pytest.raises(Denied, match="there is nothing here for you"):
        await home.his.blocks.read(read(home.alice.space, b.Item(PLACE, shown, (), True)))


async def test_a_good_proof_is_nothing_on_a_connection_that_did_not_prove_the_reader(
    home: Home,
) -> None:
    await photo(home)
    await prove_reader(home.node.open(), "mallory")
    with pytest.raises(Denied):
        await home.his.blocks.read(read(home.alice.space, item(PLACE, good(home))))


@pytest.mark.parametrize("key", ["own", "made up"])
async def test_a_foreign_member_key_is_no_membership(home: Home, key: str) -> None:
    await photo(home)
    member = home.mallory.member if key == "own" else signing_key("made up")
    await prove_member(home.his, home.alice.space, member)
    with pytest.raises(Denied):
        await home.his.blocks.read(read(home.alice.space, item(PLACE, all=True)))
    with pytest.raises(Denied):
        await home.his.blocks.read(read(home.alice.space, nodes=(home.alice.space.root.tree,)))


async def test_to_a_stranger_all_that_may_not_be_read_is_alike(
    home: Home, autojump_clock: object
) -> None:
    """Present, absent, retired, without proof, an old root, no such space: kind, words and time."""
    await photo(home)
    await prove_reader(home.his, "mallory")
    old = home.alice.space.root.block.cid
    retired, taken = label("retired"), lock_key("retired")
    await home.alice.space.commit(home.hers, {retired: leaf(taken, "r")})
    await home.alice.space.commit(home.hers, retire=[retired])
    space, bad = home.alice.space, of_another_lock(home)
    nobody = home.mallory.new_space("nowhere")
    requests = [
        read(space, item(PLACE, bad)),
        read(space, item(label("absent"), bad)),
        read(space, item(retired, proof(home.his, taken, READER, space, retired))),
        read(space, item(PLACE)),
        read(space, item(PLACE, good(home)), root=segment("no root").cid),
        read(space, item(PLACE, bad), root=old),
        read(space, nodes=(space.root.tree,)),
        read(space, nodes=(segment("absent").cid,)),
        read(space),
        read(nobody, item(PLACE, bad)),
        read(nobody),
    ]
    heard = set()
    for request in requests:
        started = trio.current_time()
        with pytest.raises(Denied) as refused:
            await home.his.blocks.read(request)
        heard.add((str(refused.value), round(trio.current_time() - started, 6)))
    assert heard == {("there is nothing here for you", BEAT)}


@pytest.mark.parametrize("many", [1, 64, 65, 200])
async def test_asking_often_for_the_same_does_not_add_up(
    home: Home, autojump_clock: object, many: int
) -> None:
    """What one item takes more if it is there would show in a thousand that are answered at once.

    So the longer the question, the longer the time to which its answer is held back.
    """
    await photo(home)
    await prove_reader(home.his, "mallory")
    space, bad = home.alice.space, of_another_lock(home)
    heard = {
        await refusal(home, read(space, *[item(each, bad)] * many))
        for each in (PLACE, label("absent"))
    }
    [(words, seconds)] = heard
    assert words == "there is nothing here for you"
    assert seconds == pytest.approx(BEAT * -(-many // 64))


async def refusal(home: Home, request: b.Read) -> tuple[str, float]:
    started = trio.current_time()
    with pytest.raises(Denied) as refused:
        await home.his.blocks.read(request)
    return str(refused.value), round(trio.current_time() - started, 6)


async def test_something_granted_beside_tells_nothing_of_the_rest(
    home: Home, autojump_clock: object
) -> None:
    """A reader of one photo asks for others too: what is not theirs is as if it was not there."""
    await photo(home)
    hidden = label("hidden")
    await home.alice.space.commit(home.hers, {hidden: leaf(lock_key("hidden"), "h")})
    await prove_reader(home.his, "mallory")
    space, bad = home.alice.space, of_another_lock(home)
    heard = set()
    for each in (hidden, label("absent")):
        started = trio.current_time()
        found = await home.his.blocks.read(
            read(space, item(PLACE, good(home)), *[item(each, bad)] * 99)
        )
        heard.add((found.here, found.rest, len(found.blocks), trio.current_time() - started))
    assert len(heard) == 1
    [(here, _, _, seconds)] = heard
    assert here == (True, *[False] * 99)
    assert seconds == pytest.approx(BEAT * 2)


async def test_who_is_granted_all_they_ask_for_does_not_wait(
    home: Home, autojump_clock: object
) -> None:
    await photo(home)
    await prove_reader(home.his, "mallory")
    started = trio.current_time()
    await home.his.blocks.read(read(home.alice.space, item(PLACE, good(home))))
    await home.hers.blocks.read(read(home.alice.space, item(label("absent"))))
    assert trio.current_time() == started


async def test_after_revoking_neither_new_nor_old_is_handed_out(home: Home) -> None:
    await photo(home)
    await prove_reader(home.his, "mallory")
    old = home.alice.space.root.block.cid
    shown = good(home)
    assert (await home.his.blocks.read(read(home.alice.space, item(PLACE, shown)))).here == (True,)
    await home.alice.space.commit(home.hers, retire=[PLACE])
    for root in (None, old, home.alice.space.root.block.cid):
        with pytest.raises(Denied):
            await home.his.blocks.read(read(home.alice.space, item(PLACE, shown), root=root))
