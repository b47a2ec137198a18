"""Files and folders, by mouse and by keyboard, against a real daemon."""

import json
import os
import random
import re
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from formats.limits import CHUNK
from tests.browser import visiting
from tests.browser.chromium import PATIENCE, Tab
from tests.daemons.processes import Home

Tree = Callable[..., str]


@pytest.fixture
def tree(home: Home, tmp_path: Path, request: pytest.FixtureRequest) -> Tree:
    """Makes a folder of this test's own with files in it; returns its path."""
    folder = f"/alice/{request.node.name}"

    def make(**files: str) -> str:
        home.run("mkdir", folder).ok()
        for name, text in files.items():
            (tmp_path / name).write_text(text)
            home.run("put", str(tmp_path / name), f"{folder}/{name.replace('_', '.')}").ok()
        return folder

    return make


def go(page: Page, place: str) -> None:
    """To a folder or file, whatever its name."""
    visiting.go(page, quote(place))


def entry(page: Page, name: str) -> Locator:
    return page.get_by_role("option", name=re.compile(rf"^{re.escape(name)} ?,"))


def new(page: Page, what: str) -> None:
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name=what).click()


def drop(page: Page, name: str, text: str) -> None:
    """A file let go of over the list."""
    page.evaluate(
        """([name, text]) => {
          const data = new DataTransfer();
          data.items.add(new File([text], name));
          const list = document.querySelector(".entries, .blank");
          const how = { dataTransfer: data, bubbles: true, cancelable: true };
          list.dispatchEvent(new DragEvent("drop", how));
        }""",
        [name, text],
    )


def test_a_folder_is_made_and_files_are_uploaded_into_it(
    tab: Tab, home: Home, tree: Tree, tmp_path: Path
) -> None:
    page, folder = tab.page, tree()
    go(page, f"files{folder}")
    new(page, "New folder")
    page.get_by_role("textbox", name="Name").fill("Summer & sun")
    page.keyboard.press("Enter")
    entry(page, "Summer & sun").dblclick()
    (tmp_path / "größe – 写真.bin").write_bytes(bytes(range(256)) * 4000)
    (tmp_path / "empty.txt").touch()
    os.utime(tmp_path / "empty.txt", (1_500_000_000, 1_500_000_000))
    with page.expect_file_chooser() as chooser:
        new(page, "Upload files")
    chooser.value.set_files([tmp_path / "größe – 写真.bin", tmp_path / "empty.txt"])
    expect(page.get_by_text("2 files are stored.")).to_be_visible()
    expect(entry(page, "größe – 写真.bin")).to_be_visible()
    got = tmp_path / "got"
    home.run("get", f"{folder}/Summer & sun", str(got)).ok()
    for name in ("größe – 写真.bin", "empty.txt"):
        assert (got / name).read_bytes() == (tmp_path / name).read_bytes()
    assert (got / "empty.txt").stat().st_mtime == 1_500_000_000


def test_a_whole_folder_is_uploaded_with_all_below(
    tab: Tab, home: Home, tree: Tree, tmp_path: Path
) -> None:
    page, folder = tab.page, tree()
    (tmp_path / "top" / "inner").mkdir(parents=True)
    (tmp_path / "top" / "a.txt").write_text("a")
    (tmp_path / "top" / "inner" / "b.txt").write_text("b")
    go(page, f"files{folder}")
    with page.expect_file_chooser() as chooser:
        new(page, "Upload a folder")
    chooser.value.set_files(tmp_path / "top")
    expect(page.get_by_text("2 files are stored.")).to_be_visible()
    assert home.run("cat", f"{folder}/top/inner/b.txt").ok().out == "b"


def test_a_file_that_is_let_go_of_over_the_page_is_stored(tab: Tab, home: Home, tree: Tree) -> None:
    page, folder = tab.page, tree(there_txt="x")
    go(page, f"files{folder}")
    expect(entry(page, "there.txt")).to_be_visible()
    drop(page, "dropped.txt", "from outside")
    expect(entry(page, "dropped.txt")).to_be_visible()
    assert home.run("cat", f"{folder}/dropped.txt").ok().out == "from outside"


