"""The exact bytes of the drive's formats: what was written opens, what is odd is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from client.drive.content import open_segments, segment_sizes
from client.drive.entry import Quarantined
from client.drive.header import FileHeader, FolderHeader, Shape, decode_header, open_header
from client.drive.node import FileNode, inline_content
from client.drive.padding import padme
from client.drive.page import open_page
from client.drive.places import Names
from client.keys import NodeKeys
from crypto.secret import Secret
from formats import errors
from formats.dag_cbor import Value, encode
from formats.errors import Damaged
from formats.leaf import Leaf
from tests.client.drive.make_vectors import plain

VECTORS = Path(__file__).parents[2] / "vectors" / "drive"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def value_of(said: Any) -> Value:
    """The value that JSON says: the reverse of ``plain``."""
    if isinstance(said, list):
        return [value_of(each) for each in said]
    if isinstance(said, dict):
        if set(said) == {"hex"}:
            return bytes.fromhex(said["hex"])
        return {name: value_of(each) for name, each in said.items()}
    assert said is None or isinstance(said, bool | int | str)
    return said


def header_of(said: Any) -> FileHeader | FolderHeader:
    return decode_header(encode(value_of(said)))


def test_keys() -> None:
    said = vectors("keys")
    keys = NodeKeys(Secret(bytes.fromhex(said["secret"])))
    labels = {
        "header": keys.label,
        "chunk 0": keys.chunk_label(0),
        "chunk 1000000": keys.chunk_label(1_000_000),
        "thumbnail": keys.thumb_label,
        "page 3": keys.page_label(b"\3"),
        "page 3 15 0": keys.page_label(b"\3\x0f\0"),
    }
    assert {name: label.hex() for name, label in labels.items()} == said["labels"]
    locks = {name: keys.lock(label).public.hex() for name, label in labels.items()}
    assert locks == said["locks"]


@pytest.mark.parametrize(
    "each", vectors("header")["valid"], ids=lambda each: each["fields"]["kind"]
)
def test_headers(each: Any) -> None:
    keys = NodeKeys(Secret(bytes.fromhex(vectors("header")["secret"])))
    header = open_header(keys, bytes.fromhex(each["sealed"]))
    assert plain(header.value) == each["fields"]
    assert header == header_of(each["fields"])


@pytest.mark.parametrize("each", vectors("header")["refused"], ids=lambda each: each["why"])
def test_refused_headers(each: Any) -> None:
    keys = NodeKeys(Secret(bytes.fromhex(vectors("header")["secret"])))
    with pytest.raises(getattr(errors, each["error"])):
        open_header(keys, bytes.fromhex(each["sealed"]))


def folder() -> tuple[FolderHeader, Names]:
    header = header_of(vectors("page")["folder"])
    assert isinstance(header, FolderHeader)
    return header, Names(header.names)


def test_places() -> None:
    _, names = folder()
    for name, place in vectors("page")["places"].items():
        assert names.place(name).hex() == place


@pytest.mark.parametrize(
    "each", vectors("page")["valid"], ids=lambda each: each["prefix"] or "root"
)
def test_pages(each: Any) -> None:
    header, names = folder()
    page = open_page(header, names, bytes.fromhex(each["prefix"]), bytes.fromhex(each["body"]))
    assert page.is_stub == each["stub"]
    assert not page.bad
    assert {name: plain(value) for name, value in page.values.items()} == {
        entry["name"]: entry for entry in each["entries"]
    }


def test_hostile_entries_are_quarantined() -> None:
    header, names = folder()
    said = vectors("page")["quarantined"]
    page = open_page(header, names, b"", bytes.fromhex(said["body"]))
    shown = list(page.all())
    assert sum(isinstance(each, Quarantined) for each in shown) == said["count"]
    assert [each.name for each in shown if not isinstance(each, Quarantined)] == ["a.txt"]


@pytest.mark.parametrize("each", vectors("page")["refused"], ids=lambda each: each["why"])
def test_refused_pages(each: Any) -> None:
    header, names = folder()
    with pytest.raises(getattr(errors, each["error"])):
        open_page(header, names, bytes.fromhex(each["prefix"]), bytes.fromhex(each["body"]))


def test_sizes() -> None:
    said = vectors("content")
    assert {size: padme(int(size)) for size in said["padme"]} == said["padme"]
    sizes = {size: segment_sizes(Shape(), int(size)) for size in said["segments"]}
    assert sizes == said["segments"]


@pytest.mark.parametrize("at", [0, 1])
def test_chunks(at: int) -> None:
    said = vectors("content")
    header = header_of(said["header"])
    assert isinstance(header, FileHeader)
    each = said["chunks"][at]
    blocks = [bytes.fromhex(block) for block in each["blocks"]]
    out = bytearray(header.shape.chunk)
    open_segments(header, each["chunk"], range(len(blocks)), blocks, memoryview(out))
    content = bytes.fromhex(each["content"])
    assert out[: len(content)] == content
    with pytest.raises(Damaged):
        open_segments(replace(header, holes=()), 1, range(1), blocks[:1], memoryview(out))


def test_inline_content() -> None:
    said = vectors("content")["inline"]
    keys = NodeKeys(Secret(bytes.fromhex(said["secret"])))
    leaf = Leaf.decode(bytes.fromhex(said["leaf"]))
    assert leaf.header is not None
    header = open_header(keys, leaf.header)
    assert isinstance(header, FileHeader)
    assert inline_content(FileNode(keys, leaf, header)) == bytes.fromhex(said["content"])
