"""Bad days: busy, silent, slow, cut, garbled, and refusals, each told in our words."""

import random
from contextlib import closing
from pathlib import Path

import pytest

from formats.cid import Block
from formats.errors import DiskFull, HoldfastError, StorageFailed
from storage.embedded.store import EmbeddedStore
from storage.packs import RECORD, record_head
from storage.s3.bucket import WHOLE, Bucket, Taken
from storage.s3.cache import Cache
from storage.s3.client import Client
from storage.s3.line import Patience
from storage.s3.packs import S3Packs
from storage.s3.reading import ObjectReader, key_of
from tests.storage.embedded.workload import Step, check, last_step
from tests.storage.s3.conftest import QUICK
from tests.storage.s3.test_packs import swept
from tests.world.s3 import KEYS, shared
from tests.world.s3_faults import PASSING, Fault, Proxy


@pytest.mark.parametrize("fault", PASSING, ids=[each.name for each in PASSING])
def test_what_passes_is_waited_out(behind: Bucket, proxy: Proxy, fault: Fault) -> None:
    content = b"0123456789" * 1000
    proxy.plan += [fault]
    behind.put("one", [content])
    proxy.plan += [fault]
    assert behind.get("one", 100, 5000) == content[100:5100]
    proxy.plan += [fault]
    assert [each.key for each in behind.listed("")] == ["one"]
    proxy.plan += [fault]
    behind.delete("one")
    assert behind.get("one", 0, 1) is None
    assert [met for _, met in proxy.seen].count(fault) == 4


LOSING = (Fault.LOST, Fault.HALF, Fault.ENDLESS)
"""Who began an upload and lost the answer does not know its id: it is swept later."""
QUICK_ONES = [each for each in PASSING if each is not Fault.TRICKLE]


@pytest.mark.parametrize("fault", QUICK_ONES, ids=[each.name for each in QUICK_ONES])
def test_every_request_of_a_large_object_may_meet_it(
    behind: Bucket, proxy: Proxy, fault: Fault
) -> None:
    parts = [bytes([number]) * 1_000_000 for number in range(18)]
    assert sum(map(len, parts)) > WHOLE
    met: set[str] = set()

    def once_each(request: str) -> Fault:
        kind = request.split("uploadId=")[0]
        met_before = kind in met
        met.add(kind)
        return Fault.PASS if met_before else fault

    proxy.chooses = once_each
    behind.put("large", parts)
    proxy.chooses = lambda request: Fault.PASS
    assert behind.get("large", 17_500_000, 10) == bytes([17]) * 10
    assert behind.uploads("") == [] or fault in LOSING


def test_who_lost_the_answer_knows_its_own_object(behind: Bucket, proxy: Proxy) -> None:
    proxy.plan += [Fault.LOST]
    behind.put("one", [b"mine"])  # tried again, and refused: it is there
    assert behind.get("one", 0, 9) == b"mine"
    proxy.plan += [Fault.LOST]
    with pytest.raises(Taken):
        behind.put("one", [b"another's"])


REFUSALS = {
    Fault.SKEWED: (StorageFailed, "clock .* differ by \\d+ minutes", "set the clock"),
    Fault.FORBIDDEN: (StorageFailed, "forbids this .* \\(AccessDenied\\)", "must be allowed"),
    Fault.ELSEWHERE: (StorageFailed, "in the region eu-north-1", 'region = "eu-north-1"'),
    Fault.FULL: (DiskFull, "no room", "free some space"),
}


@pytest.mark.parametrize("fault", REFUSALS, ids=[each.name for each in REFUSALS])
def test_a_refusal_says_what_to_do(behind: Bucket, proxy: Proxy, fault: Fault) -> None:
    kind, says, advises = REFUSALS[fault]
    proxy.plan += [fault]
    with pytest.raises(kind, match=says) as caught:
        behind.put("one", [b"x"])
    assert advises in caught.value.advice
    assert len(proxy.seen) == 1, "a refusal is not tried again"


def test_a_server_that_stays_busy_is_given_up(proxy: Proxy, prefix: str) -> None:
    proxy.chooses = lambda request: Fault.BUSY
    settings = proxy.settings(shared("moto").settings(prefix))
    client = Client(settings, KEYS, Patience(trying=1.0))
    with closing(client), pytest.raises(StorageFailed, match=r"too busy \(SlowDown\)"):
        client.ask("GET", "one")
    assert len(proxy.seen) > 1


def test_a_garbled_block_is_fetched_again(behind: Bucket, proxy: Proxy, tmp_path: Path) -> None:
    block = Block.raw(random.Random(1).randbytes(300_000))
    behind.put(key_of(7), [record_head(block.cid, 300_000), block.data])
    cache = Cache(tmp_path, 2**30)
    proxy.plan += [Fault.GARBLED]
    reader = ObjectReader(behind, cache)
    assert reader.read(block.cid, 7, RECORD, 300_000) == block.data
    reader.close()
    cache.close()


async def opened(folder: Path, proxy: Proxy, prefix: str) -> EmbeddedStore:
    client = Client(proxy.settings(shared("moto").settings(prefix)), KEYS, QUICK)
    packs = S3Packs(Bucket(client), Cache(folder / "cache", 1_000_000))
    return await EmbeddedStore.open(folder / "store", packs=packs, readers=1)


async def test_a_store_on_a_bad_day_loses_nothing(
    behind: Bucket, proxy: Proxy, prefix: str, tmp_path: Path, rng: random.Random
) -> None:
    """Any request may fail in any way, also for longer than anybody waits."""
    seed, bad, step = rng.getrandbits(32), (*PASSING, *REFUSALS, Fault.GARBLED), 0
    quick = [each for each in bad if each not in (Fault.DEAF, Fault.TRICKLE)]
    store = await opened(tmp_path, proxy, prefix)
    proxy.chooses = lambda request: rng.choice(quick) if rng.random() < 0.25 else Fault.PASS
    while step < 40:
        try:
            await store.write(Step(seed, step))
            step += 1
        except (StorageFailed, DiskFull):
            continue
        if step % 10 == 5:
            proxy.chooses, before = (lambda request: Fault.PASS), proxy.chooses
            await store.read(lambda view: check(view, seed))
            proxy.chooses = before
    proxy.chooses = lambda request: Fault.PASS
    await store.read(lambda view: check(view, seed))
    await store.aclose()
    assert sum(fault is not Fault.PASS for _, fault in proxy.seen) > 10
    again = await opened(tmp_path, proxy, prefix)
    assert await again.read(last_step) == 39
    await again.read(lambda view: check(view, seed))
    assert await again.read(lambda view: view.faults()) == []
    await swept(again, behind)
    await again.aclose()


async def test_reading_says_so_when_the_bucket_is_out_of_reach(
    proxy: Proxy, prefix: str, tmp_path: Path
) -> None:
    client = Client(proxy.settings(shared("moto").settings(prefix)), KEYS, Patience(trying=0.2))
    store = await EmbeddedStore.open(tmp_path, packs=S3Packs(Bucket(client), None), readers=1)
    await store.write(Step(1, 0))
    proxy.chooses = lambda request: Fault.CUT
    with pytest.raises(HoldfastError, match="cannot be used: the connection was cut"):
        await store.read(lambda view: check(view, 1))
    proxy.chooses = lambda request: Fault.PASS
    await store.read(lambda view: check(view, 1))
    await store.aclose()
