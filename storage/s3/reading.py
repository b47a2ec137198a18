"""Reading packs that are objects, a piece at a time, through the cache.

A block whose hash does not fit was damaged in the cache, on its way, or in the bucket: it is
fetched again, and if it is the same again it is handed on as it is, as from any disk: who
asked checks it, and ``verify`` tells of it.
"""

from collections.abc import Iterator
from typing import Final

from formats.cid import Cid
from formats.errors import MissingBlock
from storage.packs import RECORD, Pack, pack_name, pack_number, walk_records
from storage.s3.bucket import Bucket
from storage.s3.cache import PIECE, Cache

FOLDER: Final = "packs/"
"""What the names of packs begin with."""

_AHEAD: Final = 4
"""Pieces fetched at once by who reads one after another."""


def key_of(pack: int) -> str:
    """The object of a pack."""
    return FOLDER + pack_name(pack)


def number_of(key: str) -> int | None:
    """The pack of an object, or None for an object that is none."""
    return pack_number(key.removeprefix(FOLDER)) if key.startswith(FOLDER) else None


class ObjectReader:
    """``PackReading`` in a bucket, for one function in one thread."""

    def __init__(self, bucket: Bucket, cache: Cache | None) -> None:
        self._bucket = bucket
        self._cache = cache
        self._held: dict[tuple[int, int], bytes] = {}  # what was fetched last
        self._last: tuple[int, int] | None = None  # the last piece that was read

    def read(self, cid: Cid, pack: int, place: int, size: int) -> bytes:
        """The bytes of a block; ``MissingBlock`` when the object ends before, or is not there."""
        data = self._range(pack, place, size)
        if len(data) != size or not cid.matches(data):
            self._forget(pack, place, size)
            data = self._range(pack, place, size)
        if len(data) != size:
            raise MissingBlock.of(cid)
        return data

    def records(self, pack: Pack, start: int) -> Iterator[tuple[int, Cid, int]]:
        """(place, cid, size) of each record from offset ``start`` on."""
        return walk_records(pack, start, lambda at: self._range(pack.id, at, RECORD))

    def sizes(self) -> dict[int, int]:
        """The packs that are there, and their sizes in bytes. Lists the whole bucket."""
        found = {number_of(each.key): each.size for each in self._bucket.listed(FOLDER)}
        return {pack: size for pack, size in found.items() if pack is not None}

    def close(self) -> None:
        """Let go of what was fetched."""
        self._held.clear()

    def _range(self, pack: int, start: int, size: int) -> bytes:
        parts = []
        while size > 0:
            number, within = divmod(start, PIECE)
            wanted = min(size, PIECE - within)
            part = self._of_piece((pack, number), within, wanted)
            parts.append(part)
            if len(part) < wanted:
                break
            start, size = start + wanted, size - wanted
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _of_piece(self, piece: tuple[int, int], start: int, size: int) -> bytes:
        held = self._held.get(piece)
        if held is None and self._cache is not None:
            kept = self._cache.read(piece, start, size)
            if kept is not None:
                self._last = piece
                return kept
        if held is None:
            held = self._fetch(piece)
        self._last = piece
        return held[start : start + size]

    def _fetch(self, piece: tuple[int, int]) -> bytes:
        pack, first = piece
        goes_on = self._last is not None and self._last == (pack, first - 1)
        count = _AHEAD if goes_on else 1
        data = self._bucket.get(key_of(pack), first * PIECE, count * PIECE) or b""
        self._held = {
            (pack, first + at): data[at * PIECE : (at + 1) * PIECE]
            for at in range(max(1, -(-len(data) // PIECE)))
        }
        if self._cache is not None and data:
            for place, each in self._held.items():
                self._cache.keep(place, each)
        return self._held[piece]

    def _forget(self, pack: int, start: int, size: int) -> None:
        for number in range(start // PIECE, (start + size - 1) // PIECE + 1):
            self._held.pop((pack, number), None)
            if self._cache is not None:
                self._cache.drop((pack, number))
