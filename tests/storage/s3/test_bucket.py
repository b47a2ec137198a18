"""Objects on real servers: put once, read in ranges, listed, deleted; large ones in parts."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from crypto.secret import Secret
from formats.errors import StorageFailed
from storage.s3.bucket import WHOLE, Bucket, Listed, Taken
from storage.s3.client import Client
from storage.s3.line import Patience
from storage.s3.settings import Credentials, S3Settings
from tests.world.s3 import KEYS, PATIENT, Server, shared


def test_an_object_is_read_in_ranges(bucket: Bucket) -> None:
    bucket.put("packs/one", [b"0123", b"", b"456789"])
    assert bucket.get("packs/one", 0, 10) == b"0123456789"
    assert bucket.get("packs/one", 3, 2) == b"34"
    assert bucket.get("packs/one", 8, 100) == b"89"
    assert bucket.get("packs/one", 10, 5) == b""
    assert bucket.get("packs/two", 0, 5) is None


def test_nothing_is_ever_overwritten(bucket: Bucket) -> None:
    bucket.put("one", [b"first"])
    with pytest.raises(Taken):
        bucket.put("one", [b"second"])
    assert bucket.get("one", 0, 10) == b"first"


def test_where_the_server_cannot_refuse_it_is_looked_up_first(bucket: Bucket) -> None:
    bucket.conditional = False
    bucket.put("one", [b"first"])
    with pytest.raises(Taken):
        bucket.put("one", [b"second"])
    assert bucket.get("one", 0, 10) == b"first"


def test_of_many_who_put_at_once_one_wins(bucket: Bucket) -> None:
    def put(number: int) -> bool:
        try:
            bucket.put("one", [b"%d" % number])
        except Taken:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(put, range(8)))
    assert won.count(True) == 1
    assert bucket.get("one", 0, 9) == b"%d" % won.index(True)


def test_a_large_object_goes_in_parts(bucket: Bucket, rng: random.Random) -> None:
    whole = rng.randbytes(WHOLE + 3_000_000)
    parts = [whole[at : at + 700_001] for at in range(0, len(whole), 700_001)]
    bucket.put("large", parts)
    assert list(bucket.listed("")) == [Listed("large", len(whole))]
    assert bucket.get("large", 8_000_000, 1_000_000) == whole[8_000_000:9_000_000]
    with pytest.raises(Taken):
        bucket.put("large", parts)
    assert bucket.uploads("") == []


def test_uploads_that_were_left_are_found_and_given_up(bucket: Bucket) -> None:
    bucket._client.ask("POST", "left", query=[("uploads", "")])
    (left,) = bucket.uploads("")
    assert left.key == "left"
    bucket.abort(left)
    bucket.abort(left)
    assert bucket.uploads("") == []


def test_lists_go_on_where_they_stopped(server: Server, prefix: str) -> None:
    class Short(Client):
        """Asks for two names at a time."""

        def ask(self, method, key, *, query=(), **rest):  # type: ignore[no-untyped-def]
            listing = ("list-type", "2") in query
            more = [*query, ("max-keys", "2")] if listing else query
            return super().ask(method, key, query=more, **rest)

    bucket = Bucket(Short(server.settings(prefix), KEYS, PATIENT))
    names = [f"packs/a.b-{number}" for number in range(5)]
    for name in names:
        bucket.put(name, [b"x"])
    bucket.put("other", [b"x"])
    assert [each.key for each in bucket.listed("packs/")] == sorted(names)
    bucket.close()


def test_deleting_twice_is_no_error(bucket: Bucket) -> None:
    bucket.put("one", [b"x"])
    bucket.delete("one")
    bucket.delete("one")
    assert list(bucket.listed("")) == []


def test_a_bucket_that_is_not_there_is_named(server: Server) -> None:
    client = Client(server.settings(bucket="no-such-bucket"), KEYS, PATIENT)
    with closing(Bucket(client)) as bucket:
        with pytest.raises(StorageFailed, match="no bucket no-such-bucket"):
            bucket.put("one", [b"x"])
        with pytest.raises(StorageFailed, match="no bucket no-such-bucket"):
            bucket.get("one", 0, 1)
        with pytest.raises(StorageFailed, match="no bucket no-such-bucket"):
            list(bucket.listed(""))


def test_wrong_keys_are_told_and_never_shown() -> None:
    wrong = Credentials(KEYS.key_id, Secret(b"a-wrong-secret"))
    bucket = Bucket(Client(shared("seaweedfs").settings(), wrong, PATIENT))
    with closing(bucket), pytest.raises(StorageFailed) as caught:
        bucket.put("one", [b"x"])
    assert "does not accept these keys" in caught.value.message
    assert "a-wrong-secret" not in f"{caught.value!r} {caught.value.advice}"


def test_a_server_that_is_not_there_is_told() -> None:
    quick = Patience(trying=0.1, connecting=1)
    bucket = Bucket(Client(S3Settings("http://127.0.0.1:9", "bucket"), KEYS, quick))
    with pytest.raises(StorageFailed, match=r"http://127\.0\.0\.1:9 cannot be used: it refuses"):
        bucket.get("one", 0, 1)
