"""Records of any size: kept in one file or in pieces, and nothing of an older one stays."""

import pytest

from client.session import Session
from client.social.pieces import CUT, MOST, PIECE, Cut, cut, name_of
from client.social.store import CONTACTS, PIECES, System, change, look
from client.space.reading import Changing
from crypto.secret import random_bytes
from crypto.signing import LOCK_KEY_SIZE
from formats.dag_cbor import decode
from formats.errors import Damaged, TooLarge
from formats.fields import Fields
from formats.leaf import Leaf
from formats.limits import INLINE
from tests.world.world import World

WHERE = (CONTACTS, "somebody")
RENEWED = 10
"""Times that keys are renewed: an identity of eleven records has more than 64 KiB."""


async def keep(session: Session, data: bytes) -> None:
    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await system.put(WHERE, {"data": data})
        await system.flush()

    await change(session, operation)


async def kept(session: Session) -> bytes:
    """As it is found by each way of reading."""
    system = await look(session)
    fields = await system.get(WHERE, "somebody")
    assert fields is not None
    data = fields.bytes_("data")
    every = await system.all(CONTACTS)
    assert every["somebody"].bytes_("data") == data
    read = await system.all_as(lambda found: found.bytes_("data"), CONTACTS)
    assert read == {"somebody": data}
    assert await system.get_as(lambda found: found.bytes_("data"), *WHERE) == data
    return data


async def pieces(session: Session) -> dict[str, bytes]:
    """Every piece there is, by its name: the label that it is under."""
    folder = await (await look(session)).find(PIECES)
    entries = [] if folder is None else (await folder.listing()).entries
    return {each.name: each.keys.label for each in entries}


@pytest.mark.parametrize("size", [1, INLINE - 100, INLINE, PIECE * 2 + 1, PIECE * MOST - 100])
async def test_a_record_of_any_size_comes_back(alice: Session, size: int) -> None:
    data = random_bytes(size)
    await keep(alice, data)
    assert await kept(alice) == data
    whole = await pieces(alice)
    assert bool(whole) == (size >= INLINE)


async def test_nothing_of_a_larger_one_stays(alice: Session) -> None:
    await keep(alice, b"")
    await keep(alice, random_bytes(PIECE * 5))
    assert len(await pieces(alice)) == 6
    await keep(alice, random_bytes(PIECE * 3))
    assert len(await pieces(alice)) == 4
    await keep(alice, b"small")
    assert (await kept(alice), await pieces(alice)) == (b"small", {})
    await keep(alice, random_bytes(PIECE * 3))

    async def operation(changing: Changing) -> None:
        system = System(alice, changing)
        await system.remove(*WHERE)
        await system.flush()

    await change(alice, operation)
    assert await pieces(alice) == {}
    assert await (await look(alice)).get(WHERE, "somebody") is None


async def test_a_piece_that_was_spoilt_is_noticed_and_written_anew(alice: Session) -> None:
    data = random_bytes(PIECE * 3)
    await keep(alice, data)
    label = (await pieces(alice))[name_of(WHERE, 1)]

    async def spoil(changing: Changing) -> None:
        changing.put(label, Leaf(bytes(LOCK_KEY_SIZE), header=b"nonsense"))

    await change(alice, spoil)
    with pytest.raises(Damaged):
        await kept(alice)
    await keep(alice, data)
    assert await kept(alice) == data


def test_a_piece_that_is_missing_or_another_is_noticed() -> None:
    content = random_bytes(PIECE * 3)
    mark, parts = cut(content, "it")
    fields = Fields(decode(mark), "it")
    assert fields.version(known=(CUT,)) == CUT
    found = Cut(fields)
    assert found.pieces == len(parts) == 3
    for wrong in (parts[:2], parts[::-1], [*parts, b"x"], [], [parts[0], parts[1], parts[1]]):
        with pytest.raises(Damaged, match="do not fit"):
            found.joined(wrong)


def test_there_is_an_end() -> None:
    assert len(cut(bytes(PIECE * MOST), "it")[1]) == MOST
    with pytest.raises(TooLarge, match="at most"):
        cut(bytes(PIECE * MOST + 1), "it")


async def test_who_renewed_their_keys_often_is_still_known() -> None:
    async with World.open("alice", "bob", "carol") as w:
        await w.alice.befriend(w.bob)
        await w.alice.put("album/a.txt", b"a picture")
        await w.alice.share("album", "bob")
        for _ in range(RENEWED):
            await w.alice.renew_keys()
            await w.bob.collect()
        await w.alice.put("more/b.txt", b"another")
        await w.alice.share("more", "bob")
        await w.bob.collect()
        assert await w.bob.read("/alice/album/a.txt") == b"a picture"
        assert await w.bob.read("/alice/more/b.txt") == b"another"
        assert await pieces(w.bob.session)
        await w.alice.follow(await w.carol.card())  # whose request brings as many records along
        await w.carol.collect()
        await w.carol.accept("alice", back=True)
        assert "carol" in await w.alice.contacts()
        await w.alice.collect()
        await w.alice.share("more", "carol")
        await w.carol.collect()
        assert await w.carol.read("/alice/more/b.txt") == b"another"
