"""The committed vectors of the records: every case, read from the files alone.

A second implementation does with them what this file does.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from formats.ancestry import descent, skip_seq
from formats.card import Card
from formats.commit import Commit
from formats.dag_cbor import Value, encode
from formats.drop import Drop, work_target
from formats.errors import HoldfastError
from formats.farewell import Farewell, Receipt
from formats.fork import ForkProof
from formats.handle import handle, parse_handle
from formats.identity import IdentityChain
from formats.invite import Invite
from formats.kit import KitText
from formats.leaf import check_segment
from formats.names import check_account_name, normalise_name
from formats.pointer import Pointer, check_descends, check_takeover
from formats.profile import PublicProfile
from formats.read_proof import ReadProof
from formats.replica import ReplicaGrant
from formats.space import SpaceRecord
from formats.statement import Hello, Request, Statement
from formats.whereabouts import Whereabouts
from tests.records.schemas import SCHEMAS
from tests.records.vectors import FOLDER, PLACES, kind, settled


@cache
def vectors(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def outcome(work: Callable[..., object], *arguments: object) -> str:
    """What became of it, in the words of the vectors."""
    try:
        work(*arguments)
    except HoldfastError as error:
        return kind(type(error))
    return "ok"


PAPER = ("card", "invite", "kit")
"""What is written as text, for people to carry."""


def raw(case: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


@pytest.mark.parametrize("name", sorted(settled()))
def test_what_has_no_hybrid_signature_is_made_again_the_same(name: str) -> None:
    assert settled()[name] == vectors(name)


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name not in PAPER])
def test_decode(name: str) -> None:
    cases = vectors(PLACES.get(name, f"{name}/decode"))
    assert {case["expect"] for case in cases} >= {"ok", "malformed"}
    for case in cases:
        result = outcome(SCHEMAS[name].decode, *raw(case, "hex"))
        assert result == case["expect"], case["name"]


@pytest.mark.parametrize(
    ("name", "group", "parse"),
    [
        ("card", "cards", Card.parse),
        ("invite", "invites", Invite.parse),
        ("kit", "", KitText.parse),
    ],
)
def test_paper(name: str, group: str, parse: Callable[[str], object]) -> None:
    texts = vectors("card/texts")[group] if group else []
    for case in vectors(f"{name}/decode") + texts:
        assert outcome(parse, case["text"]) == case["expect"], case["name"]


def test_names() -> None:
    for case in vectors("names/names")["files"]:
        assert outcome(normalise_name, case["given"]) == case["expect"]
        if case["expect"] == "ok":
            assert normalise_name(case["given"]) == case["normalised"]
    for case in vectors("names/names")["accounts"]:
        assert outcome(check_account_name, case["given"]) == case["expect"]


def test_handles() -> None:
    for case in vectors("handle/handles")["written"]:
        assert handle(case["name"], bytes.fromhex(case["id"])) == case["handle"]
    for case in vectors("handle/handles")["read"]:
        assert outcome(parse_handle, case["given"]) == case["expect"]
        if case["expect"] == "ok":
            assert parse_handle(case["given"]).fingerprint.hex() == case["fingerprint"]


def chains(found: Any) -> dict[str, IdentityChain]:
    return {
        name: IdentityChain.decode(list(map(bytes.fromhex, envelopes)))
        for name, envelopes in found["chains"].items()
    }


def spaces(records: dict[str, str]) -> dict[str, SpaceRecord]:
    return {name: SpaceRecord.decode(bytes.fromhex(each)) for name, each in records.items()}


def test_identity_chains() -> None:
    found = vectors("identity/chains")
    records = {name: bytes.fromhex(each) for name, each in found["records"].items()}
    for case in found["chains"]:
        envelopes = [records[name] for name in case["chain"]]
        assert outcome(IdentityChain.decode, envelopes) == case["expect"], case["name"]
    assert IdentityChain.decode([records["alice 0"]]).id.hex() == found["id"]
    for case in found["pins"]:
        chain = IdentityChain.decode([records[name] for name in case["chain"]])
        (id, pinned), seq = raw(case["pin"], "id", "hash"), case["pin"]["seq"]
        assert outcome(chain.extends, id, seq, pinned) == case["expect"], case["name"]


def test_whereabouts() -> None:
    found = vectors("whereabouts/verify")
    known = chains(found)
    for case in found["cases"]:
        record = Whereabouts.decode(*raw(case, "record"))
        result = outcome(record.verify, known[case["chain"]], case["now"])
        assert result == case["expect"], case["name"]


def test_public_profiles() -> None:
    found = vectors("profile/verify")
    known = chains(found)
    for case in found["cases"]:
        record = PublicProfile.decode(*raw(case, "record"))
        result = outcome(record.verify, known[case["chain"]], case["now"])
        assert result == case["expect"], case["name"]


def test_farewells_and_receipts() -> None:
    found = vectors("farewell/verify")
    known = chains(found)
    for case in found["cases"]:
        record = Farewell.decode(*raw(case, "record"))
        assert outcome(record.verify, known[case["chain"]]) == case["expect"], case["name"]
    said = Farewell.decode(*raw(found["cases"][0], "record"))
    for case in found["receipts"]:
        data, peer = raw(case, "receipt", "peer")
        assert outcome(Receipt.read, data, peer, said) == case["expect"], case["name"]


def test_replica_grants() -> None:
    found = vectors("replica/verify")
    known = chains(found)
    for case in found["cases"]:
        record = ReplicaGrant.decode(*raw(case, "record"))
        assert outcome(record.verify, known[case["chain"]]) == case["expect"], case["name"]


def test_spaces() -> None:
    found = vectors("space/verify")
    known, records = chains(found), spaces(found["records"])
    for case in found["verify"]:
        result = outcome(records[case["record"]].verify, known[case["chain"]])
        assert result == case["expect"], case
    for case in found["succession"]:
        result = outcome(records[case["record"]].check_succeeds, records[case["previous"]])
        assert result == case["expect"], case


def test_pointers() -> None:
    found = vectors("pointer/verify")
    known = spaces(found["spaces"])
    pointers = {name: Pointer.decode(bytes.fromhex(it)) for name, it in found["pointers"].items()}
    for case in found["verify"]:
        result = outcome(pointers[case["pointer"]].verify, known[case["space"]])
        assert result == case["expect"], case
    for case in found["follows"]:
        result = outcome(pointers[case["pointer"]].check_follows, pointers[case["previous"]])
        assert result == case["expect"], case
    for case in found["takeover"]:
        before, after = known[case["previous"]], known[case["space"]]
        result = outcome(check_takeover, before, after, pointers[case["pointer"]])
        assert result == case["expect"], case


def test_skips_and_descents() -> None:
    arithmetic = vectors("pointer/skips")
    for seq, to in arithmetic["skips"].items():
        assert skip_seq(int(seq)) == to
    for case in arithmetic["descents"]:
        assert descent(case["newest"], case["oldest"]) == case["path"]
    found = vectors("pointer/descent")
    for case in found["descents"]:
        bodies = [bytes.fromhex(found["bodies"][name]) for name in case["bodies"]]
        (newest,), (oldest,) = raw(case, "newest"), raw(case["oldest"], "hash")
        result = outcome(check_descends, bodies, newest, case["oldest"]["seq"], oldest)
        assert result == case["expect"], case["name"]


def test_proofs_of_two_histories() -> None:
    found = vectors("fork/proofs")
    records = {name: bytes.fromhex(data) for name, data in found["records"].items()}
    for case in found["verify"]:
        chain: list[Value] = [records[word] for word in case["chain"]]
        between: list[Value] = [bytes.fromhex(body) for body in case["between"]]
        value: dict[str, Value] = {"v": 1, "chain": chain, "between": between}
        for which in ("newer", "older"):
            value[which] = {name: records[word] for name, word in case[which].items()}
        proof = ForkProof.decode(encode(value))
        assert outcome(proof.verify) == case["expect"], case["name"]
    for case in found["decode"]:
        assert outcome(ForkProof.decode, *raw(case, "proof")) == case["expect"], case["name"]


def test_hellos() -> None:
    for case in vectors("statement/verify")["hellos"]:
        given = raw(case, "key", "signature", "server", "client", "nonce")
        result = outcome(Hello.decode(*raw(case, "body")).verify, *given, case["now"])
        assert result == case["expect"], case["name"]


def test_request_statements() -> None:
    for case in vectors("statement/verify")["requests"]:
        about = case["request"]
        server, body_hash = raw(about, "server", "body_hash")
        request = Request(about["purpose"], server, about["method"], body_hash)
        said = Statement.decode(*raw(case, "body"))
        result = outcome(said.verify, *raw(case, "key", "signature"), request, case["now"])
        assert result == case["expect"], case["name"]


def test_read_proofs() -> None:
    for case in vectors("read_proof/verify"):
        given = raw(case, "lock", "server", "reader", "space", "label")
        result = outcome(ReadProof.decode(*raw(case, "proof")).verify, *given, case["now"])
        assert result == case["expect"], case["name"]


def test_commits() -> None:
    for case in vectors("commit/commits"):
        assert outcome(Commit.decode, *raw(case, "hex")) == case["expect"], case["name"]


def test_work() -> None:
    for case in vectors("drop/work"):
        sealed = bytes.fromhex(case["sealed"]["byte"]) * case["sealed"]["times"]
        (target,) = raw(case, "target")
        assert work_target(target, case["day"], sealed).hex() == case["work_target"]
        drop = Drop.decode(*raw(case, "drop"))
        result = outcome(drop.check_work, sealed, case["bits"], case["now"])
        assert result == case["expect"], case["name"]


def test_segments() -> None:
    for case in vectors("leaf/segments"):
        assert outcome(check_segment, bytes(case["size"])) == case["expect"]
