"""The vectors with hybrid signatures in them: made once, kept, and verified ever after.

ML-DSA signs with fresh randomness, so making them again gives other files that say the same.
"""

import dataclasses
from collections.abc import Callable, Iterable
from itertools import count
from typing import Final

from crypto.hpke import SealKeyPair
from crypto.purposes import SignPurpose
from crypto.secret import Secret
from crypto.signing import SigningKey
from formats.ancestry import descent
from formats.commit import Commit, Move
from formats.courier.envelope import (
    Arrive,
    Hop,
    Onward,
    Posted,
    fill,
    open_layer,
    post,
    sealed_size,
)
from formats.courier.record import CourierRecord
from formats.courier.reply import Reply
from formats.dag_cbor import Value, encode
from formats.drop import SEALED_MESSAGE, Drop
from formats.envelope import Envelope
from formats.errors import TooMany
from formats.farewell import Farewell, Held, Receipt
from formats.fork import ForkProof
from formats.identity import IdentityChain, IdentityRecord
from formats.limits import PEER_ID_PREFIX
from formats.pointer import Pointer
from formats.profile import PublicFields, PublicProfile
from formats.replica import ReplicaGrant
from formats.sighting import Sighting
from formats.space import Member, Rights, SpaceRecord
from formats.statement import MAX_STATEMENT_LIFE, Hello, Request, Role, Statement
from formats.whereabouts import Home, Living, Whereabouts
from tests.records.people import (
    ALICE,
    BOB,
    CLIENT,
    DAY,
    NOW,
    SERVER,
    digest,
    key,
    line,
    lock,
    root,
    sealing,
)
from tests.records.vectors import Json


class Records:
    """Records by a name, so that many cases can speak of one."""

    def __init__(self) -> None:
        self._names: Final[dict[bytes, str]] = {}

    def name(self, word: str, encoded: bytes) -> str:
        """The name of a record, this word if it has none yet."""
        return self._names.setdefault(encoded, word)

    def written(self) -> Json:
        """Every record by its name."""
        return {word: encoded.hex() for encoded, word in self._names.items()}


def _other_purpose(record: Envelope, purpose: SignPurpose, signer: SigningKey) -> Envelope:
    return dataclasses.replace(record, signature=signer.sign(purpose, record.body))


def _flipped(envelope: Envelope, at: int) -> Envelope:
    signature = bytearray(envelope.signature)
    signature[at] ^= 1
    return dataclasses.replace(envelope, signature=bytes(signature))


