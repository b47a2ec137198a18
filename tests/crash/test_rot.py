"""A sample of ``make rot``, and that it would notice silence."""

from pathlib import Path

import pytest

from node.build import build
from node.config import Config
from tests.crash.rot import Rot, Silent, campaign


async def test_no_damaged_block_is_silent() -> None:
    result = await campaign(12, 2)
    assert result.damages == 4 * result.blocks
    assert result.refused > 4 * 12


async def test_a_wrong_byte_without_a_word_is_noticed(tmp_path: Path) -> None:
    async with build(Config(tmp_path / "home")) as node:
        rot = Rot(tmp_path, node, 3)
        await rot.fill(3)
        with next(rot.source.rglob("file 1")).open("ab") as file:
            file.write(b"one byte more than was put")
        with pytest.raises(Silent, match="file 1"):
            await rot.run()
