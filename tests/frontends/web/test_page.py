"""The page's own files: what is served, for how long it may be kept, what it may do."""

import gzip
import re
from pathlib import Path

import pytest

from frontends.web.assets import BELOW, INDEX, PAGE, TYPES, Assets
from tests.daemons.gateway import gateway


def test_the_first_page_names_its_files_by_a_version() -> None:
    assets = Assets()
    index = assets.look("/")
    assert index is not None
    named = re.findall(rb'"(/assets/[^"]+)"', index.body)
    assert named
    for each in named:
        found = assets.look(each.decode())
        assert found is not None
        assert "immutable" in found.cached
    assert "immutable" not in index.cached


def test_another_file_is_another_version(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text(f'<script src="{BELOW}a.js"></script>')
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "b.js").write_text("2")
    assets = Assets(tmp_path)
    before = assets.look("/")
    (tmp_path / "b.js").write_text("33")
    after = assets.look("/")
    assert before is not None
    assert after is not None
    assert before.etag != after.etag


@pytest.mark.parametrize(
    "path", ["/../sites.py", "/assets/../x", "/assets", "/index.html", "//", "/%2e"]
)
def test_nothing_else_is_there(path: str) -> None:
    assets = Assets()
    assert assets.look("/") is not None
    assert assets.look(path) is None


def test_every_file_of_the_page_is_of_a_known_type() -> None:
    assert {each.suffix for each in PAGE.rglob("*") if each.is_file()} <= set(TYPES)


def test_the_page_has_no_inline_script_or_style_and_names_nobody_else() -> None:
    for file in PAGE.rglob("*.html"):
        text = file.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", text), file
        assert not re.search(r"(src|href)=\"(?!/assets/|#)", text), file


async def test_it_is_sent_compressed_and_once(tmp_path: Path) -> None:
    async with gateway(tmp_path / "h") as served:
        caller = served.caller()
        plain = await caller.ask("GET", "/")
        packed = await caller.ask("GET", "/", {"Accept-Encoding": "gzip, br"})
        again = await caller.ask("GET", "/", {"If-None-Match": plain.headers["etag"]})
        bare = await caller.ask("HEAD", "/")
    assert gzip.decompress(packed.body) == plain.body
    assert (again.status, again.body) == (304, b"")
    assert bare.body == b""
    assert bare.headers["content-length"] == plain.headers["content-length"]


async def test_every_answer_is_guarded(tmp_path: Path) -> None:
    async with gateway(tmp_path / "h") as served:
        caller = served.caller()
        for path in ("/", "/nothing", "/v1/status"):
            headers = (await caller.ask("GET", path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert headers["cross-origin-embedder-policy"] == "require-corp"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert "camera=()" in headers["permissions-policy"]
        rules = (await caller.ask("GET", "/")).headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in rules
    assert "script-src 'self'" in rules
    assert "require-trusted-types-for 'script'" in rules
    assert not any("unsafe" in each for each in rules)


async def test_the_page_cannot_be_written_to(tmp_path: Path) -> None:
    async with gateway(tmp_path / "h") as served:
        assert (await served.caller().ask("POST", "/")).status == 400
        assert (await served.caller().ask("GET", "/nothing")).status == 404