def identity_chains() -> Json:
    """Chains to verify, and pins to hold them against."""
    records = Records()
    zero, one, two = ALICE.chain(3).records
    fork = IdentityRecord.following(
        one, key("alice signer 2"), key("other daily").verify_key, digest("next"), NOW
    )

    def following(signer: str) -> bytes:
        daily = key("new daily").verify_key
        return IdentityRecord.following(two, key(signer), daily, digest("next"), NOW).encoded

    signer = key("alice signer 0")
    named: dict[str, bytes] = {
        "alice 0": zero.encoded,
        "alice 1": one.encoded,
        "alice 2": two.encoded,
        "alice 2, another": fork.encoded,
        "bob 0": BOB.record(0).encoded,
        "bob 1": BOB.record(1).encoded,
        "alice 3 by her signer": following("alice signer 3"),
        "alice 3 by her daily key": following("alice daily 2"),
        "alice 3 by the old signer": following("alice signer 2"),
        "ed25519 altered": _flipped(zero.envelope, 20).encoded,
        "ml-dsa altered": _flipped(zero.envelope, 2000).encoded,
        "signed as a space": _other_purpose(zero.envelope, SignPurpose.SPACE, signer).encoded,
    }
    for word, encoded in named.items():
        records.name(word, encoded)
    chains: dict[str, tuple[list[str], str]] = {
        "one record": (["alice 0"], "ok"),
        "three records": (["alice 0", "alice 1", "alice 2"], "ok"),
        "four records": (["alice 0", "alice 1", "alice 2", "alice 3 by her signer"], "ok"),
        "none": ([], "malformed"),
        "not from the beginning": (["alice 1", "alice 2"], "forged"),
        "a gap": (["alice 0", "alice 2"], "forged"),
        "one twice": (["alice 0", "alice 0"], "forged"),
        "somebody else's": (["alice 0", "bob 1"], "forged"),
        "by the daily key": (
            ["alice 0", "alice 1", "alice 2", "alice 3 by her daily key"],
            "forged",
        ),
        "by an old key": (["alice 0", "alice 1", "alice 2", "alice 3 by the old signer"], "forged"),
        "ed25519 altered": (["ed25519 altered"], "forged"),
        "ml-dsa altered": (["ml-dsa altered"], "forged"),
        "another purpose": (["signed as a space"], "forged"),
    }
    pin_two: dict[str, Json] = {"id": ALICE.id.hex(), "seq": 2, "hash": two.hash.hex()}
    pin_zero: dict[str, Json] = {"id": ALICE.id.hex(), "seq": 0, "hash": zero.hash.hex()}
    pins: dict[str, tuple[list[str], dict[str, Json], str]] = {
        "the same": (["alice 0", "alice 1", "alice 2"], pin_two, "ok"),
        "longer": (["alice 0", "alice 1", "alice 2"], pin_zero, "ok"),
        "shorter": (["alice 0", "alice 1"], pin_two, "stale"),
        "another record 2": (["alice 0", "alice 1", "alice 2, another"], pin_two, "forked"),
        "another identity": (["bob 0"], pin_zero, "forged"),
    }
    return {
        "records": records.written(),
        "id": ALICE.id.hex(),
        "chains": [
            {"name": name, "chain": [*chain], "expect": expect}
            for name, (chain, expect) in chains.items()
        ],
        "pins": [
            {"name": name, "chain": [*chain], "pin": pin, "expect": expect}
            for name, (chain, pin, expect) in pins.items()
        ],
    }


def _chains() -> dict[str, IdentityChain]:
    return {"alice": ALICE.chain(), "alice later": ALICE.chain(2), "bob": BOB.chain()}


def _written_chains() -> Json:
    return {name: [encoded.hex() for encoded in chain.encoded] for name, chain in _chains().items()}


def whereabouts_verify() -> Json:
    """Whereabouts, the chain they are held against, and when."""
    here = ALICE.whereabouts()
    later = Whereabouts.make(
        ALICE.chain(2), 1, Living(ALICE.homes, "alice"), sealing("alice"), NOW + DAY, ALICE.daily(1)
    )
    eve = Whereabouts.make(
        ALICE.chain(), 0, Living(ALICE.homes, "alice"), sealing("eve"), NOW + DAY, key("eve")
    )
    wrong = _other_purpose(here.envelope, SignPurpose.POINTER, ALICE.daily()).encoded
    cases: list[tuple[str, bytes, str, int, str]] = [
        ("in force", here.encoded, "alice", NOW, "ok"),
        ("in their last millisecond", here.encoded, "alice", NOW + DAY - 1, "ok"),
        ("expired", here.encoded, "alice", NOW + DAY, "expired"),
        ("under an older identity record", here.encoded, "alice later", NOW, "stale"),
        ("under a newer identity record", later.encoded, "alice", NOW, "stale"),
        ("re-issued", later.encoded, "alice later", NOW, "ok"),
        ("another identity's", here.encoded, "bob", NOW, "forged"),
        ("by another key", eve.encoded, "alice", NOW, "forged"),
        ("another purpose", wrong, "alice", NOW, "forged"),
    ]
    return {
        "chains": _written_chains(),
        "cases": [
            {"name": name, "record": record.hex(), "chain": chain, "now": now, "expect": expect}
            for name, record, chain, now, expect in cases
        ],
    }


