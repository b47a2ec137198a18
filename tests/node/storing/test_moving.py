"""A node's store goes where its settings say, from any place to any other, and back."""

from dataclasses import replace
from pathlib import Path

import pytest
import trio

from formats.errors import Unfit
from node.folder import NodeFolder
from node.storing.moving import Migrated, migrate
from node.storing.opening import open_store
from node.storing.place import MOVE, NAME, OUTDATED, place_in_use, write_place
from node.storing.settings import StoreSettings
from storage.contracts import Store
from tests.node.storing.test_opening import in_bucket
from tests.storage.embedded.workload import check, run_steps
from tests.world.postgres import PASSWORD, need_postgres, shared_cluster
from tests.world.s3 import ENVIRON, need_s3

SEED = 7
FILES = StoreSettings()


def in_database(folder: Path, like: StoreSettings = FILES) -> StoreSettings:
    """The same with the records in a new database."""
    need_postgres()
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    url = shared_cluster().database().url
    return replace(like, records="postgres", postgres_url=url, postgres_password=str(secret))


def quiet(what: str, blocks: int, size: int, of_blocks: int, of: int) -> None:
    assert blocks <= of_blocks
    assert size <= of


async def opened(node: NodeFolder, settings: StoreSettings) -> Store:
    return await open_store(node, settings, ENVIRON)


async def moved(node: NodeFolder, settings: StoreSettings) -> Migrated:
    return await migrate(node, settings, ENVIRON, quiet)


@pytest.fixture
async def node(tmp_path: Path) -> NodeFolder:
    """A node with something in its store, which is in files."""
    node = NodeFolder(tmp_path / "home")
    await trio.to_thread.run_sync(node.make)
    store = await opened(node, FILES)
    await run_steps(store, SEED, 0, 6)
    await store.aclose()
    return node


async def test_round_all_places(node: NodeFolder, tmp_path: Path) -> None:
    need_s3()
    bucket, step = in_bucket(), 6
    database = in_database(tmp_path)
    both = in_database(tmp_path, in_bucket())
    for settings in (bucket, both, FILES, database, replace(bucket, s3_prefix="nodes/z/"), FILES):
        if settings.s3_prefix == "nodes/z/":
            settings = in_bucket()  # noqa: PLW2901  # a place that nobody used yet
        done = await moved(node, settings)
        assert (done.moved.damaged, done.moved.lost) == (0, 0)
        assert place_in_use(node) == done.after
        store = await opened(node, settings)
        await store.read(lambda view: check(view, SEED))
        await run_steps(store, SEED, step, 2)
        assert await store.read(lambda view: view.faults()) == []
        await store.aclose()
        step += 2
    assert {each.name for each in node.path.glob("store*")} >= {"store", "store-2", NAME}
    assert not (node.path / MOVE).exists()


async def test_where_it_is_already_nothing_is_done(node: NodeFolder) -> None:
    with pytest.raises(Unfit, match="the store is in files of the data folder already"):
        await moved(node, replace(FILES, s3_region="eu-north-1"))


async def test_a_node_without_a_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="there is no store in"):
        await moved(NodeFolder(tmp_path), FILES)


async def test_what_was_begun_for_another_place_is_left(node: NodeFolder) -> None:
    need_s3()

    class Stop(Exception):
        """Another place is better."""

    def stop(*told: object) -> None:
        raise Stop

    first, second = in_bucket(), in_bucket()
    with pytest.raises(Stop):
        await migrate(node, first, ENVIRON, stop)
    done = await moved(node, second)
    assert done.after.folder == "store-3"
    store = await opened(node, second)
    await store.read(lambda view: check(view, SEED))
    await store.aclose()


async def test_who_served_meanwhile_has_it_moved_anew(node: NodeFolder) -> None:
    need_s3()

    class Stop(Exception):
        """It is needed now."""

    def stop(what: str, blocks: int, *more: int) -> None:
        if blocks:
            raise Stop

    bucket = in_bucket()
    with pytest.raises(Stop):
        await migrate(node, bucket, ENVIRON, stop)
    assert not (node.path / OUTDATED).exists()
    store = await opened(node, FILES)
    await run_steps(store, SEED, 6, 4)
    await store.aclose()
    assert (node.path / OUTDATED).exists()
    done = await moved(node, bucket)
    assert done.after.folder == "store-2"
    store = await opened(node, bucket)
    await store.read(lambda view: check(view, SEED))
    await store.aclose()
    assert not (node.path / OUTDATED).exists()


async def test_a_kill_between_the_last_two_steps_is_no_harm(node: NodeFolder) -> None:
    need_s3()
    bucket = in_bucket()
    done = await moved(node, bucket)
    (node.path / NAME).unlink()  # as if it had not been written yet
    write_place(node.path / MOVE, done.after)
    assert await moved(node, bucket) == done
    write_place(node.path / MOVE, done.after)  # as if it had not been removed yet
    await (await opened(node, bucket)).aclose()
    assert not (node.path / MOVE).exists()
