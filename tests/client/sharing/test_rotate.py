"""Rotation: everything stays readable by its owner, and nothing under an old label."""

from dataclasses import replace

from client.drive.edit import TreeEdit
from client.drive.entry import Entry, Kind
from client.drive.file import About, small_file
from client.drive.folder import FolderView
from client.drive.header import FileHeader
from client.drive.node import (
    FileNode,
    header_leaf,
    inline_content,
    new_folder,
    new_ring,
    open_file,
    open_folder,
)
from client.keys import NodeKeys, new_node_secret
from client.sharing.job import STEP, Job, Unit, advance
from client.sharing.rotate import labels_below, rotate
from client.space.reading import Changing
from formats.cid import Block
from formats.errors import HoldfastError
from formats.leaf import Leaf, join_segment
from formats.limits import CHUNK
from tests.client.drive.trees import Tree

ABOUT = About(modified=1, created=1)


async def plant(tree: Tree, folders: int, files: int) -> None:
    """``folders`` folders in a chain, each with ``files`` small files."""

    async def operation(changing: Changing) -> None:
        edit = TreeEdit(changing, tree.root.keys, "/a")
        at = await edit.folder(())
        for depth in range(folders):
            made = new_folder(1)
            await at.put(made.entry("sub", 1))
            at = edit.adopt(made, f"{at.what}/sub")
            for number in range(files):
                new = small_file(f"{depth}/{number}".encode(), ABOUT)
                changing.put(new.keys.label, new.leaf)
                await at.put(new.entry(f"file {number}"))
        await edit.flush()

    await tree.space.commit(operation)


async def contents(tree: Tree) -> dict[str, bytes]:
    """Every file below the root by path."""
    reading = await tree.space.reading()
    found: dict[str, bytes] = {}
    waiting: list[tuple[NodeKeys, str]] = [(tree.root.keys, "")]
    while waiting:
        keys, path = waiting.pop()
        view = FolderView(reading, await open_folder(reading, keys, path), path)
        for entry in (await view.listing()).entries:
            below = f"{path}/{entry.name}"
            if entry.kind is Kind.FOLDER:
                waiting.append((entry.keys, below))
            else:
                found[below] = inline_content(await open_file(reading, entry.keys, below))
    return found


async def top(tree: Tree) -> Entry:
    """The entry of the first folder."""
    entry = await (await tree.view()).get("sub")
    assert entry is not None
    return entry


async def take_back(tree: Tree) -> Job:
    """As revoking does: the top node now, the rest in a job, every label retired."""

    async def operation(changing: Changing) -> Job:
        edit = TreeEdit(changing, tree.root.keys, "/a")
        parent = await edit.folder(())
        entry = await parent.get("sub")
        assert entry is not None
        problems: list[HoldfastError] = []
        changing.retire(await labels_below(changing, [(entry.keys, "/a/sub")], problems))
        assert problems == []
        rotated = await rotate(changing, entry, "/a/sub")
        await parent.put(rotated.entry)
        await edit.flush()
        return Job((Unit(rotated.entry.keys.secret),))

    return await tree.space.commit(operation)


async def step(tree: Tree, job: Job) -> Job:
    async def operation(changing: Changing) -> Job:
        edit = TreeEdit(changing, tree.root.keys, "/a")
        left = await advance(edit, job)
        await edit.flush()
        return left

    return Job.decode((await tree.space.commit(operation)).encode())


async def test_after_the_job_no_old_label_is_left_and_everything_is_readable() -> None:
    tree = Tree()
    await plant(tree, folders=4, files=150)
    before, old = await contents(tree), set(tree.space.tree) - {tree.root.keys.label}
    job = await take_back(tree)
    assert old <= tree.space.retired
    steps = 0
    while job.pending:
        assert await contents(tree) == before  # old xor new, at every commit
        job = await step(tree, job)
        steps += 1
    assert steps >= 4 * 150 // STEP
    assert await contents(tree) == before
    assert not old & set(tree.space.tree)
    assert job.failed == 0


async def test_nothing_is_left_behind_by_rotation() -> None:
    tree = Tree()
    await plant(tree, folders=3, files=20)
    size = len(tree.space.tree)
    job = await take_back(tree)
    while job.pending:
        job = await step(tree, job)
    assert len(tree.space.tree) == size


async def test_a_page_of_the_old_folder_does_not_open_the_new_one() -> None:
    tree = Tree()
    await plant(tree, folders=1, files=1)
    reading = await tree.space.reading()
    old = await open_folder(reading, (await top(tree)).keys, "old")
    await take_back(tree)
    new = await open_folder(await tree.space.reading(), (await top(tree)).keys, "new")
    assert new.keys.label != old.keys.label
    assert new.leaf.lock != old.leaf.lock
    assert not {key.secret.reveal() for key in new.header.ring.keys} & {
        key.secret.reveal() for key in old.header.ring.keys
    }


async def test_chunks_move_and_segments_stay() -> None:
    tree = Tree()
    part = Block.raw(join_segment(0, b"sealed" * 100))
    keys = NodeKeys(new_node_secret())
    file_id, ring = new_ring()
    header = FileHeader(file_id, ring, 3 * CHUNK, 1, 1, inline=False, holes=((1, 1),))
    entry = Entry("big", Kind.FILE, 1, keys.secret, file_id, header.size)

    async def operation(changing: Changing) -> Entry:
        changing.use_staging(staging.session)
        changing.put(keys.label, header_leaf(keys, header))
        for chunk in (0, 2):
            label = keys.chunk_label(chunk)
            changing.put(label, Leaf(keys.lock(label).public, segments=(part.cid,)))
        return (await rotate(changing, entry, "big")).entry

    async with tree.space.staging() as staging:
        await staging.stage([part])
        rotated = await tree.space.commit(operation)
    node = await open_file(await tree.space.reading(), rotated.keys, "big")
    assert isinstance(node, FileNode)
    assert node.header == header
    leaves = {label: Leaf.decode(data) for label, data in tree.space.tree.items()}
    assert keys.label not in leaves
    for chunk in (0, 2):
        label = rotated.keys.chunk_label(chunk)
        assert leaves[label].segments == (part.cid,)
        assert leaves[label].lock == rotated.keys.lock(label).public
        assert keys.chunk_label(chunk) not in leaves
    assert rotated == replace(entry, secret=rotated.secret)


async def test_a_lost_child_does_not_stop_the_others() -> None:
    tree = Tree()
    await plant(tree, folders=1, files=3)
    job = await take_back(tree)
    view = await tree.view()
    assert view is not None
    reading = await tree.space.reading()
    folder = await open_folder(reading, (await top(tree)).keys, "sub")
    lost = await FolderView(reading, folder, "sub").get("file 1")
    assert lost is not None
    del tree.space.tree[lost.keys.label]
    job = await step(tree, job)
    assert (job.pending, job.failed) == ((), 1)
    after = await FolderView(
        await tree.space.reading(),
        await open_folder(await tree.space.reading(), (await top(tree)).keys, "sub"),
        "sub",
    ).listing()
    changed = {entry.name for entry in after.entries if entry.name != "file 1"}
    assert changed == {"file 0", "file 2"}