def profiles_verify() -> Json:
    """Public profiles, the chain they are held against, and when."""
    said = ALICE.profile()
    later = PublicProfile.make(ALICE.chain(2), 1, PublicFields(), NOW + DAY, ALICE.daily(1))
    eve = PublicProfile.make(ALICE.chain(), 0, said.fields, NOW + DAY, key("eve"))
    wrong = _other_purpose(said.envelope, SignPurpose.WHEREABOUTS, ALICE.daily()).encoded
    cases: list[tuple[str, bytes, str, int, str]] = [
        ("in force", said.encoded, "alice", NOW, "ok"),
        ("expired", said.encoded, "alice", NOW + DAY, "expired"),
        ("under an older identity record", said.encoded, "alice later", NOW, "stale"),
        ("nothing said, re-issued", later.encoded, "alice later", NOW, "ok"),
        ("another identity's", said.encoded, "bob", NOW, "forged"),
        ("by another key", eve.encoded, "alice", NOW, "forged"),
        ("another purpose", wrong, "alice", NOW, "forged"),
    ]
    return {
        "chains": _written_chains(),
        "cases": [
            {"name": name, "record": record.hex(), "chain": chain, "now": now, "expect": expect}
            for name, record, chain, now, expect in cases
        ],
    }


def replicas_verify() -> Json:
    """Replica grants, and the chain they are held against."""
    here = ALICE.replica_grant()
    home, replica = ALICE.homes
    end, more = NOW + DAY, 2**30
    later = ReplicaGrant.make(ALICE.chain(2), 1, home.peer, replica, more, end, ALICE.daily(1))
    eve = ReplicaGrant.make(ALICE.chain(), 0, home.peer, replica, more, end, key("eve"))
    wrong = _other_purpose(here.envelope, SignPurpose.WHEREABOUTS, ALICE.daily()).encoded
    cases: list[tuple[str, bytes, str, str]] = [
        ("in force", here.encoded, "alice", "ok"),
        ("taken back", ALICE.replica_grant(1, 0).encoded, "alice", "ok"),
        ("under an older identity record", here.encoded, "alice later", "stale"),
        ("under a newer identity record", later.encoded, "alice", "stale"),
        ("re-issued", later.encoded, "alice later", "ok"),
        ("another identity's", here.encoded, "bob", "forged"),
        ("by another key", eve.encoded, "alice", "forged"),
        ("another purpose", wrong, "alice", "forged"),
    ]
    return {
        "chains": _written_chains(),
        "cases": [
            {"name": name, "record": record.hex(), "chain": chain, "expect": expect}
            for name, record, chain, expect in cases
        ],
    }


def farewells_verify() -> Json:
    """Farewells, the chain they are held against, and receipts for the first of them."""
    here = ALICE.farewell()
    later = Farewell.make(ALICE.chain(2), 1, SERVER, NOW, ALICE.daily(1))
    eve = Farewell.make(ALICE.chain(), 1, SERVER, NOW, key("eve"))
    wrong = _other_purpose(here.envelope, SignPurpose.WHEREABOUTS, ALICE.daily()).encoded
    cases: list[tuple[str, bytes, str, str]] = [
        ("in force", here.encoded, "alice", "ok"),
        ("under an older identity record", here.encoded, "alice later", "stale"),
        ("under a newer identity record", later.encoded, "alice", "stale"),
        ("another identity's", here.encoded, "bob", "forged"),
        ("by another key", eve.encoded, "alice", "forged"),
        ("another purpose", wrong, "alice", "forged"),
    ]
    node = lock("node")
    peer = PEER_ID_PREFIX + node.public
    held = (Held(digest("space"), 9, digest("pointer")),)
    good = Receipt(peer, ALICE.id, here.hash, NOW, held, 4096, 1, 86400)
    other = dataclasses.replace(good, farewell=digest("other"))
    receipts: list[tuple[str, bytes, str]] = [
        ("as it was signed", good.sign(node), "ok"),
        ("by another node", good.sign(lock("other")), "forged"),
        ("for another farewell", other.sign(node), "forged"),
        ("of another person", dataclasses.replace(good, id=digest("x")).sign(node), "forged"),
        ("of another node", dataclasses.replace(good, peer=SERVER).sign(node), "forged"),
        ("cut short", good.sign(node)[:-1], "malformed"),
    ]
    return {
        "chains": _written_chains(),
        "cases": [
            {"name": name, "record": record.hex(), "chain": chain, "expect": expect}
            for name, record, chain, expect in cases
        ],
        "receipts": [
            {"name": name, "receipt": data.hex(), "peer": peer.hex(), "expect": expect}
            for name, data, expect in receipts
        ],
    }


