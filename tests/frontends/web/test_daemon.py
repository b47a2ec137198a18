"""A real daemon's page: its link is used, and then it answers for the person of this daemon."""

from pathlib import Path

import pytest
import trio

from tests.daemons.gateway import Caller, stranger_of
from tests.daemons.processes import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_link_opens_the_page_of_who_is_signed_in(home: Home) -> None:
    async def enter(caller: Caller, token: str) -> None:
        assert b"Holdfast" in (await caller.ask("GET", "/")).body
        assert (await caller.ask("GET", "/v1/whoami")).kind == "Expired"
        assert (await caller.enter(token)).status == 200
        whoami = await caller.ask("GET", "/v1/whoami")
        assert whoami.lines[-1]["done"]["name"] == "alice"

    with home.daemon():
        home.run("signup", "alice", "--password-stdin", stdin="correct horse battery\n").ok()
        trio.run(enter, *stranger_of(home))
