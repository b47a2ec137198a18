"""What the page's modules do by themselves: their own tests and their types, by node.

Where there is no node these are left out, unless HOLDFAST_REQUIRE names it. `make page` installs
what checks the types; without that only the types are left out.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from frontends.web.assets import PAGE

ROOT = Path(__file__).parents[3]
TESTS = Path(__file__).parent / "page"
CHECKS = ROOT / "packaging" / "web"
WORDS = Path("base", "words")


def need_node() -> str:
    """Where node is; the test that asks is left out without it."""
    found = shutil.which("node")
    if found is None:
        if "node" in os.environ.get("HOLDFAST_REQUIRE", "").split():
            pytest.fail("node is required (HOLDFAST_REQUIRE) and is not installed")
        pytest.skip("node is not installed")
    return found


def run(*words: str | Path) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", sorted(TESTS.glob("*.test.js")), ids=lambda each: each.name)
def test_what_the_modules_say_of_themselves(file: Path) -> None:
    run(need_node(), "--test", file)


def test_types_and_shape_fit() -> None:
    node, programs = need_node(), CHECKS / "node_modules" / ".bin"
    if not programs.exists():
        pytest.skip("TypeScript and prettier are not installed: make page")
    run(node, (programs / "tsc").resolve(), "-p", CHECKS)
    config = CHECKS / "prettier.json"
    run(node, (programs / "prettier").resolve(), "--config", config, "--check", PAGE, TESTS)


def test_every_module_is_checked() -> None:
    unchecked = [each for each in PAGE.rglob("*.js") if not _is_checked(each)]
    assert unchecked == []


def test_no_module_makes_markup_of_text_or_names_another_site() -> None:
    """Trusted Types would stop the first and the policy the second: neither is even tried."""
    words = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "srcdoc", "eval(")
    for file in PAGE.rglob("*.js"):
        text = file.read_text("utf-8")
        assert [each for each in words if each in text] == [], file
        named = text.replace('"http://www.w3.org/2000/svg"', "")
        assert "http://" not in named, file
        assert "https://" not in named, file


def test_every_text_is_shown_somewhere_and_every_one_that_is_asked_for_is_there() -> None:
    """A word is written whole where it is asked for, or as its beginning and what varies."""
    words = set(re.findall(r'^  "?([\w.]+)"?:', (PAGE / WORDS / "en.js").read_text("utf-8"), re.M))
    code = "".join(
        each.read_text("utf-8") for each in PAGE.rglob("*.js") if each.parent != PAGE / WORDS
    )
    written = set(re.findall(r'"([\w.]+)"', code))
    begun = tuple(re.findall(r"\bt\(\s*(?:/\*.*?\*/ \()?`([\w.]+)\$", code))
    assert [each for each in words if each not in written and not each.startswith(begun)] == []
    assert set(re.findall(r'\bt\(\s*"([\w.]+)"', code)) - words == set()


def test_every_module_is_small_and_says_what_it_is() -> None:
    for file in PAGE.rglob("*.js"):
        lines = file.read_text("utf-8").splitlines()
        assert lines[1].startswith("/**"), file
        assert len(lines) <= 340 or file.parent.name == "words", (file, len(lines))


def _is_checked(file: Path) -> bool:
    return file.read_text("utf-8").startswith("// @ts-check\n")
