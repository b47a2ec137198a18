"""The vectors of published people: what holds, where it stands, and what replaces what."""

from typing import Final

from formats.dag_cbor import Value, encode
from formats.handle import handle
from formats.identity import IdentityChain
from formats.published import Published
from formats.whereabouts import Living, Whereabouts
from tests.records.people import ALICE, BOB, DAY, NOW, Person, sealing
from tests.records.vectors import Json

_Named = tuple[str, str]
"""Whose chain with how many records, and which whereabouts, by their names in the file."""


def _where(person: Person, records: int, seq: int, name: str = "") -> Whereabouts:
    return Whereabouts.make(
        person.chain(records),
        seq,
        Living(person.homes, name or person.name),
        sealing(person.name),
        NOW + DAY,
        person.daily(records - 1),
    )


def _chains() -> dict[str, IdentityChain]:
    return {"alice 1": ALICE.chain(), "alice 2": ALICE.chain(2), "bob 1": BOB.chain()}


def _whereabouts() -> dict[str, Whereabouts]:
    return {
        "alice 1, 3": _where(ALICE, 1, 3),
        "alice 1, 4": _where(ALICE, 1, 4),
        "alice 1, 4, another": _where(ALICE, 1, 4, "eve"),
        "alice 2, 0": _where(ALICE, 2, 0),
        "bob 1, 0": _where(BOB, 1, 0),
    }


_VALUES: Final[dict[str, _Named]] = {
    "alice": ("alice 1", "alice 1, 3"),
    "alice moved": ("alice 1", "alice 1, 4"),
    "alice moved elsewhere": ("alice 1", "alice 1, 4, another"),
    "alice with new keys": ("alice 2", "alice 2, 0"),
    "bob": ("bob 1", "bob 1, 0"),
}

_UNFIT: Final[dict[str, tuple[_Named, str]]] = {
    "somebody else's whereabouts": (("alice 1", "bob 1, 0"), "forged"),
    "whereabouts under an older record": (("alice 2", "alice 1, 4"), "stale"),
    "whereabouts under a newer record": (("alice 1", "alice 2, 0"), "stale"),
}

_REPLACES: Final = [
    ("alice", "alice", "ok"),
    ("alice", "alice moved", "ok"),
    ("alice moved", "alice", "stale"),
    ("alice moved", "alice with new keys", "ok"),
    ("alice with new keys", "alice moved", "stale"),
    ("alice moved", "alice moved elsewhere", "forked"),
    ("alice", "bob", "forged"),
]
"""What is kept, what comes, and what is to be said."""


def published() -> Json:
    """Values by their parts, the bytes of one, keys, and successions."""
    chains, wheres = _chains(), _whereabouts()
    made = {word: Published(chains[one], wheres[two]) for word, (one, two) in _VALUES.items()}
    return {
        "chains": {word: [each.hex() for each in chain.encoded] for word, chain in chains.items()},
        "whereabouts": {word: where.encoded.hex() for word, where in wheres.items()},
        "values": {
            word: {"chain": one, "whereabouts": two} for word, (one, two) in _VALUES.items()
        },
        "bytes": {"value": "alice", "hex": made["alice"].encode().hex()},
        "keys": [_keys(word, each) for word, each in made.items()],
        "unfit": [
            {"name": word, **_parts(*parts), "expect": expect}
            for word, (parts, expect) in _UNFIT.items()
        ],
        "malformed": [{"name": word, "hex": encode(it).hex()} for word, it in _malformed().items()],
        "stands": _stands(made),
        "replaces": [
            {"kept": kept, "fresh": fresh, "expect": expect} for kept, fresh, expect in _REPLACES
        ],
    }


def _parts(chain: str, whereabouts: str) -> dict[str, Json]:
    return {"chain": chain, "whereabouts": whereabouts}


def _keys(word: str, each: Published) -> Json:
    by_id, by_handle = each.keys
    shown = handle(each.handle.name, each.id)
    return {"value": word, "handle": shown, "by_id": by_id.hex(), "by_handle": by_handle.hex()}


def _stands(made: dict[str, Published]) -> Json:
    alice, bob = made["alice"], made["bob"]
    cases = [
        ("under the key of the id", alice.keys[0], NOW, "ok"),
        ("under the key of the handle", alice.keys[1], NOW, "ok"),
        ("in its last millisecond", alice.keys[0], NOW + DAY - 1, "ok"),
        ("expired", alice.keys[0], NOW + DAY, "expired"),
        ("under somebody else's key", bob.keys[0], NOW, "forged"),
        ("under somebody else's handle", bob.keys[1], NOW, "forged"),
    ]
    return [
        {"name": name, "value": "alice", "key": key.hex(), "now": now, "expect": expect}
        for name, key, now, expect in cases
    ]


def _malformed() -> dict[str, Value]:
    whole: dict[str, Value] = {"v": 1, "chain": [b"x"], "whereabouts": b"x"}
    return {
        "nothing": {},
        "a list": [],
        "an unknown key": whole | {"zz": 1},
        "no chain": {"v": 1, "whereabouts": b"x"},
        "no whereabouts": {"v": 1, "chain": [b"x"]},
        "an empty chain": whole | {"chain": []},
        "a record that is not bytes": whole | {"chain": ["x"]},
        "33 records": whole | {"chain": [b"x"] * 33},
        "a record that is none": whole,
    }
