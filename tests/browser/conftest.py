"""Fixtures: one browser a process of tests, one daemon a file of them, a tab for each."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Tab, opened, running
from tests.browser.elsewhere import Elsewhere, elsewhere
from tests.browser.people import person
from tests.daemons.processes import Home


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running() as browser:
        yield browser


@pytest.fixture(scope="module")
def home(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A daemon with alice signed in. The browser first: without one nothing need be started."""
    with person("alice", tmp_path_factory.mktemp("alice") / "home") as home:
        yield home


@pytest.fixture(scope="module")
def evil() -> Iterator[Elsewhere]:
    """Somebody else's web server."""
    with elsewhere() as server:
        yield server


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Tab]:
    """A tab that has been nowhere."""
    with opened(chromium) as tab:
        yield tab


@pytest.fixture
def tab(stranger: Tab, home: Home) -> Iterator[Tab]:
    """A tab that came in by a link. At the end nothing was complained of, or asked elsewhere."""
    link = home.run("web").ok().out.strip()
    stranger.page.goto(link)
    yield stranger
    port = urlsplit(link).port
    assert stranger.strangers(f"holdfast.localhost:{port}", f"127.0.0.1:{port}") == []
    assert stranger.complaints == []