def spaces_verify() -> Json:
    """Space records, whose they are, and what may come after them."""
    records = Records()
    first = ALICE.space()
    second = SpaceRecord.following(first, ALICE.chain(), [ALICE.member, BOB.member], ALICE.daily())
    fork = SpaceRecord.following(first, ALICE.chain(), [BOB.member], ALICE.daily())
    again = SpaceRecord.following(second, ALICE.chain(2), [ALICE.member], ALICE.daily(1))
    back = SpaceRecord.following(again, ALICE.chain(), [ALICE.member], ALICE.daily())
    owner = ALICE.chain(2), [ALICE.member], ALICE.daily(1)
    restored = SpaceRecord.setting_back(again, 7, digest("restored"), 0, *owner)
    far = SpaceRecord.setting_back(again, 7, digest("restored"), 8, *owner)
    after = SpaceRecord.following(restored, *owner)
    eve = SpaceRecord.first(first.space, ALICE.chain(), [ALICE.member], key("eve"))
    other = SpaceRecord.first(digest("other"), ALICE.chain(), [ALICE.member], ALICE.daily())
    wrong = _other_purpose(first.envelope, SignPurpose.IDENTITY, ALICE.daily()).encoded
    for word, record in {
        "epoch 0": first, "epoch 1": second, "epoch 1, another": fork,
        "epoch 2, new daily key": again, "epoch 3, old daily key": back,
        "epoch 3, with a base": restored, "epoch 9, with a base": far,
        "epoch 4, the base carried along": after, "by eve": eve, "another space": other,
    }.items():  # fmt: skip
        records.name(word, record.encoded)
    records.name("signed as an identity", wrong)
    verify = [
        ("epoch 0", "alice", "ok"),
        ("epoch 1", "alice", "ok"),
        ("epoch 0", "alice later", "stale"),
        ("epoch 2, new daily key", "alice later", "ok"),
        ("epoch 2, new daily key", "alice", "stale"),
        ("epoch 3, with a base", "alice later", "ok"),
        ("epoch 0", "bob", "forged"),
        ("by eve", "alice", "forged"),
        ("signed as an identity", "alice", "forged"),
    ]
    succession = [
        ("epoch 0", "epoch 1", "ok"),
        ("epoch 1", "epoch 2, new daily key", "ok"),
        ("epoch 2, new daily key", "epoch 3, with a base", "ok"),
        ("epoch 2, new daily key", "epoch 9, with a base", "ok"),
        ("epoch 3, with a base", "epoch 4, the base carried along", "ok"),
        ("epoch 2, new daily key", "epoch 4, the base carried along", "forged"),
        ("epoch 9, with a base", "epoch 4, the base carried along", "forged"),
        ("epoch 0", "epoch 2, new daily key", "forged"),
        ("epoch 1, another", "epoch 2, new daily key", "forged"),
        ("epoch 0", "epoch 0", "forged"),
        ("another space", "epoch 1", "forged"),
        ("epoch 2, new daily key", "epoch 3, old daily key", "forged"),
    ]
    return {
        "chains": _written_chains(),
        "records": records.written(),
        "verify": [
            {"record": record, "chain": chain, "expect": expect} for record, chain, expect in verify
        ],
        "succession": [
            {"previous": previous, "record": record, "expect": expect}
            for previous, record, expect in succession
        ],
    }