def test_renaming_and_removing_can_be_undone(tab: Tab, home: Home, tree: Tree) -> None:
    page, folder = tab.page, tree(one_txt="1", two_txt="2")
    go(page, f"files{folder}")
    entry(page, "one.txt").click()
    page.keyboard.press("F2")
    page.get_by_role("textbox", name="Name").fill("two.txt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is something called two.txt")
    page.get_by_role("textbox", name="Name").fill("three.txt")
    page.keyboard.press("Enter")
    expect(entry(page, "three.txt")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(entry(page, "one.txt")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.get_by_text("2 things are in the trash.")).to_be_visible()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.get_by_role("button", name="Undo").last.click()
    expect(entry(page, "two.txt")).to_be_visible()
    assert home.run("cat", f"{folder}/one.txt").ok().out == "1"


def test_the_keyboard_alone_moves_things(tab: Tab, home: Home, tree: Tree) -> None:
    page, folder = tab.page, tree(a_txt="a", b_txt="b", c_txt="c")
    home.run("mkdir", f"{folder}/Z").ok()
    go(page, f"files{folder}")
    expect(entry(page, "c.txt")).to_be_visible()
    page.keyboard.press("b")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.keyboard.press("Control+x")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    paste(page)
    expect(entry(page, "c.txt")).to_be_visible()
    page.keyboard.press("Backspace")
    expect(entry(page, "a.txt")).to_be_visible()
    expect(entry(page, "b.txt")).to_have_count(0)
    assert home.run("cat", f"{folder}/Z/b.txt").ok().out == "b"


def paste(page: Page) -> None:
    """As Ctrl+V does it: the browser of a test has nothing to paste."""
    page.evaluate(
        "document.body.dispatchEvent(new ClipboardEvent('paste', "
        "{ clipboardData: new DataTransfer(), bubbles: true }))"
    )


def test_a_copy_has_a_name_of_its_own(tab: Tab, home: Home, tree: Tree) -> None:
    page, folder = tab.page, tree(a_txt="a")
    go(page, f"files{folder}")
    entry(page, "a.txt").click()
    page.keyboard.press("Control+c")
    paste(page)
    expect(entry(page, "a (2).txt")).to_be_visible()
    assert home.run("cat", f"{folder}/a (2).txt").ok().out == "a"


def test_a_text_is_edited_and_its_older_version_put_back(tab: Tab, home: Home, tree: Tree) -> None:
    page, folder = tab.page, tree(note_txt="first")
    go(page, f"open{folder}/note.txt")
    page.get_by_role("textbox", name="note.txt").fill("second")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert home.run("cat", f"{folder}/note.txt").ok().out == "second"
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Versions").click()
    page.get_by_role("button", name="Put back").first.click()
    expect(page.get_by_text("It is as it was")).to_be_visible()
    assert home.run("cat", f"{folder}/note.txt").ok().out == "first"


def test_saving_never_takes_the_place_of_anothers_change(
    tab: Tab, home: Home, tree: Tree, tmp_path: Path
) -> None:
    page, folder = tab.page, tree(note_txt="first")
    go(page, f"open{folder}/note.txt")
    box = page.get_by_role("textbox", name="note.txt")
    box.fill("mine")
    (tmp_path / "other").write_text("theirs")
    home.run("put", str(tmp_path / "other"), f"{folder}/note.txt").ok()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Both are kept")).to_be_visible()
    assert home.run("cat", f"{folder}/note.txt").ok().out == "theirs"
    names = home.run("ls", folder).ok().out.splitlines()
    assert len(names) == 2
    assert home.run("cat", f"{folder}/{min(names)}").ok().out == "mine"
    tab.complaints[:] = [each for each in tab.complaints if "409" not in each]


def test_one_file_and_many_come_down(tab: Tab, tree: Tree, tmp_path: Path) -> None:
    page, folder = tab.page, tree(a_txt="alpha", b_txt="beta")
    go(page, f"files{folder}")
    entry(page, "a.txt").click()
    with page.expect_download() as one:
        page.get_by_role("button", name="Download").click()
    assert one.value.suggested_filename == "a.txt"
    assert one.value.path().read_text() == "alpha"
    page.keyboard.press("Control+a")
    with page.expect_download() as many:
        page.get_by_role("button", name="Download").click()
    many.value.save_as(tmp_path / "many.zip")
    with zipfile.ZipFile(tmp_path / "many.zip") as archive:
        assert {each: archive.read(each).decode() for each in archive.namelist()} == {
            "a.txt": "alpha",
            "b.txt": "beta",
        }


def test_what_is_searched_for_is_found_while_it_is_typed(tab: Tab, tree: Tree) -> None:
    page, folder = tab.page, tree(marmalade_txt="x")
    page.keyboard.press("/")
    page.keyboard.type("marmal")
    page.get_by_role("link", name="marmalade.txt", exact=False).first.click()
    expect(page.get_by_role("textbox", name="marmalade.txt")).to_have_value("x")
    page.get_by_role("link", name="Back to the folder").click()
    expect(page.get_by_role("navigation", name="Where you are")).to_contain_text(
        folder.rpartition("/")[2]
    )


def test_an_upload_is_paused_goes_on_and_leaves_nothing_half(
    tab: Tab, home: Home, tree: Tree
) -> None:
    page, folder = tab.page, tree()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/put/pipe", hold)
    go(page, f"files{folder}")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    drop(page, "slow.txt", "at last")
    page.get_by_role("button", name="Pause: slow.txt").click()
    expect(page.get_by_text("1 upload is paused.")).to_be_visible()
    assert home.run("ls", folder).ok().out == ""
    page.unroute("**/v1/put/pipe")
    page.get_by_role("button", name="Continue: slow.txt").click()
    expect(entry(page, "slow.txt")).to_be_visible()
    assert home.run("cat", f"{folder}/slow.txt").ok().out == "at last"


def choose(page: Page, file: Path) -> None:
    """As a person chooses a file of this machine."""
    with page.expect_file_chooser() as chooser:
        new(page, "Upload files")
    chooser.value.set_files(file)


def sent_in_part(page: Page, request: Request, part: bytes, size: int) -> socket.socket:
    """A request of the page's that is held, as its browser would have sent it until now."""
    where = urlsplit(request.url)
    cookies = [f"{each['name']}={each['value']}" for each in page.context.cookies(request.url)]
    lines = [
        f"POST {where.path} HTTP/1.1",
        f"Host: {where.netloc}",
        f"Content-Length: {size}",
        f"Cookie: {'; '.join(cookies)}",
        *(f"{name}: {request.headers[name]}" for name in ("holdfast-key", "holdfast-request")),
    ]
    connection = socket.create_connection(("127.0.0.1", where.port or 80))
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + part)
    return connection


