"""What is kept in memory of what was verified, and what gives way."""

import pytest

from client.space.cache import BlockCache
from formats.cid import Block
from formats.errors import MissingBlock

SIZE = 1000
LIMIT = 40 * 1024
"""Room for some thirty blocks."""


def block(number: int) -> Block:
    return Block.raw(number.to_bytes(4, "big") * (SIZE // 4))


def kept(cache: BlockCache, numbers: range) -> list[int]:
    return [number for number in numbers if cache.has(block(number).cid)]


def test_what_is_kept_is_found_and_all_else_is_missing() -> None:
    cache = BlockCache(LIMIT)
    cache.put(block(1))
    assert cache.load(block(1).cid) == block(1).data
    with pytest.raises(MissingBlock):
        cache.load(block(2).cid)
    cache.clear()
    assert not cache.has(block(1).cid)


def test_the_limit_holds_whatever_comes_and_is_asked_for() -> None:
    cache = BlockCache(LIMIT)
    for number in range(200):
        cache.put(block(number))
        cache.load(block(number).cid)
        assert len(kept(cache, range(number + 1))) * SIZE <= LIMIT
    assert len(kept(cache, range(200))) * SIZE > LIMIT // 2


def test_the_oldest_gives_way_first() -> None:
    cache = BlockCache(LIMIT)
    for number in range(100):
        cache.put(block(number))
    left = kept(cache, range(100))
    assert left == list(range(left[0], 100))


def test_what_is_asked_for_again_outlives_what_comes_by_once() -> None:
    cache = BlockCache(LIMIT)
    for number in range(5):
        cache.put(block(number))
        cache.load(block(number).cid)
    for number in range(100, 1000):
        cache.put(block(number))
    assert kept(cache, range(5)) == [0, 1, 2, 3, 4]


def test_what_is_not_asked_for_any_more_goes_at_last() -> None:
    cache = BlockCache(LIMIT)
    for number in range(100):
        cache.put(block(number))
        cache.load(block(number).cid)
    assert kept(cache, range(50)) == []
