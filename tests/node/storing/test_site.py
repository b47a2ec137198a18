"""A site: whose records they are, where larger blocks are, what the settings must say."""

import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.secret import random_bytes
from formats.errors import BadConfig, StorageFailed, Unfit
from node.folder import NodeFolder
from node.storing.opening import check_keys, open_store
from node.storing.place import NAME, StorePlace, place_in_use, read_place, write_place
from node.storing.settings import StoreSettings
from storage.contracts import Store
from storage.postgres.address import check_url, place_of, read_password
from tests.storage.embedded.workload import check, run_steps
from tests.world.postgres import PASSWORD, Cluster, need_postgres, shared_cluster
from tests.world.s3 import BUCKET, ENVIRON, need_s3, shared

SEED = 3


@pytest.fixture
def cluster() -> Cluster:
    need_postgres()
    return shared_cluster()


@pytest.fixture
def settings(cluster: Cluster, tmp_path: Path) -> StoreSettings:
    """The settings of a new site, with a folder for larger blocks that nodes share."""
    secret = tmp_path / "password"
    secret.touch(0o600)
    secret.write_text(PASSWORD + "\n")
    return StoreSettings(
        records="postgres",
        postgres_url=cluster.database().url,
        postgres_password=str(secret),
        blocks_folder=str(tmp_path / "blocks"),
    )


@pytest.fixture
def in_bucket(settings: StoreSettings) -> StoreSettings:
    """The settings of a new site, with a place in the bucket of tests for larger blocks."""
    need_s3()
    return replace(
        settings,
        blocks="s3",
        blocks_folder="",
        s3_endpoint=f"http://127.0.0.1:{shared().port}",
        s3_bucket=BUCKET,
        s3_prefix=f"sites/{random_bytes(8).hex()}/",
        s3_cache=64 * 2**20,
    )


def node_of(path: Path, key: bytes | None = None) -> NodeFolder:
    """A data folder; with a key that another has."""
    folder = NodeFolder(path)
    folder.make()
    if key is not None:
        folder.key_file.write_bytes(key)
    return folder


@asynccontextmanager
async def opened(folder: NodeFolder, settings: StoreSettings) -> AsyncIterator[Store]:
    store = await open_store(folder, settings, ENVIRON)
    try:
        yield store
    finally:
        await store.aclose()


async def test_two_nodes_of_one_key_have_one_store(tmp_path: Path, settings: StoreSettings) -> None:
    one = node_of(tmp_path / "one")
    other = node_of(tmp_path / "other", one.key().reveal())
    async with opened(one, settings) as first, opened(other, settings) as second:
        for step, store in enumerate((first, second, first, second)):
            await run_steps(store, SEED, 3 * step, 3)
            for each in (first, second):
                await each.read(lambda view: check(view, SEED))
        assert [first.keeps_house, second.keeps_house] == [True, False]
    async with opened(other, settings) as again:
        await again.read(lambda view: check(view, SEED))
        assert again.keeps_house
    assert place_in_use(other) == StorePlace(settings)
    assert not (one.store / "packs").exists()


async def test_larger_blocks_may_be_in_a_bucket(tmp_path: Path, in_bucket: StoreSettings) -> None:
    one = node_of(tmp_path / "one")
    other = node_of(tmp_path / "other", one.key().reveal())
    async with opened(one, in_bucket) as first, opened(other, in_bucket) as second:
        for step, store in enumerate((first, second)):
            await run_steps(store, SEED, 3 * step, 3)
            for each in (first, second):
                await each.read(lambda view: check(view, SEED))


async def test_a_node_with_another_key_is_not_of_the_site(
    tmp_path: Path, settings: StoreSettings
) -> None:
    async with opened(node_of(tmp_path / "one"), settings):
        pass
    with pytest.raises(Unfit, match="those of another node") as told:
        await open_store(node_of(tmp_path / "other"), settings, {})
    assert "node.key" in told.value.advice


async def test_every_node_keeps_larger_blocks_in_the_same_place(
    tmp_path: Path, settings: StoreSettings
) -> None:
    one = node_of(tmp_path / "one")
    other = node_of(tmp_path / "other", one.key().reveal())
    async with opened(one, settings):
        for folder in ("", str(tmp_path / "elsewhere")):
            with pytest.raises(StorageFailed, match="not the folder that this site keeps"):
                await open_store(other, replace(settings, blocks_folder=folder), {})
        assert place_in_use(other) is None


async def test_a_folder_of_another_site_is_refused(
    cluster: Cluster, tmp_path: Path, settings: StoreSettings
) -> None:
    async with opened(node_of(tmp_path / "one"), settings):
        pass
    another = replace(settings, postgres_url=cluster.database().url)
    with pytest.raises(StorageFailed, match="not the folder that this site keeps"):
        await open_store(node_of(tmp_path / "other"), another, {})


async def test_another_database_never_begins_an_empty_store(
    cluster: Cluster, tmp_path: Path, settings: StoreSettings
) -> None:
    node = node_of(tmp_path / "one")
    async with opened(node, settings):
        pass
    with pytest.raises(Unfit, match="the store is in the database at "):
        await open_store(node, replace(settings, postgres_url=cluster.database().url), {})


def test_the_place_is_written_without_the_password(tmp_path: Path, settings: StoreSettings) -> None:
    write_place(tmp_path / NAME, StorePlace(settings))
    assert PASSWORD not in (tmp_path / NAME).read_text()
    assert read_place(tmp_path / NAME) == StorePlace(settings)


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"", 0o600, "is empty"),
        (b"\n", 0o600, "is empty"),
        (b"\xff\xfe", 0o600, "is not text"),
        (b"a secret word", 0o640, "others on this machine can read"),
        (None, 0o600, "cannot be read"),
    ],
)
def test_a_password_file_that_is_none_is_told(
    tmp_path: Path, content: bytes | None, mode: int, said: str
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    with pytest.raises(BadConfig, match=said) as told:
        read_password(file)
    assert "secret word" not in "".join(traceback.format_exception(told.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://alice:hunter2@db/holdfast",
        "postgresql://alice@db/holdfast?password=hunter2",
        "postgresql://db/holdfast?user=a&passfile=/tmp/hunter2",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadConfig, match="a password does not belong there") as told:
        check_url(url)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "holdfast",
        "mysql://h/d",
        "postgresql://h",
        "postgresql://h/",
        "postgresql://h:0/d",
        "postgresql://h:x/d",
    ],
)
def test_what_is_no_database_is_refused(url: str) -> None:
    with pytest.raises(BadConfig, match="not the address of a database"):
        check_url(url)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://alice@db.example/holdfast", ("db.example:5432", "holdfast")),
        ("postgres://db.example:6000/a%20b?sslmode=require", ("db.example:6000", "a b")),
        ("postgresql:///holdfast?host=/run/postgresql", ("/run/postgresql:5432", "holdfast")),
    ],
)
def test_a_database_is_told_from_others(url: str, place: tuple[str, ...]) -> None:
    check_url(url)
    assert place_of(url) == place


def test_a_password_that_is_not_there_is_told_beforehand(tmp_path: Path) -> None:
    url = "postgresql://h/d"
    check_keys(StoreSettings(records="postgres", postgres_url=url), {})
    lacking = StoreSettings(
        records="postgres", postgres_url=url, postgres_password=str(tmp_path / "none")
    )
    with pytest.raises(BadConfig, match="cannot be read"):
        check_keys(lacking, {})