@pytest.mark.parametrize("reloaded", [False, True])
def test_what_came_before_a_pause_is_not_sent_again(
    tab: Tab, home: Home, tree: Tree, tmp_path: Path, reloaded: bool
) -> None:
    """Nor when the page was loaded anew and the same file is chosen again.

    The daemon takes what follows an offset and not a byte more, so the offset says it.
    """
    page, folder = tab.page, tree()
    film, content = tmp_path / "film.bin", random.Random("film").randbytes(2 * CHUNK + 12345)
    film.write_bytes(content)
    page.route("**/v1/upload", lambda _held: None)
    go(page, f"files{folder}")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    with page.expect_request("**/v1/upload") as first:
        choose(page, film)
    assert json.loads(first.value.headers["holdfast-request"])["offset"] == 0
    with sent_in_part(page, first.value, content[: CHUNK + 99], len(content)):
        page.get_by_role("button", name="Pause: film.bin").click()
        expect(page.get_by_text("1 upload is paused.")).to_be_visible()
    page.unroute("**/v1/upload")
    if reloaded:
        page.reload()
    with page.expect_request("**/v1/upload") as second:
        if reloaded:
            choose(page, film)
        else:
            page.get_by_role("button", name="Continue: film.bin").click()
    assert json.loads(second.value.headers["holdfast-request"])["offset"] == CHUNK
    expect(entry(page, "film.bin")).to_be_visible()
    home.run("get", f"{folder}/film.bin", str(tmp_path / "got")).ok()
    assert (tmp_path / "got").read_bytes() == content


def test_an_upload_that_fails_says_why_and_is_tried_again(tab: Tab, tree: Tree) -> None:
    page, folder = tab.page, tree()
    error = {"kind": "QuotaExceeded", "message": "the account is full", "hint": "", "exit": 12}
    body = json.dumps({"error": error}) + "\n"
    page.route("**/v1/put/pipe", lambda route: route.fulfill(status=200, body=body), times=1)
    go(page, f"files{folder}")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    drop(page, "big.txt", "x")
    expect(page.get_by_text("The account is full.")).to_be_visible()
    page.get_by_role("button", name="Try again: big.txt").click()
    expect(entry(page, "big.txt")).to_be_visible()


@pytest.mark.parametrize(
    "name",
    ["<img src=x onerror=alert(1)>", "constructor", "__proto__", "\u202egpj.exe", "#?&%2e%00", "~"],
)
def test_any_name_is_a_name(tab: Tab, home: Home, tmp_path: Path, name: str) -> None:
    """A deep link leads there, it is shown as it is, and nothing of it is in a request."""
    home.run("mkdir", "-p", "/alice/names").ok()
    (tmp_path / "x").write_text(name)
    home.run("put", str(tmp_path / "x"), f"/alice/names/{name}.txt").ok()
    page = tab.page
    visiting.go(page, f"open/alice/names/{quote(name + '.txt', safe='')}")
    plain = re.sub("[\u202e]", "\ufffd", name)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{plain}.txt")
    expect(page.get_by_role("textbox", name=f"{plain}.txt")).to_have_value(name)
    assert not any("names" in each.partition("#")[0] for each in tab.asked)


def test_a_hundred_thousand_entries_scroll(tab: Tab) -> None:
    page, most = tab.page, 100_000
    lines = (
        f'{{"entry": {{"path": "/alice/many/f{n:06}", "name": "f{n:06}", "kind": "file", '
        f'"size": {n}, "modified": 1795941171787}}}}\n'
        for n in range(most)
    )
    body = "".join(lines) + '{"done": {}}\n'
    page.route("**/v1/ls", lambda route: route.fulfill(body=body))
    go(page, "files/alice/many")
    expect(entry(page, "f000000")).to_be_visible(timeout=PATIENCE)
    expect(entry(page, "f000000")).to_have_attribute("aria-setsize", str(most))
    page.keyboard.press("End")
    expect(entry(page, "f099999")).to_be_visible()
    assert page.get_by_role("option").count() < 100
    page.get_by_role("button", name="Sort by Size").click()
    expect(entry(page, "f099999")).to_be_visible()
    page.keyboard.press("Home")
    expect(entry(page, "f099999")).to_be_visible()
