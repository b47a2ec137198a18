"""What people keep is shown and stored by a real browser: sound with seeking, pictures, files."""

import random
import wave
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.chromium import Tab
from tests.browser.visiting import address, entered
from tests.daemons.processes import Home

SECONDS = 120
RATE = 8000
NAME = "b\u00fccher & \u202efdp.bin"
DATA = random.Random("stored").randbytes(3_000_000)

SOUND = """(address) => new Promise((done, broken) => {
  const sound = document.createElement("audio");
  sound.preload = "metadata";
  sound.onerror = () => broken(new Error(sound.error.message));
  sound.onloadedmetadata = () => { sound.currentTime = 100; };
  sound.onseeked = () => done([sound.duration, sound.currentTime]);
  sound.src = address;
  document.body.append(sound);
})"""

PICTURE = """(address) => new Promise((done, broken) => {
  const picture = document.createElement("img");
  picture.onerror = () => broken(new Error("not shown"));
  picture.onload = () => done([picture.naturalWidth, picture.naturalHeight]);
  picture.src = address;
  document.body.append(picture);
})"""

STORE = """(address) => {
  const link = document.createElement("a");
  link.href = address;
  document.body.append(link);
  link.click();
}"""


@pytest.fixture(scope="module")
def stocked(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home, with a sound, a picture and a file."""
    folder = tmp_path_factory.mktemp("shown")
    with wave.open(str(folder / "sound.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(random.Random("sound").randbytes(2 * RATE * SECONDS))
    Image.new("RGB", (60, 40), "red").save(folder / "picture.png")
    (folder / NAME).write_bytes(DATA)
    names = [str(folder / name) for name in ("sound.wav", "picture.png", NAME)]
    home.run("put", *names, "/alice").ok()
    return home


def test_a_sound_can_be_sought_in(stranger: Tab, stocked: Home) -> None:
    tab = entered(stranger, stocked)
    spans = list[str]()
    tab.page.on("response", lambda each: spans.append(each.headers.get("content-range", "")))
    assert tab.page.evaluate(SOUND, address(tab, "sound.wav")) == [SECONDS, 100]
    assert any(each.startswith("bytes ") for each in spans)
    assert tab.complaints == []


def test_a_picture_is_shown(stranger: Tab, stocked: Home) -> None:
    tab = entered(stranger, stocked)
    assert tab.page.evaluate(PICTURE, address(tab, "picture.png")) == [60, 40]
    assert tab.complaints == []


def test_a_file_is_stored_under_its_name(stranger: Tab, stocked: Home, tmp_path: Path) -> None:
    """But for letters that turn the others around, so that an end looks like another one."""
    tab = entered(stranger, stocked)
    with tab.page.expect_download() as coming:
        tab.page.evaluate(STORE, address(tab, NAME, save=True))
    coming.value.save_as(tmp_path / "stored")
    assert (tmp_path / "stored").read_bytes() == DATA
    assert coming.value.suggested_filename == "b\u00fccher & _fdp.bin"
    assert tab.complaints == []
