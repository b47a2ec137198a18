"""Sealing anew: the same content and time, under keys and in blocks that were not there before."""

from pathlib import Path

import pytest

from client.drive.change import mkdir
from client.drive.copying import cp
from client.drive.drive import Drive
from client.drive.listing import ls_all, stat
from client.drive.node import FileNode
from client.drive.resealing import reseal
from client.drive.resolve import resolve
from client.drive.upload import upload
from client.keys import Ref
from formats.cid import Cid
from formats.errors import NotFound
from formats.limits import CHUNK
from tests.client.drive.contents import content_of
from tests.client.drive.drives import content, new_drive

LARGE = 2 * CHUNK + 7


@pytest.fixture
async def drive(tmp_path: Path) -> Drive:
    made, _ = await new_drive()
    (tmp_path / "large").write_bytes(content_of(LARGE))
    (tmp_path / "small").write_bytes(b"small")
    await mkdir(made, "a/b", parents=True)
    await upload(made, [str(tmp_path / "large"), str(tmp_path / "small")], "a/b")
    await cp(made, ["a/b/large"], "copy")
    return made


async def segments(drive: Drive, path: str) -> set[Cid]:
    """The blocks that a large file's content is in."""
    node = await of(drive, path)
    refs: list[Ref] = [
        node.keys.ref(node.keys.chunk_label(chunk)) for chunk in node.header.stored_chunks()
    ]
    leaves = await (await drive.space.reading()).leaves(refs)
    return {cid for leaf in leaves.values() for cid in leaf.segments}


async def test_a_folder_is_sealed_anew_and_is_what_it_was(drive: Drive) -> None:
    before, node = await stat(drive, "a/b/large"), await of(drive, "a/b/large")
    were, small = await segments(drive, "a/b/large"), await of(drive, "a/b/small")
    summary = await reseal(drive, "a")
    assert (summary.files, summary.bytes) == (2, LARGE + 5)
    after, again = await stat(drive, "a/b/large"), await of(drive, "a/b/large")
    assert (after.id, after.size, after.modified) == (before.id, before.size, before.modified)
    assert not were & await segments(drive, "a/b/large")
    assert not keys(node) & keys(again)
    assert not keys(small) & keys(await of(drive, "a/b/small"))
    assert await content(drive, "a/b/large") == content_of(LARGE)
    assert await content(drive, "a/b/small") == b"small"
    # A copy has a place, and so keys, of its own.
    assert await segments(drive, "copy") == were
    assert await content(drive, "copy") == content_of(LARGE)


async def test_all_of_the_home_at_once(drive: Drive) -> None:
    were = await segments(drive, "copy")
    names = [str(each.path) async for folder in ls_all(drive, "") for each in folder.entries]
    summary = await reseal(drive, "")
    assert summary.files == 3
    assert not were & await segments(drive, "copy")
    assert [
        str(each.path) async for folder in ls_all(drive, "") for each in folder.entries
    ] == names


async def test_what_is_not_there(drive: Drive) -> None:
    with pytest.raises(NotFound):
        await reseal(drive, "nothing")


async def of(drive: Drive, path: str) -> FileNode:
    """A file as it is."""
    return await (await resolve(drive, drive.path(path))).file()


def keys(node: FileNode) -> set[bytes]:
    """Its data keys."""
    return {key.secret.reveal() for key in node.header.ring.keys}
