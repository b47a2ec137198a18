"""Folders dragged from the disk onto the page, and pasted files: by the browser's own events."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Tab
from tests.browser.visiting import go
from tests.daemons.processes import Home

TREE = {
    "Trip/day one/a.txt": "a",
    "Trip/day one/b & c.txt": "b",
    "Trip/day two/inner/d.txt": "d",
    "Trip/größe.txt": "g",
    "alone.txt": "alone",
}
MANY = 101
"""Files in one folder: browsers give a hundred at a time."""


def planted(place: Path) -> list[str]:
    """Things on the disk: a folder with folders, an empty one in it, a file beside it."""
    for name, text in TREE.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    (place / "Trip" / "nothing").mkdir()
    (place / "Trip" / "many").mkdir()
    for number in range(MANY):
        (place / "Trip" / "many" / f"{number:03}.txt").write_text(str(number))
    return [str(place / "Trip"), str(place / "alone.txt")]


def drag(page: Page, over: Locator, files: list[str], *steps: str) -> None:
    """What the system tells the browser while somebody drags files over the window."""
    box = over.bounding_box()
    assert box is not None
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": files, "dragOperationsMask": 1}
    browser = page.context.new_cdp_session(page)
    for step in steps:
        browser.send("Input.dispatchDragEvent", {"type": step, **where, "data": data})
    browser.detach()


def test_a_dropped_folder_is_stored_with_all_that_is_in_it(
    tab: Tab, home: Home, tmp_path: Path
) -> None:
    page, things = tab.page, planted(tmp_path)
    home.run("mkdir", "/alice/dropped", "/alice/dropped/Inside").ok()
    go(page, "files/alice/dropped")
    inside = page.get_by_role("option", name="Inside")
    drag(page, inside, things, "dragEnter", "dragOver")
    expect(page.locator(".under")).to_have_count(1)
    drag(page, inside, things, "drop")
    expect(page.locator(".under")).to_have_count(0)
    expect(page.get_by_text(f"{len(TREE) + MANY} files are stored.")).to_be_visible()
    home.run("get", "/alice/dropped/Inside", str(tmp_path / "got")).ok()
    got = tmp_path / "got"
    assert {name: (got / name).read_text() for name in TREE} == TREE
    assert len(list((got / "Trip" / "many").iterdir())) == MANY
    assert list((got / "Trip" / "nothing").iterdir()) == []
    page.get_by_role("option", name="Inside").dblclick()
    expect(page.get_by_role("option", name="Trip")).to_be_visible()
    expect(page.get_by_role("option", name="alone.txt")).to_be_visible()


NOTICE = """() => {
  window.heard = [];
  addEventListener("dragover", (event) =>
    heard.push([event.defaultPrevented, event.dataTransfer.dropEffect]));
}"""


def test_files_are_not_opened_where_nobody_takes_them(tab: Tab, tmp_path: Path) -> None:
    """A browser would show what is dropped instead of the page, with all that goes on in it."""
    page, things = tab.page, planted(tmp_path)
    go(page, "feed")
    aim = page.get_by_role("heading", name="Feed")
    expect(aim).to_be_visible()
    page.evaluate(NOTICE)
    drag(page, aim, things, "dragEnter", "dragOver", "drop")
    page.wait_for_function("heard.length > 0")
    assert page.evaluate("heard.at(-1)") == [True, "none"]
    expect(aim).to_be_visible()


def paste(page: Page, files: dict[str, str]) -> None:
    """As Ctrl+V does it when files were copied elsewhere."""
    make: Any = """(files) => {
      const data = new DataTransfer();
      for (const [name, text] of Object.entries(files)) data.items.add(new File([text], name));
      const how = { clipboardData: data, bubbles: true, cancelable: true };
      document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
    }"""
    page.evaluate(make, files)


def test_pasted_files_are_stored_and_none_takes_the_place_of_another(tab: Tab, home: Home) -> None:
    page = tab.page
    home.run("mkdir", "/alice/pasted").ok()
    go(page, "files/alice/pasted")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    paste(page, {"one.txt": "1", "image.png": ""})
    expect(page.get_by_role("option", name="one.txt")).to_be_visible()
    expect(page.get_by_role("option", name="Pasted picture.png")).to_be_visible()
    paste(page, {"one.txt": "2"})
    expect(page.get_by_role("option", name="one (2).txt")).to_be_visible()
    assert home.run("cat", "/alice/pasted/one.txt", "/alice/pasted/one (2).txt").ok().out == "12"
