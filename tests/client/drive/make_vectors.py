"""Make the vectors of the drive's formats anew: python -m tests.client.drive.make_vectors

Keys come from words. Nonces are random, so sealed bytes differ in each run;
what is inside them does not.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from client.drive.content import Sealer, segment_sizes
from client.drive.entry import Entry, Kind
from client.drive.header import FileHeader, FolderHeader, Header, Shape, seal_header
from client.drive.node import inline_leaf
from client.drive.padding import pad, padme
from client.drive.page import Page, seal_page
from client.drive.places import Names
from client.drive.ring import DataKey, Ring
from client.keys import NodeKeys
from crypto.hashing import sha256
from crypto.purposes import SealPurpose
from crypto.sealing import Associated
from crypto.secret import Secret
from formats.dag_cbor import Value, encode
from formats.limits import CHUNK, INLINE, KIB

FOLDER: Final = Path(__file__).parents[2] / "vectors" / "drive"


def word(text: str, size: int = 32) -> bytes:
    """Bytes that belong to a word."""
    return sha256(b"holdfast drive vectors: " + text.encode())[:size]


def ring(text: str, *generations: int, file_id: bytes | None = None) -> Ring:
    return Ring(
        tuple(
            DataKey(
                number, Secret(word(f"{text} data key {number}")), file_id or word(f"{text} id", 16)
            )
            for number in generations or (0,)
        )
    )


KEYS: Final = NodeKeys(Secret(word("node secret")))
SMALL: Final = FileHeader(word("small id", 16), ring("small"), 5, 1_700_000_000_000_000_000, -5)
LARGE: Final = FileHeader(
    word("large id", 16),
    ring("large", 1, 4),
    12_288 * 3 + 100,
    1,
    1_700_000_000_123_456_789,
    executable=True,
    inline=False,
    type="text/plain",
    holes=((1, 1),),
    hash=word("hash"),
    shape=Shape(12 * KIB, 4 * KIB),
)
PICTURE: Final = FileHeader(
    word("picture id", 16), ring("picture"), 9, 3, 4, type="image/webp", thumb=True
)
HOLDER: Final = FolderHeader(
    word("folder id", 16), ring("folder", 2), Secret(word("names")), 7, settings={"colour": "blue"}
)
ENTRIES: Final = (
    Entry("a.txt", Kind.FILE, 5, Secret(word("a")), word("a id", 16), 17, True, type="text/plain"),
    Entry("ünïcödé", Kind.FOLDER, -5, Secret(word("b")), word("b id", 16), depth=3, created=9),
    Entry("link", Kind.LINK, 2**62, target="../elsewhere"),
    Entry(
        "mounted", Kind.MOUNT, 0, Secret(word("m")), word("m id", 16),
        owner=word("owner"), space=word("space"),
    ),
)  # fmt: skip


def said(header: Header) -> dict[str, Value]:
    assert isinstance(header.value, dict)
    return header.value


def plain(value: Value) -> object:
    """A value as JSON says it: bytes as ``{"hex": ...}``."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value


def keys() -> object:
    labels = {
        "header": KEYS.label,
        "chunk 0": KEYS.chunk_label(0),
        "chunk 1000000": KEYS.chunk_label(1_000_000),
        "thumbnail": KEYS.thumb_label,
        "page 3": KEYS.page_label(b"\3"),
        "page 3 15 0": KEYS.page_label(b"\3\x0f\0"),
    }
    return {
        "secret": KEYS.secret.reveal().hex(),
        "labels": {name: label.hex() for name, label in labels.items()},
        "locks": {name: KEYS.lock(label).public.hex() for name, label in labels.items()},
    }


def headers() -> object:
    other = NodeKeys(Secret(word("another node secret")))
    sealed = bytearray(seal_header(KEYS, SMALL))
    sealed[-1] ^= 1
    odd = pad(encode(said(SMALL)), 512)[:-1] + b"\1"
    odd_sealed = KEYS.header_key.seal_committed(odd, Associated(SealPurpose.HEADER))
    refused = [
        ("for another node", seal_header(other, SMALL), "Damaged"),
        ("an altered bit", bytes(sealed), "Damaged"),
        ("cut short", bytes(sealed[:72]), "Damaged"),
        ("padding that is not zero", odd_sealed, "Malformed"),
        *((name, _sealed({**said(SMALL), **change}), kind) for name, change, kind in ODD),
    ]
    return {
        "secret": KEYS.secret.reveal().hex(),
        "valid": [
            {"fields": plain(header.value), "sealed": seal_header(KEYS, header).hex()}
            for header in (SMALL, LARGE, HOLDER, PICTURE)
        ],
        "refused": [
            {"why": why, "sealed": sealed.hex(), "error": error} for why, sealed, error in refused
        ],
    }