def pointers_verify() -> Json:
    """Pointers under space records, one after another, and putting a new record in force."""
    space_names, pointer_names = Records(), Records()
    reader, writer = Member(key("reader").verify_key.digest(), Rights(0)), BOB.member.key
    shared = ALICE.space(Member(writer, Rights.WRITE), reader)
    then = SpaceRecord.following(
        shared, ALICE.chain(), [ALICE.member, Member(writer, Rights.ALL)], ALICE.daily()
    )
    zero, one, two = line(shared, ALICE.member_key, 3)
    fork = line(shared, ALICE.member_key, 2, "fork")[1]
    by_eve = Pointer.first(shared, root("x"), NOW, key("eve"))
    taken = dataclasses.replace(zero.envelope, key=key("eve").verify_key).encoded
    pointers: dict[str, bytes] = {
        "0": zero.encoded,
        "1": one.encoded,
        "2": two.encoded,
        "1, another": fork.encoded,
        "0 by a writer": Pointer.first(shared, root("x"), NOW, BOB.member_key).encoded,
        "0 by a reader": Pointer.first(shared, root("x"), NOW, key("reader")).encoded,
        "0 by eve": by_eve.encoded,
        "0 with eve's key": taken,
        "0 altered": _flipped(zero.envelope, 3000).encoded,
        "0 signed as a space": _other_purpose(
            zero.envelope, SignPurpose.SPACE, ALICE.member_key
        ).encoded,
        "0 of another space": Pointer.first(
            BOB.space(ALICE.member), root("x"), NOW, ALICE.member_key
        ).encoded,
        "1 takes over": Pointer.following(
            zero, zero.hash, then, root("x"), NOW, ALICE.member_key
        ).encoded,
        "1 takes over, by a writer": Pointer.following(
            zero, zero.hash, then, root("x"), NOW, BOB.member_key
        ).encoded,
    }
    for word, encoded in pointers.items():
        pointer_names.name(word, encoded)
    space_names.name("shared", shared.encoded)
    space_names.name("then", then.encoded)
    verify = {
        "0": "ok", "1": "ok", "0 by a writer": "ok", "0 by a reader": "forged",
        "0 by eve": "forged", "0 with eve's key": "forged", "0 altered": "forged",
        "0 signed as a space": "forged", "0 of another space": "forged", "1 takes over": "forged",
    }  # fmt: skip
    follows = [
        ("0", "1", "ok"),
        ("1", "2", "ok"),
        ("0", "2", "forged"),
        ("1, another", "2", "forged"),
        ("1", "1", "forged"),
        ("0 of another space", "1", "forged"),
    ]
    takeovers = [
        ("1 takes over", "ok"),
        ("1 takes over, by a writer", "forged"),
        ("1", "forged"),
    ]
    return {
        "spaces": space_names.written(),
        "pointers": pointer_names.written(),
        "verify": [
            {"pointer": word, "space": "shared", "expect": expect}
            for word, expect in verify.items()
        ],
        "follows": [
            {"previous": previous, "pointer": word, "expect": expect}
            for previous, word, expect in follows
        ],
        "takeover": [
            {"previous": "shared", "space": "then", "pointer": word, "expect": expect}
            for word, expect in takeovers
        ],
    }


