"""The real stage: daemons that know each other through proxies only, and survive kills."""

import re
from pathlib import Path

import pytest

from formats.errors import NotSignedIn
from tests.stories.real import real_stage


@pytest.mark.slow
async def test_three_real_people(tmp_path: Path) -> None:
    async with real_stage(tmp_path) as stage:
        carol = await stage.carol()
        assert stage.proxies["bob"].bytes > 10_000
        shown = (await carol.holdfast("whoami")).out
        assert re.findall(r"/ip4/\S+", shown) == list(stage.proxies["bob"].addresses)
        await stage.kill("alice", "bob")
        await stage.back("alice", "bob")
        await stage.alice.holdfast("whoami")
        await stage.alice.holdfast("logout")
        with pytest.raises(NotSignedIn):
            await stage.alice.holdfast("whoami")
