"""A node's store is where it was left, or the node does not start."""

from pathlib import Path

import pytest

from crypto.secret import random_bytes
from formats.errors import BadConfig, StorageFailed, Unfit
from node.folder import NodeFolder
from node.storing.opening import check_keys, open_store
from node.storing.place import NAME, StorePlace, place_in_use, read_place, write_place
from node.storing.settings import StoreSettings
from tests.storage.embedded.workload import check, run_steps
from tests.world.s3 import BUCKET, ENVIRON, shared

SEED = 3


def in_bucket() -> StoreSettings:
    """Settings for a place of its own in the bucket of tests."""
    return StoreSettings(
        blocks="s3",
        s3_endpoint=f"http://127.0.0.1:{shared().port}",
        s3_bucket=BUCKET,
        s3_prefix=f"nodes/{random_bytes(8).hex()}/",
        s3_cache=64 * 2**20,
    )


async def test_a_new_node_begins_where_the_settings_say(tmp_path: Path) -> None:
    folder, settings = NodeFolder(tmp_path), in_bucket()
    folder.make()
    for step in (0, 3):
        store = await open_store(folder, settings, ENVIRON)
        await run_steps(store, SEED, step, 3)
        await store.read(lambda view: check(view, SEED))
        await store.aclose()
    assert place_in_use(folder) == StorePlace(settings)
    assert not list((folder.store / "packs").iterdir())


async def test_a_node_of_before_is_in_files(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path)
    folder.make()
    await (await open_store(folder, StoreSettings(), {})).aclose()
    (folder.path / NAME).unlink()
    assert place_in_use(folder) == StorePlace(StoreSettings())


async def test_a_changed_setting_never_begins_an_empty_store(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path)
    folder.make()
    await (await open_store(folder, StoreSettings(), {})).aclose()
    other = StoreSettings(blocks="s3", s3_endpoint="http://h", s3_bucket="bbb")
    with pytest.raises(Unfit, match="is in files of the data folder, and the settings say") as told:
        await open_store(folder, other, ENVIRON)
    assert "holdfast node storage migrate" in told.value.advice


async def test_how_a_place_is_reached_may_change(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path)
    folder.make()
    settings = StoreSettings(s3_region="eu-west-1")
    await (await open_store(folder, StoreSettings(), {})).aclose()
    await (await open_store(folder, settings, {})).aclose()
    assert place_in_use(folder) == StorePlace(settings)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"format":1,"folder":"store","store":{"blocks":"tape"}}'],
)
def test_a_damaged_note_of_the_place_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(StorageFailed, match="does not say where the store is"):
        read_place(tmp_path / NAME)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    settings = StoreSettings("s3", "https://h:1", "bbb", "a/b/", "r", False, "/k", 0)
    write_place(tmp_path / NAME, StorePlace(settings, "store-2"))
    assert read_place(tmp_path / NAME) == StorePlace(settings, "store-2")
    assert read_place(tmp_path / "none") is None


def test_keys_that_are_not_there_are_told_beforehand() -> None:
    check_keys(StoreSettings(), {})
    with pytest.raises(BadConfig, match="the environment has no AWS_ACCESS_KEY_ID"):
        check_keys(StoreSettings(blocks="s3", s3_endpoint="http://h", s3_bucket="bbb"), {})