def pointers_descent() -> Json:
    """Bodies of two lines of one space, and proofs of descent over them."""
    space = ALICE.space()
    ours = line(space, ALICE.member_key, 14)
    other = line(space, ALICE.member_key, 14, "fork")
    bodies = {f"{each.seq}": each.body for each in ours} | {
        f"{each.seq}, another": each.body for each in other
    }

    def case(
        name: str,
        path: Iterable[str],
        newest: int,
        oldest: int,
        expect: str,
        of: list[Pointer] = ours,
    ) -> Json:
        return {
            "name": name,
            "bodies": [*path],
            "newest": ours[newest].hash.hex(),
            "oldest": {"seq": oldest, "hash": of[oldest].hash.hex()},
            "expect": expect,
        }

    full = [str(seq) for seq in descent(13, 3)[:-1]]
    return {
        "space": space.encoded.hex(),
        "bodies": {name: body.hex() for name, body in bodies.items()},
        "descents": [
            case("13 to 3", full, 13, 3, "ok"),
            case("13 to 12", ["13"], 13, 12, "ok"),
            case("13 to 0", [str(seq) for seq in descent(13, 0)[:-1]], 13, 0, "ok"),
            case("another 3 was seen", full, 13, 3, "forked", other),
            case("a step is missing", [full[0], *full[2:]], 13, 3, "forged"),
            case("it ends early", full[:-1], 13, 3, "forged"),
            case("it goes on", [*full, "3"], 13, 3, "forged"),
            case("a step of the other line", [*full[:-1], "4, another"], 13, 3, "forged"),
            case("another way back", [str(seq) for seq in range(13, 3, -1)], 13, 3, "forged"),
            case("nothing", [], 13, 3, "malformed"),
        ],
    }


def fork_proofs() -> Json:
    """Proofs of two histories, and what looks like one."""
    space = ALICE.space(BOB.member)
    ours, other = line(space, ALICE.member_key, 8), line(space, ALICE.member_key, 8, "fork")
    by_bob = line(space, BOB.member_key, 8, "fork")
    without = SpaceRecord.following(space, ALICE.chain(), [ALICE.member], ALICE.daily())
    back = SpaceRecord.setting_back(
        space, 3, ours[3].hash, 0, ALICE.chain(), [ALICE.member], ALICE.daily()
    )
    altered = dataclasses.replace(ours[7], envelope=_flipped(ours[7].envelope, 20))
    alone, elsewhere = ALICE.space(), BOB.space(ALICE.member)
    strange = line(elsewhere, ALICE.member_key, 6)[5]
    records, numbers = Records(), count()

    def after(record: SpaceRecord) -> Pointer:
        return Pointer.following(ours[3], ours[3].hash, record, root("5"), NOW, ALICE.member_key)

    def named(word: str, encoded: bytes) -> str:
        return records.name(f"{word} {next(numbers)}", encoded)

    def state(pointer: Pointer, record: SpaceRecord) -> Json:
        under = named("record", record.encoded)
        return {"pointer": named("pointer", pointer.encoded), "record": under}

    def case(
        name: str,
        newer: tuple[Pointer, SpaceRecord],
        older: tuple[Pointer, SpaceRecord],
        expect: str,
        path: Iterable[int] = (),
        chain: IdentityChain | None = None,
    ) -> Json:
        return {
            "name": name,
            "chain": [named("identity", each) for each in (chain or ALICE.chain()).encoded],
            "newer": state(*newer),
            "older": state(*older),
            "between": [ours[seq].body.hex() for seq in path],
            "expect": expect,
        }

    way = descent(7, 3)[1:-1]
    newest, fork = (ours[7], space), (other[3], space)
    same = ((ours[5], space), (other[5], space))
    left = (after(without), without)
    cases = [
        case("two of one number", *same, "ok"),
        case("the older is of another line", newest, fork, "ok", way),
        case("by two members", newest, (by_bob[3], space), "ok", way),
        case("after the members changed", left, (other[4], space), "ok"),
        case("an ancestor", newest, (ours[3], space), "forged", way),
        case("the same twice", newest, newest, "forged"),
        case("a step is missing", newest, fork, "forged", way[1:]),
        case("the newer is the older", fork, newest, "forged"),
        case("a signature altered", (altered, space), (other[7], space), "forged"),
        case("by somebody removed since", left, (by_bob[4], space), "forged"),
        case("the owner set the space back", (after(back), back), (other[4], space), "forged"),
        case("not signed under that record", (ours[5], alone), (other[5], alone), "forged"),
        case("two spaces", same[0], (strange, elsewhere), "forged"),
        case("somebody else's identity", *same, "forged", chain=BOB.chain()),
        case("an identity that went on", *same, "stale", chain=ALICE.chain(2)),
    ]
    seen = [Sighting(*each) for each in same]
    whole = ForkProof.of(ALICE.chain(), seen[0], seen[1], ())
    value: dict[str, Value] = {"v": 1, "chain": [*whole.chain], "newer": whole.newer.value}
    decodes: list[tuple[str, bytes, str]] = [
        ("whole", whole.encoded, "ok"),
        ("without the older", encode({**value, "between": []}), "malformed"),
        ("no sighting", encode({**value, "between": [], "older": b""}), "malformed"),
    ]
    return {
        "records": records.written(),
        "verify": cases,
        "decode": [
            {"name": name, "proof": data.hex(), "expect": expect} for name, data, expect in decodes
        ],
    }


