"""Sizes at every border, names that nearly are the same, a folder of a hundred thousand things."""

import os
import unicodedata
from pathlib import Path
from random import Random

import pytest

from client.drive.listing import ls
from formats.errors import Partial
from formats.limits import CHUNK, INLINE, SEGMENT
from tests.stories.trees import differences
from tests.together.whole import check_whole
from tests.world.world import World

SIZES = (
    0,
    1,
    *(edge + by for edge in (INLINE, SEGMENT, CHUNK, CHUNK + SEGMENT) for by in (-1, 0, 1)),
    2 * CHUNK,
)
ALIKE = (
    "a",
    "A",
    "a ",
    " a",
    "a.",
    ".a",
    "ａ",
    "а",
    "ß",
    "SS",
    "ss",
    "ı",
    "i",
    "I",
    "İ",
)  # that they look alike is the point
MANY = 100_000


async def test_files_of_every_size_come_back_as_they_went(tmp_path: Path, rng: Random) -> None:
    there = tmp_path / "sizes"
    there.mkdir()
    for size in SIZES:
        (there / str(size)).write_bytes(rng.randbytes(size))
    async with World.open("alice") as w:
        await w.alice.upload(there)
        (tmp_path / "back").mkdir()
        await w.alice.download("sizes", tmp_path / "back")
        assert differences(there, tmp_path / "back/sizes") == []
        for size in SIZES:
            assert len(await w.alice.read(f"sizes/{size}")) == size
        await check_whole(w.alice)


async def test_a_file_grows_and_shrinks_over_every_border(tmp_path: Path, rng: Random) -> None:
    """Each version leaves nothing of the one before it."""
    sizes = rng.sample(SIZES, len(SIZES))
    print(f"in this order: {sizes}")
    async with World.open("alice") as w:
        for size in sizes:
            content = rng.randbytes(size)
            await w.alice.put("file", content)
            assert await w.alice.read("file") == content
            await check_whole(w.alice)


async def test_names_that_look_alike_are_different_files(tmp_path: Path) -> None:
    there = tmp_path / "names"
    there.mkdir()
    for name in ALIKE:
        (there / name).write_text(name)
    async with World.open("alice") as w:
        await w.alice.upload(there)
        assert await w.alice.ls("names") == set(ALIKE)
        (tmp_path / "back").mkdir()
        await w.alice.download("names", tmp_path / "back")
        assert differences(there, tmp_path / "back/names") == []
        await w.alice.rm("names/a")
        assert await w.alice.ls("names") == set(ALIKE) - {"a"}
        assert await w.alice.read("names/A") == b"A"


async def test_two_spellings_of_one_name_are_not_two_files(tmp_path: Path) -> None:
    """A name is kept composed: of two local files that would be one, both are not lost silently."""
    composed = "caf\u00e9"
    there = tmp_path / "spelt"
    there.mkdir()
    (there / composed).write_bytes(b"composed")
    (there / unicodedata.normalize("NFD", composed)).write_bytes(b"decomposed")
    if len(os.listdir(there)) == 1:
        pytest.skip("this file system composes names itself")
    async with World.open("alice") as w:
        with pytest.raises(Partial):
            await w.alice.upload(there)
        assert await w.alice.ls("spelt") == {composed}
        assert await w.alice.read(f"spelt/{composed}") in (b"composed", b"decomposed")


@pytest.mark.slow
async def test_a_folder_of_a_hundred_thousand_things(tmp_path: Path) -> None:
    there = tmp_path / "many"
    there.mkdir()
    for number in range(MANY):
        os.symlink("nowhere", there / f"{number:06d}")
    async with World.open("alice") as w:
        await w.alice.upload(there)
        listed = [each.name for each in (await ls(w.alice.drive, "many")).entries]
        assert listed == [f"{number:06d}" for number in range(MANY)]
        await w.alice.put("many/one more", b"found at once")
        phone = await w.alice.another_device()
        with phone.counting() as calls:
            assert await phone.read("many/one more") == b"found at once"
        assert calls.count("blocks.read") < 12, "a name is found by its place, not by looking"
        await w.alice.mv("many/000007", "seven")
        await w.alice.rm("many/000008")
        assert len((await ls(w.alice.drive, "many")).entries) == MANY - 1
