"""What a page of somebody else, in the same browser, gets of the owner's: nothing."""

from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import Tab
from tests.browser.elsewhere import Elsewhere
from tests.browser.visiting import entered
from tests.daemons.processes import Home

ASKED = """async ({page, key}) => {
  const got = {};
  const all = {"Holdfast-Key": key};
  for (const [name, options] of Object.entries({
    plain: {}, credentials: {credentials: "include"},
    opaque: {mode: "no-cors", credentials: "include"},
    keyed: {credentials: "include", headers: all},
    post: {method: "POST", mode: "no-cors", credentials: "include", body: '{"path": "x"}'},
  })) {
    try {
      const answer = await fetch(page + "/v1/mkdir", {method: "POST", ...options});
      got[name] = answer.type === "opaque" ? "opaque" : await answer.text();
    } catch { got[name] = "refused"; }
  }
  for (const kind of ["script", "img", "iframe", "link"]) {
    const made = document.createElement(kind);
    if (kind === "link") made.rel = "stylesheet";
    const ended = new Promise((end) => {
      made.onload = () => end("loaded"); made.onerror = () => end("refused");
    });
    made[kind === "link" ? "href" : "src"] = page + (kind === "iframe" ? "/" : "/v1/status");
    document.body.append(made);
    got[kind] = await ended;
    if (kind === "iframe") {
      try { got.iframe = String(made.contentDocument); } catch { got.iframe = "refused"; }
    }
  }
  return got;
}"""


@pytest.mark.parametrize("host", ["evil.example", "holdfast.localhost", "127.0.0.1"])
def test_another_page_reads_and_does_nothing(
    stranger: Tab, home: Home, evil: Elsewhere, host: str
) -> None:
    """Of another site, of our own name at another port, of the address of our own content."""
    tab = entered(stranger, home)
    page = "http://" + urlsplit(tab.page.url).netloc
    key = tab.page.evaluate("localStorage.getItem('holdfast-key')")
    before = home.run("ls").ok().out
    other = tab.page.context.new_page()
    other.goto(f"http://{host}:{evil.port}/")
    got = other.evaluate(ASKED, {"page": page, "key": key})
    shown = {name: said for name, said in got.items() if said not in ("refused", "opaque", "null")}
    assert shown == {}
    assert home.run("ls").ok().out == before


def test_a_page_that_opened_ours_cannot_reach_into_it(
    stranger: Tab, home: Home, evil: Elsewhere
) -> None:
    tab = entered(stranger, home)
    page = "http://" + urlsplit(tab.page.url).netloc
    other = tab.page.context.new_page()
    other.goto(f"http://evil.example:{evil.port}/")
    with other.expect_popup() as opening:
        other.evaluate("(page) => { window.ours = window.open(page); }", page)
    ours = opening.value
    ours.wait_for_load_state()
    ours.wait_for_selector("h1")
    assert other.evaluate("ours.closed")  # to who opened it, it is gone
    assert ours.evaluate("window.opener") is None


def test_who_has_our_name_at_another_port_is_not_given_the_key(
    stranger: Tab, home: Home, evil: Elsewhere
) -> None:
    """Browsers send cookies to every port of a name: that is why one alone is worth nothing."""
    tab = entered(stranger, home)
    tab.page.goto(f"http://holdfast.localhost:{evil.port}/v1/status")
    assert tab.page.evaluate("localStorage.length") == 0
    assert all("Holdfast-Key" not in head for _, head in evil.heard)


def test_a_name_that_was_made_to_point_here_shows_nothing(stranger: Tab, home: Home) -> None:
    """DNS rebinding: every name in ``.example`` is this machine here."""
    tab = entered(stranger, home)
    port = urlsplit(tab.page.url).port
    for path in ("/", "/v1/status"):
        answer = tab.page.goto(f"http://evil.example:{port}{path}")
        assert answer is not None
        assert answer.status == 403
        assert "that is not the name of this page" in tab.page.inner_text("body")