ODD: Final[list[tuple[str, dict[str, Value], str]]] = [
    ("version 2", {"v": 2}, "UnknownVersion"),
    ("an unknown kind", {"kind": "pipe"}, "Malformed"),
    ("no generations", {"ring": []}, "Malformed"),
    ("generations out of order", {"ring": [[1, bytes(32), bytes(16)], [0, bytes(32), bytes(16)]]},
     "Malformed"),
    ("inline and large", {"size": INLINE + 1}, "Malformed"),
    ("a hole beyond the end", {"inline": False, "holes": [[0, 2]]}, "Malformed"),
    ("segments of 100 bytes", {"segment": 100}, "Malformed"),
    ("a thumbnail without a type", {"thumb": True}, "Malformed"),
    ("a thumbnail of text", {"thumb": True, "type": "text/plain"}, "Malformed"),
    ("a thumbnail said not to be", {"thumb": False, "type": "image/png"}, "Malformed"),
    ("a thumbnail that is a number", {"thumb": 1, "type": "image/png"}, "Malformed"),
    ("a chunk of 21 segments", {"chunk": 21 * 256 * KIB}, "Malformed"),
]  # fmt: skip


def _sealed(value: Mapping[str, Value]) -> bytes:
    content = pad(encode(dict(value)), 512)
    return KEYS.header_key.seal_committed(content, Associated(SealPurpose.HEADER))


def pages() -> object:
    names = Names(HOLDER.names)
    page = Page()
    for entry in ENTRIES:
        page.put(entry)
    below = Page(names.place("a.txt")[:2])
    below.put(ENTRIES[0])
    stub = Page(b"\7")
    stub.is_stub = True
    bad = [{**ENTRIES[0].value, "name": name} for name in ("..", "a/b", "e\u0301")]
    hostile = encode({"v": 1, "entries": [ENTRIES[0].value, *bad, ENTRIES[0].value, 7]})
    return {
        "folder": plain(HOLDER.value),
        "places": {name: names.place(name).hex() for name in ("a.txt", "ünïcödé", "link")},
        "valid": [
            {
                "prefix": each.prefix.hex(),
                "stub": each.is_stub,
                "entries": [plain(value) for value in each.values.values()],
                "body": seal_page(HOLDER, each.prefix, each.encode()).hex(),
            }
            for each in (page, below, stub)
        ],
        "quarantined": {"count": 5, "body": seal_page(HOLDER, b"", hostile).hex()},
        "refused": [
            {"why": "from another place", "prefix": "04", "error": "Damaged",
             "body": seal_page(HOLDER, b"\3", page.encode()).hex()},
            {"why": "neither stub nor entries", "prefix": "", "error": "Malformed",
             "body": seal_page(HOLDER, b"", encode({"v": 1})).hex()},
            {"why": "version 2", "prefix": "", "error": "UnknownVersion",
             "body": seal_page(HOLDER, b"", encode({"v": 2, "entries": []})).hex()},
        ],
    }  # fmt: skip


def contents() -> object:
    chunk = 3
    size = LARGE.size - chunk * LARGE.shape.chunk
    data = (word("content") * 4)[:size]
    buffer = bytearray(LARGE.shape.chunk)
    buffer[:size] = data
    last = Sealer().seal(LARGE.ring.current, LARGE.shape, chunk, buffer, size)
    full = (word("full") * (LARGE.shape.chunk // 32))[: LARGE.shape.chunk]
    first = Sealer().seal(LARGE.ring.keys[0], LARGE.shape, 0, bytearray(full), len(full))
    inline = replace(SMALL, ring=ring("small", 3, file_id=word("where it was copied from", 16)))
    leaf = inline_leaf(KEYS, inline, b"hello")
    assert leaf.header is not None
    assert leaf.body is not None
    return {
        "padme": {str(size): padme(size) for size in (0, 1, 2, 9, 100, 1000, 65537, 2**40 + 1)},
        "segments": {
            str(size): segment_sizes(Shape(), size)
            for size in (1, 1024, 1025, INLINE + 1, 300_000, CHUNK - 1, CHUNK)
        },
        "header": plain(LARGE.value),
        "chunks": [
            {"chunk": 0, "content": full.hex(), "blocks": [block.data.hex() for block in first]},
            {"chunk": 3, "content": data.hex(), "blocks": [block.data.hex() for block in last]},
        ],
        "inline": {
            "secret": KEYS.secret.reveal().hex(),
            "content": b"hello".hex(),
            "leaf": leaf.block.data.hex(),
        },
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = {"keys": keys(), "header": headers(), "page": pages(), "content": contents()}
    for name, value in made.items():
        text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{name}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
