"""The vectors of the records: what a second implementation is held against.

What is made here comes out the same in every run, and a test compares it with
what is committed. What has hybrid signatures in it is in ``signed_vectors``.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from formats.ancestry import descent, skip_seq
from formats.car import header, section
from formats.card import Card
from formats.cid import Block
from formats.dag_cbor import Value, encode
from formats.drop import SEALED_MESSAGE, Drop, day_of, work_target
from formats.errors import HoldfastError
from formats.handle import handle
from formats.invite import Invite
from formats.leaf import MAX_SEGMENT_BLOCK, MIN_SEGMENT_BLOCK
from formats.read_proof import MAX_LIFE, ReadProof
from formats.varint import varint
from tests.records.people import (
    ALICE,
    CLIENT,
    DAY,
    NOW,
    SERVER,
    digest,
    lock,
)
from tests.records.schemas import SCHEMAS, text

FOLDER: Final = Path(__file__).parents[1] / "vectors"
LARGEST: Final = 6 * 1024
"""Cases with more bytes than this are left to the tests, which make them all from the schemas."""

PLACES: Final = {"hello": "statement/hello_decode", "statement": "statement/request_decode"} | {
    "token_grant": "drop/grant_decode",
    "courier_record": "courier/record_decode",
    "receipt": "farewell/receipt_decode",
}
"""Where the decode cases of a schema go, if not to ``<schema>/decode``."""

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


def kind(error: type[HoldfastError] | str | None) -> str:
    """How a vector names what is to come: ``ok``, or the error in lower case with hyphens."""
    if error is None:
        return "ok"
    name = error if isinstance(error, str) else error.__name__
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def decode_cases(name: str) -> list[Json]:
    """Bytes to read (for cards, invites and kits: text), from the schema."""
    cases: list[Json] = []
    large = len(encode(SCHEMAS[name].valid)) > 1024
    for case in SCHEMAS[name].cases():
        if len(case.data) > LARGEST or (large and re.search("is null|another type", case.name)):
            continue
        form = {"hex": case.data.hex()}
        if name in ("card", "invite", "kit"):
            form = {"text": text(name, case.data)}
        cases.append({"name": case.name, **form, "expect": kind(case.expect)})
    return cases


# --- names and arithmetic


def names() -> Json:
    """Names of files, and of accounts."""
    files: dict[str, str | None] = {
        "a": "a", "a" * 255: "a" * 255, "a" * 256: None, "": None, ".": None, "..": None,
        "...": "...", "a/b": None, "a\0b": None, "a\x1fb": None, "a b": "a b", "\x7e": "\x7e",
        "\x7f": None, "\x80": None, "\x9f": None, "\xa0": "\xa0", "\xe9": "\xe9",
        "e\u0301": "\xe9", "\u212b": "\xc5", "\u2028": "\u2028",
    }  # fmt: skip
    given: list[Json] = [
        {"given": each, "normalised": to, "expect": kind(None if to else "BadName")}
        for each, to in files.items()
    ]
    accounts = ["a", "a" * 32, "0-_z", "", "a" * 33, "A", "a.b", "é", "a\n", "\u0663"]
    return {
        "files": given,
        "accounts": [
            {"given": each, "expect": kind(None if at < 3 else "BadName")}
            for at, each in enumerate(accounts)
        ],
    }


def handles() -> Json:
    """Handles written, and read as people type them."""
    ids = [
        digest("alice id"),
        bytes(32),
        b"\xff" * 32,
        bytes.fromhex("00443214c74254b635cf") + bytes(22),
    ]
    written: list[Json] = [
        {"name": "alice", "id": each.hex(), "handle": handle("alice", each)} for each in ids
    ]
    typed = {
        "ALICE~0123-4567-89AB-CDEF": True, "alice~oi23456789abcdef": True,
        "alice~0L23 4567 89ab cdef": True, "alice~u123-4567-89ab-cdef": False, "alice": False,
        "alice~0123-4567-89ab-cde": False, "alice~0123-4567-89ab-cdeff": False,
    }  # fmt: skip
    read: list[Json] = [
        {
            "given": each,
            **({"fingerprint": "00443214c74254b635cf"} if fine else {}),
            "expect": kind(None if fine else "Usage"),
        }
        for each, fine in typed.items()
    ]
    return {"written": written, "read": read}


def skips() -> Json:
    """Where records skip to, and ways back."""
    pairs = [(1, 0), (2, 1), (8, 0), (8, 7), (8, 5), (39, 5), (1000, 3), (2**40, 2**40 - 3)]
    return {
        "skips": {str(seq): skip_seq(seq) for seq in [*range(1, 17), 1000, 2**53]},
        "descents": [
            {"newest": newest, "oldest": oldest, "path": [*descent(newest, oldest)]}
            for newest, oldest in pairs
        ],
    }


def cars() -> Json:
    """CAR files with one root, and what is none."""
    root, other = Block.cbor(encode({"v": 1})), Block.raw(b"sealed")
    whole = header(root.cid) + section(root.cid, root.data) + section(other.cid, other.data)
    two = encode({"roots": [root.cid, other.cid], "version": 1})
    second = encode({"roots": [root.cid], "version": 2})
    rest = whole[len(header(root.cid)) :]
    wrong = whole[:-1] + b"x"
    given: list[tuple[str, bytes, str | None]] = [
        ("two blocks", whole, None),
        ("none", header(root.cid), None),
        ("nothing", b"", "Malformed"),
        ("two roots", varint(len(two)) + two + rest, "Malformed"),
        ("version 2", varint(len(second)) + second + rest, "Malformed"),
        ("cut short", whole[:-1], "Malformed"),
        ("a length that is longer than it has to be", whole + b"\xa4\x00", "Malformed"),
        ("a section without a CID", whole + b"\x03abc", "Malformed"),
        ("other bytes than the CID names", wrong, "BadBlock"),
    ]
    cases: list[Json] = [
        {"name": name, "hex": data.hex(), "expect": kind(expect)} for name, data, expect in given
    ]
    named: dict[str, Value] = {"whereabouts": root.cid, "sign_in": root.cid}
    spaces: list[Value] = [{"space": digest("space"), "pointer": root.cid, "record": root.cid}]
    listed = encode({"v": 1, "made": NOW, "chain": [root.cid], "spaces": spaces, **named})
    return {"cases": cases, "list": [{"name": "one space", "hex": listed.hex()}]}


def work() -> Json:
    """Work for a message that is one byte over and over."""
    day, bits = day_of(NOW), 12
    sealed = b"s" * SEALED_MESSAGE
    drop = Drop.worked(digest("alice id"), day, sealed, bits)
    good: dict[str, Json] = {
        "target": digest("alice id").hex(),
        "day": day,
        "sealed": {"byte": "73", "times": SEALED_MESSAGE},
        "work_target": work_target(digest("alice id"), day, sealed).hex(),
        "drop": drop.encoded.hex(),
        "bits": bits,
        "now": NOW,
    }
    return [
        {"name": "worked", **good, "expect": "ok"},
        {"name": "the next day", **good, "now": NOW + DAY, "expect": "ok"},
        {"name": "two days later", **good, "now": NOW + 2 * DAY, "expect": "denied"},
        {"name": "more was asked", **good, "bits": 30, "expect": "denied"},
    ]


def segments() -> Json:
    """Sizes of segment blocks; their bytes are all zero."""
    sizes = {
        0: False,
        4: False,
        MIN_SEGMENT_BLOCK: False,
        MIN_SEGMENT_BLOCK + 1: True,
        MAX_SEGMENT_BLOCK: True,
        MAX_SEGMENT_BLOCK + 1: False,
    }
    return [
        {"size": size, "expect": kind(None if fine else "Malformed")}
        for size, fine in sizes.items()
    ]


def paper() -> Json:
    """Cards and invites, whole and hurt on their way."""
    token, code = digest("token")[:16], digest("code")[:16]
    card = Card(
        digest("alice id"), ALICE.chain().head_hash, "alice", ALICE.homes, token, NOW, 3
    ).text
    invite = Invite(SERVER, ("/ip4/192.0.2.1/tcp/4701",), code, NOW).text
    middle = len(card) // 2
    wrapped = "\r\n  ".join(card[at : at + 60] for at in range(0, len(card), 60))
    other = "A" if card[middle] != "A" else "B"
    cards: dict[str, tuple[str, str]] = {
        "whole": (card, "ok"),
        "wrapped": (f" {wrapped}\n", "ok"),
        "cut short": (card[:-7], "bad-card"),
        "one letter altered": (card[:middle] + other + card[middle + 1 :], "bad-card"),
        "padded": (card + "=", "bad-card"),
        "an invite": (invite, "bad-card"),
        "without its beginning": (card.partition(":")[2], "bad-card"),
        "of version 2": (card.replace("card1", "card2"), "unknown-version"),
        "nothing": ("", "bad-card"),
    }
    alike = invite[:-1] + chr(ord(invite[-1]) + 1)
    invites: dict[str, tuple[str, str]] = {
        "whole": (invite, "ok"),
        "cut short": (invite[:-1], "bad-invite"),
        "spare bits not zero": (alike, "bad-invite"),
        "a card": (card, "bad-invite"),
        "of version 2": (invite.replace("invite1", "invite2"), "unknown-version"),
    }
    return {
        name: [
            {"name": label, "text": given, "expect": expect}
            for label, (given, expect) in cases.items()
        ]
        for name, cases in (("cards", cards), ("invites", invites))
    }


def read_proofs_verify() -> Json:
    """Read proofs at home, and anywhere else. Ed25519 is not hedged: these come out the same."""
    label_lock, reader, space, label = (
        lock("label"),
        lock("reader"),
        digest("space"),
        digest("label"),
    )
    end = NOW + MAX_LIFE
    proof = ReadProof.make(label_lock, SERVER, reader.public, space, label, end)
    long = ReadProof.make(label_lock, SERVER, reader.public, space, label, end + 1)
    good: dict[str, Json] = {
        "proof": proof.encoded.hex(),
        "lock": label_lock.public.hex(),
        "server": SERVER.hex(),
        "reader": reader.public.hex(),
        "space": space.hex(),
        "label": label.hex(),
        "now": NOW,
    }
    changes: dict[str, tuple[dict[str, Json], str]] = {
        "good": ({}, "ok"),
        "in its last millisecond": ({"now": end - 1}, "ok"),
        "expired": ({"now": end}, "expired"),
        "over ten minutes": ({"proof": long.encoded.hex()}, "forged"),
        "another lock": ({"lock": lock("other").public.hex()}, "forged"),
        "a lock that is no point": ({"lock": "ff" * 32}, "forged"),
        "another server": ({"server": CLIENT.hex()}, "forged"),
        "another reader": ({"reader": lock("other").public.hex()}, "forged"),
        "another space": ({"space": digest("other").hex()}, "forged"),
        "another label": ({"label": digest("other").hex()}, "forged"),
    }
    return [
        {"name": name, **good, **change, "expect": expect}
        for name, (change, expect) in changes.items()
    ]


SETTLED: Final[dict[str, Callable[[], Json]]] = {
    "names/names": names,
    "handle/handles": handles,
    "pointer/skips": skips,
    "drop/work": work,
    "leaf/segments": segments,
    "card/texts": paper,
    "archive/car": cars,
    "read_proof/verify": read_proofs_verify,
}
"""Files that come out the same in every run, but for the decode cases."""


def settled() -> dict[str, Json]:
    """All that comes out the same in every run, by file."""
    decode: dict[str, Json] = {
        PLACES.get(name, f"{name}/decode"): decode_cases(name) for name in SCHEMAS
    }
    return decode | {name: make() for name, make in SETTLED.items()}


def written(value: Json) -> str:
    """As text: one case a line."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(each) for each in value) + "\n]\n"
    assert isinstance(value, dict)
    parts = (f"{json.dumps(name)}: {_part(each)}" for name, each in value.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _part(value: Json) -> str:
    return (
        written(value).rstrip() if isinstance(value, (list, dict)) and value else json.dumps(value)
    )


def write(files: dict[str, Json]) -> None:
    """Write files by their names below tests/vectors."""
    for name, value in files.items():
        file = FOLDER / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(written(value))