def statements_verify() -> Json:
    """Hellos on a connection and statements of requests."""
    nonce, end = digest("nonce"), NOW + MAX_STATEMENT_LIFE

    def hello(
        name: str,
        role: Role,
        subject: bytes,
        signer: SigningKey,
        expect: str = "ok",
        **other: str | int,
    ) -> Json:
        said = Hello(role, subject, SERVER, CLIENT, nonce, end)
        beside: dict[str, Json] = {
            "body": said.body.hex(),
            "key": signer.verify_key.encode().hex(),
            "signature": said.sign(signer).hex(),
            "server": SERVER.hex(),
            "client": CLIENT.hex(),
            "nonce": nonce.hex(),
            "now": NOW,
        }
        return {"name": name, **beside, **other, "expect": expect}

    reader, owner = lock("reader"), ALICE.daily()
    as_reader = Hello(Role.READER, reader.public, SERVER, CLIENT, nonce, end)
    by_reader: dict[str, str] = {
        "body": as_reader.body.hex(),
        "key": reader.public.hex(),
        "signature": as_reader.sign(reader).hex(),
    }
    request = Request("sign-in", SERVER, "accounts/sign-in", digest("request"))
    said = Statement(request, nonce, end)
    signed: dict[str, Json] = {
        "body": said.body.hex(),
        "key": owner.verify_key.encode().hex(),
        "signature": said.sign(owner).hex(),
        "request": {
            "purpose": request.purpose,
            "server": request.server.hex(),
            "method": request.method,
            "body_hash": request.body_hash.hex(),
        },
        "now": NOW,
    }
    return {
        "hellos": [
            hello("member", Role.MEMBER, ALICE.id + digest("space"), ALICE.member_key),
            hello("owner", Role.OWNER, ALICE.id, owner),
            hello("sign-in", Role.SIGN_IN, b"alice", key("alice sign-in")),
            hello("reader", Role.READER, reader.public, owner, "ok", **by_reader),
            hello("another server", Role.OWNER, ALICE.id, owner, "forged", server=CLIENT.hex()),
            hello("another client", Role.OWNER, ALICE.id, owner, "forged", client=""),
            hello("another nonce", Role.OWNER, ALICE.id, owner, "forged", nonce=bytes(32).hex()),
            hello("expired", Role.OWNER, ALICE.id, owner, "expired", now=end),
            hello("over a minute", Role.OWNER, ALICE.id, owner, "forged", now=NOW - 1),
            hello("another reader's key", Role.READER, digest("key"), owner, "forged"),
            hello(
                "another key",
                Role.OWNER,
                ALICE.id,
                owner,
                "forged",
                key=key("eve").verify_key.encode().hex(),
            ),
            hello(
                "signed as a request",
                Role.OWNER,
                ALICE.id,
                owner,
                "forged",
                signature=owner.sign(
                    SignPurpose.STATEMENT,
                    Hello(Role.OWNER, ALICE.id, SERVER, CLIENT, nonce, end).body,
                ).hex(),
            ),
        ],
        "requests": [
            {"name": "request", **signed, "expect": "ok"},
            {"name": "expired", **signed, "now": end, "expect": "expired"},
            {"name": "over a minute", **signed, "now": NOW - 1, "expect": "forged"},
        ],
    }


