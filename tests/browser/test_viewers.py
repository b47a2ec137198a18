"""Sound, film and documents on the page: played, sought in, left."""

import base64
import random
import re
import wave

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Tab, opened
from tests.browser.visiting import go
from tests.daemons.processes import Home

SECONDS = 90
RATE = 8000

FILM = """async () => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 64, height: 48 });
  document.body.append(canvas);
  const paint = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((done) => { recorder.onstop = done; });
  recorder.start(100);
  for (let frame = 0; parts.length < 12; frame += 1) {
    paint.fillStyle = `hsl(${frame * 9} 80% 50%)`;
    paint.fillRect(0, 0, 64, 48);
    await new Promise((next) => setTimeout(next, 20));
  }
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""
"""About a second of colours, recorded by the browser that is to show it: a real WebM."""

PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj
trailer<</Root 1 0 R>>
"""


@pytest.fixture(scope="module")
def film(chromium: Browser) -> bytes:
    with opened(chromium) as tab:
        tab.page.goto("about:blank")
        return base64.b64decode(tab.page.evaluate(FILM))


@pytest.fixture(scope="module")
def stocked(home: Home, film: bytes, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home, with a sound, a film, a document, and a film that is none."""
    folder = tmp_path_factory.mktemp("media")
    with wave.open(str(folder / "birds.wav"), "wb") as sound:
        sound.setparams((1, 2, RATE, RATE * SECONDS, "NONE", ""))
        sound.writeframes(random.Random("birds").randbytes(2 * RATE * SECONDS))
    (folder / "ferry.webm").write_bytes(film)
    (folder / "contract.pdf").write_bytes(PDF)
    (folder / "torn.webm").write_bytes(film[:40])
    home.run("put", *(str(each) for each in folder.iterdir()), "/alice").ok()
    return home


def lasts(player: Locator, seconds: float) -> None:
    """Once its beginning has come, it says how long it is."""
    expect(player).to_have_js_property("readyState", 4)
    assert player.evaluate("(each) => each.duration") == seconds


def seek(player: Locator, seconds: float) -> None:
    player.evaluate(
        """(each, seconds) => new Promise((done) => {
          each.onseeked = done;
          each.currentTime = seconds;
        })""",
        seconds,
    )
    assert player.evaluate("(each) => each.currentTime") == pytest.approx(seconds, abs=0.2)


def plays(player: Locator) -> None:
    """It moves on by itself."""
    player.evaluate(
        """(each) => new Promise((done) => {
          const begun = each.currentTime;
          each.muted = true;
          each.ontimeupdate = () => { if (each.currentTime > begun) done(); };
          each.play();
        })"""
    )


def test_a_sound_is_played_from_where_one_likes(tab: Tab, stocked: Home) -> None:
    page = tab.page
    spans = list[str]()
    page.on("response", lambda each: spans.append(each.headers.get("content-range", "")))
    go(page, "open/alice/birds.wav")
    player = page.get_by_label("birds.wav")
    lasts(player, SECONDS)
    seek(player, 80)
    plays(player)
    assert [each for each in spans if re.match(r"bytes [1-9]", each)], spans


def test_a_film_is_shown_and_stops_when_it_is_left(tab: Tab, stocked: Home) -> None:
    page = tab.page
    go(page, "open/alice/ferry.webm")
    player = page.get_by_label("ferry.webm")
    expect(player).to_have_js_property("videoWidth", 64)
    seek(player, 0.4)
    plays(player)
    film = player.element_handle()
    page.get_by_role("link", name="Back to the folder").click()
    expect(page.get_by_role("option", name="ferry.webm")).to_be_visible()
    assert film.evaluate("(each) => each.paused")


def test_a_film_that_cannot_be_shown_says_so(tab: Tab, stocked: Home) -> None:
    go(tab.page, "open/alice/torn.webm")
    expect(tab.page.get_by_text("Your browser cannot show this")).to_be_visible()


def test_a_document_is_shown_apart(tab: Tab, stocked: Home) -> None:
    """By the browser's own viewer, and from the other site: it can reach nothing of the page."""
    page = tab.page
    with page.expect_response(re.compile(r"^http://127\.0\.0\.1:")) as coming:
        go(page, "open/alice/contract.pdf")
    answer = coming.value
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    frame = page.get_by_title("contract.pdf")
    expect(frame).to_have_attribute("src", answer.url)
    inside = frame.element_handle().content_frame()
    assert inside is not None
    inside.wait_for_url(answer.url)  # before that it is an empty page of this site
    assert page.evaluate("document.querySelector('iframe').contentDocument") is None


def test_arrow_keys_go_from_file_to_file(tab: Tab, stocked: Home) -> None:
    page: Page = tab.page
    go(page, "open/alice/birds.wav")
    expect(page.get_by_role("heading", level=1)).to_have_text("birds.wav")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("contract.pdf")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("ferry.webm")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("contract.pdf")
    page.keyboard.press("Escape")
    expect(page.get_by_role("option", name="contract.pdf")).to_be_visible()
