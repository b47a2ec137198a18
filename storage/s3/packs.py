"""S3Packs: packs as objects of a bucket. START HERE.

    PREFIX holdfast-store      whose packs these are: the store's ``site``, in hex
    PREFIX packs/N.pack        one object for each batch, never changed

A batch is stored before the index commits it, so a crash leaves only objects that the index
does not know; the next start removes them. The claim keeps a second store, put onto the same
bucket by mistake, from removing what the first one wrote.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from formats.errors import StorageFailed
from storage.packs import Pack, Pens
from storage.s3.bucket import Bucket, Taken
from storage.s3.cache import Cache
from storage.s3.reading import FOLDER, ObjectReader, key_of, number_of
from storage.s3.sweeping import Sweeper
from storage.s3.writing import ObjectWriter, RandomPen

CLAIM: Final = "holdfast-store"
STEP: Final = 8 * 1024 * 1024
_PIECE: Final = 8 * 1024 * 1024
_MOST_CLAIM: Final = 1024


class S3Packs:
    """``Packs`` in a bucket."""

    step: Final = STEP

    def __init__(self, bucket: Bucket, cache: Cache | None) -> None:
        self._bucket = bucket
        self._cache = cache
        self._sweeper = Sweeper(bucket, cache)

    def prepare(self, known: Sequence[Pack], site: bytes, pens: Pens | None = None) -> ObjectWriter:
        """Claim the place, or see that it is ours; sweep what no commit knows."""
        self._claim(site, bool(known))
        if pens is None:
            self._sweeper.start({pack.id for pack in known})
            return ObjectWriter(self._bucket, self._cache, RandomPen(), self._sweeper)
        self._sweeper.start(None)
        for each in self._bucket.listed(FOLDER):
            pack = number_of(each.key)
            if pack is not None and pens.is_nobodys(pack):
                self._sweeper.remove(pack)
        return ObjectWriter(self._bucket, self._cache, pens, self._sweeper)

    def reader(self) -> ObjectReader:
        """A reader, for one function in one thread."""
        return ObjectReader(self._bucket, self._cache)

    def remove(self, pack: int) -> None:
        """Remove it soon; if the bucket refuses, a later start does it."""
        self._sweeper.remove(pack)

    def stamp(self, pack: int) -> int | None:
        """The same for all: an object is never changed, and its number is never used again."""
        return 0

    def pieces(self, pack: Pack) -> Iterator[bytes]:
        """Its bytes, 8 MiB at a time."""
        at = 0
        while at < pack.length:
            data = self._bucket.get(key_of(pack.id), at, min(_PIECE, pack.length - at))
            if not data:
                return
            yield data
            at += len(data)

    def close(self) -> None:
        """Finish what is under way, and hang up."""
        self._sweeper.close()
        self._bucket.close()
        if self._cache is not None:
            self._cache.close()

    def _claim(self, site: bytes, used: bool) -> None:
        ours = site.hex().encode()
        found = self._bucket.get(CLAIM, 0, _MOST_CLAIM)
        if found is None:
            if used:
                raise StorageFailed(
                    "the blocks of this store are not in the bucket any more",
                    hint="correct s3_bucket or s3_prefix below [store], or put the objects back",
                )
            try:
                self._bucket.put(CLAIM, [ours])
            except Taken:  # somebody else came first: just now
                found = self._bucket.get(CLAIM, 0, _MOST_CLAIM)
        if found is not None and found != ours:
            raise StorageFailed(
                "the bucket has the blocks of another store under this prefix",
                hint="choose another s3_prefix below [store]; a restored or copied node needs one"
                " of its own",
            )
        self._bucket.try_condition(CLAIM, ours)
