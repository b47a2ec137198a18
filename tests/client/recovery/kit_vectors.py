"""What the words of a recovery kit give and open: what a second implementation is held against."""

from client.identity.bundle import Bundle, SealingSeed
from client.recovery.content import KitContent
from client.recovery.notes import Ask, Ended, Give, Gone, Kept, Note, Parcel, note_value
from client.recovery.shares import shares_of
from client.recovery.words import RecoveryKit
from crypto.hpke import SealKeyPair
from crypto.secret import Secret
from crypto.signing import SigningKey
from crypto.threshold import Share, shown
from formats.dag_cbor import encode
from formats.whereabouts import Home
from tests.records.people import ALICE, NOW, digest
from tests.records.vectors import Json

ID = digest("alice id")


def content() -> KitContent:
    """Alice's keys, all from words."""
    bundle = Bundle(
        id=ID,
        head=ALICE.chain().head_hash,
        head_seq=0,
        whereabouts_seq=3,
        daily=_key("daily"),
        sealing=(SealingSeed(Secret(digest("sealing")), NOW),),
        member=_key("member"),
        space=digest("space"),
        root=Secret(digest("root")),
        account=Secret(digest("account")),
        inner=b"of the password: not kept",
        members=Secret(digest("members")),
    )
    return KitContent.of(bundle, "alice", Secret(digest("next")))


def opens() -> Json:
    """Three kits; the seals are other ones in every run."""
    cases: list[Json] = []
    for code in (bytes(20), bytes(range(20)), b"\xff" * 20):
        kit, inside = RecoveryKit(Secret(code)), content()
        value = encode(
            {
                "v": 1,
                "name": inside.name,
                "next": inside.next.reveal(),
                "bundle": inside.bundle.value,
            }
        )
        cases.append(
            {
                "code": code.hex(),
                "words": kit.words,
                "label": kit.keys.label.hex(),
                "lock": kit.keys.lock(kit.keys.label).public.hex(),
                "public": kit.pair.public.hex(),
                "id": ID.hex(),
                "place": kit.seal_place(ID, digest("space")).hex(),
                "space": digest("space").hex(),
                "sealed": inside.seal(kit.pair.public).hex(),
                "content": value.hex(),
            }
        )
    return cases


def shares() -> Json:
    """Kits split: other shares in every run, any ``needed`` of which give the code."""
    cases: list[Json] = []
    for code, needed, count in ((bytes(20), 2, 3), (bytes(range(20)), 3, 5), (b"\xff" * 20, 4, 4)):
        words: list[Json] = [*shares_of(RecoveryKit(Secret(code)), needed, count)]
        cases.append({"code": code.hex(), "needed": needed, "shares": words})
    return cases


def notes() -> Json:
    """What is said of shares: each note, what is sealed in the first, and a proof."""
    owner, keeper, set, nonce = ID, digest("bob id"), digest("set")[:16], digest("nonce")[:16]
    pair = SealKeyPair.from_seed(Secret(digest("sealing of bob")))
    share = Share.read(shares_of(RecoveryKit(Secret(bytes(range(20)))), 2, 3)[1])
    home = Home(digest("peer"), ("/ip4/192.0.2.7/tcp/4061",))
    parcel = Parcel(share, 3, digest("space"), (home,))
    proving = share.proving(owner, keeper)
    sealed = parcel.seal(pair.public, owner, keeper, set)
    said: list[Note] = [
        Give(set, NOW, nonce, sealed),
        Ended(set, NOW),
        Ask(set, nonce),
        Kept(set, shown(proving, nonce)),
        Gone(set),
    ]
    return {
        "owner": owner.hex(),
        "keeper": keeper.hex(),
        "seed": pair.seed.reveal().hex(),
        "share": share.words,
        "parcel": encode({"v": 1, **parcel.value}).hex(),
        "proving": proving.reveal().hex(),
        "notes": [encode(note_value(each)).hex() for each in said],
    }


def _key(word: str) -> SigningKey:
    return SigningKey.from_seed(Secret(digest(word)))
