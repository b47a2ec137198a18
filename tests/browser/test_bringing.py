"""An account comes back out of a file: chosen, taken in, gone on with, opened; and wrong ones."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.axe import in_every_look
from tests.browser.chromium import Tab, opened
from tests.browser.people import PASSWORD, person
from tests.daemons.processes import Home

REFUSED = "Failed to load resource"
"""What Chromium writes of every answer that is an error, also of one that is shown to people."""


@pytest.fixture(scope="module")
def exported(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An account with a folder, whose home is gone."""
    folder = tmp_path_factory.mktemp("erin")
    with person("erin", folder / "home") as home:
        home.run("mkdir", "Photos").ok()
        file = folder / "erin.car"
        home.run("export", str(file), "--password-stdin", stdin=f"{PASSWORD}\n").ok()
    return file


@pytest.fixture
def fresh(stranger: Tab, tmp_path: Path) -> Iterator[tuple[Page, Home]]:
    """The page of a new machine, where nobody is signed in."""
    home = Home(tmp_path / "fresh")
    with home.daemon():
        stranger.page.goto(home.run("web").ok().out.strip())
        stranger.page.get_by_role("button", name="Go on from an exported file").click()
        yield stranger.page, home
        assert [each for each in stranger.complaints if REFUSED not in each] == []


def choose(page: Page, file: Path) -> None:
    page.get_by_label("The exported file").set_input_files(file)
    page.get_by_role("button", name="Continue").click()


def test_an_account_comes_back_out_of_a_file(fresh: tuple[Page, Home], exported: Path) -> None:
    page, home = fresh
    choose(page, exported)
    expect(page.get_by_role("heading", name="Open it")).to_be_visible()
    page.get_by_label("Password", exact=True).fill("something else")
    page.get_by_role("button", name="Bring the account here").click()
    expect(page.get_by_role("alert")).to_contain_text("does not open with that password")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You are erin~")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("option", name="Photos")).to_be_visible()
    assert "Photos" in home.run("ls").ok().out


def test_what_came_before_it_broke_off_is_not_sent_again(
    fresh: tuple[Page, Home], exported: Path
) -> None:
    page, home = fresh
    half = exported.stat().st_size // 2
    sent = list[int]()

    def note(request: Request) -> None:
        if request.url.endswith("import/take"):
            sent.append(json.loads(request.headers["holdfast-request"])["offset"])

    page.on("request", note)
    choose(page, exported)
    expect(page.get_by_role("heading", name="Open it")).to_be_visible()
    (kept,) = (home.path / "handed").iterdir()
    os.truncate(kept, half)
    kept.rename(f"{kept}.part")
    page.get_by_role("button", name="Back").click()
    choose(page, exported)
    expect(page.get_by_role("heading", name="Open it")).to_be_visible()
    assert sent == [0, half]


def test_another_file_is_refused_with_reasons(
    fresh: tuple[Page, Home], exported: Path, tmp_path: Path
) -> None:
    page, _ = fresh
    (tmp_path / "film.mp4").write_bytes(bytes(3_000_000))
    choose(page, tmp_path / "film.mp4")
    expect(page.get_by_role("alert")).to_contain_text("no exported account")
    (tmp_path / "spoilt.car").write_bytes(exported.read_bytes()[:-50] + bytes(50))
    choose(page, tmp_path / "spoilt.car")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Bring the account here").click()
    expect(page.get_by_role("alert")).to_contain_text("Another copy of the file may be whole")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("The exported file")).to_be_focused()


def test_a_home_that_answers_is_said_before_it_is_passed_by(
    chromium: Browser, tmp_path: Path, exported: Path
) -> None:
    """On the very node that the account lives at, once signed out there."""
    with person("dora", tmp_path / "dora") as home, opened(chromium) as tab:
        file = tmp_path / "dora.car"
        home.run("export", str(file), "--password-stdin", stdin=f"{PASSWORD}\n").ok()
        home.run("logout").ok()
        page = tab.page
        page.goto(home.run("web").ok().out.strip())
        page.get_by_role("button", name="Go on from an exported file").click()
        assert in_every_look(page) == []
        choose(page, file)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Bring the account here").click()
        expect(page.get_by_role("alert")).to_contain_text("lives at its home, which answers")
        expect(page.get_by_label("Go on from the file although")).to_be_visible()
        assert in_every_look(page) == []