def commits() -> Json:
    """Commits and their shapes."""
    space, bobs = ALICE.space(), BOB.space()
    pointer = line(space, ALICE.member_key, 1)[0]
    bob_pointer = line(bobs, BOB.member_key, 1)[0]
    session = digest("session")[:16]
    one: dict[str, Value] = {"v": 1, "moves": [{"pointer": pointer.encoded}]}
    whole = Commit((Move(pointer, space), Move(bob_pointer, bobs)), session)
    move: dict[str, Value] = {"pointer": pointer.encoded}
    cases: list[tuple[str, bytes, str]] = [
        ("one move", encode(one), "ok"),
        ("two moves, new records, a session", whole.encoded, "ok"),
        ("no moves", encode(one | {"moves": []}), "malformed"),
        ("a space twice", encode(one | {"moves": [move, move]}), "malformed"),
        (
            "a record not named",
            encode(one | {"moves": [move | {"space": bobs.encoded}]}),
            "malformed",
        ),
        ("another version", encode(one | {"v": 2}), "unknown-version"),
        ("an unknown key", encode(one | {"zz": 1}), "malformed"),
        ("an unknown key in a move", encode(one | {"moves": [move | {"zz": 1}]}), "malformed"),
        ("a session of 15 bytes", encode(one | {"session": session[:15]}), "malformed"),
        (
            "a pointer that is none",
            encode(one | {"moves": [{"pointer": space.encoded}]}),
            "malformed",
        ),
        ("bytes after the end", encode(one) + b"\0", "malformed"),
    ]
    return [{"name": name, "hex": data.hex(), "expect": expect} for name, data, expect in cases]


def courier_layers() -> Json:
    """An envelope by two couriers, as each node gets it; HPKE draws a fresh key for each."""
    words = ("first", "second", "home")
    hops = []
    for word in words:
        peer = PEER_ID_PREFIX + lock(word).public
        record = CourierRecord(peer, sealing(word), 6, 4, True, NOW, NOW + DAY)
        hops.append(Hop(Home(peer, (f"/dns4/{word}.example/tcp/4061",)), record))
    last = Arrive(Drop(ALICE.id, 20833, token=b"t" * 16).encoded, Secret(digest("reply")))
    posted = post(hops, last, b"m" * SEALED_MESSAGE)
    layers: list[Json] = []
    for word, hop in zip(words, hops, strict=True):
        pair = SealKeyPair.from_seed(Secret(digest(word)))
        head, rest = open_layer(posted, hop.record.peer, [pair])
        layers.append(
            {
                "peer": hop.record.peer.hex(),
                "record": hop.record.sign(lock(word)).hex(),
                "seed": digest(word).hex(),
                "left": posted.left,
                "work": posted.work,
                "bits": hop.record.bits,
                "layer": posted.envelope[: sealed_size(posted.left)].hex(),
                "next": head.next.peer.hex() if isinstance(head, Onward) else None,
                "drop": head.drop.hex() if isinstance(head, Arrive) else None,
            }
        )
        if isinstance(head, Onward):
            posted = Posted(posted.left - 1, head.work, fill(rest))
    reply = Reply(TooMany("used up")).seal(last.reply)
    return {"layers": layers, "message": "6d", "reply": reply.hex(), "key": digest("reply").hex()}


SIGNED: Final[dict[str, Callable[[], Json]]] = {
    "identity/chains": identity_chains,
    "whereabouts/verify": whereabouts_verify,
    "profile/verify": profiles_verify,
    "replica/verify": replicas_verify,
    "farewell/verify": farewells_verify,
    "space/verify": spaces_verify,
    "pointer/verify": pointers_verify,
    "pointer/descent": pointers_descent,
    "fork/proofs": fork_proofs,
    "statement/verify": statements_verify,
    "commit/commits": commits,
    "courier/layers": courier_layers,
}
"""Files with hedged signatures in them, or what hangs on those."""
