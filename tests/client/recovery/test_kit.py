"""The recovery kit: what its words open, where, and for whom."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from client.identity.account import prove
from client.identity.bundle import Bundle
from client.identity.rotation import renew_keys
from client.recovery.checking import check_all, check_three, record_of
from client.recovery.making import kit_text, make_kit
from client.recovery.opening import open_kit
from client.recovery.words import WORDS, RecoveryKit
from client.session import Session
from client.social.store import change
from client.space.reading import Changing
from crypto.hpke import seal_to
from crypto.secret import random_secret
from crypto.signing import SigningKey
from formats.dag_cbor import Value
from formats.errors import BadKit, Forged, NotFound, Stale, Unreachable, Withheld
from formats.kit import KitText, find_kit
from formats.leaf import Leaf
from protocols.directory import Look
from tests.client.people import PASSWORD, Town, town
from tests.client.recovery.conftest import kit_of
from tests.world.faults import Call, Onward, WatchedDoors


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "n", "other") as made:
        yield made


def at(alice: Session, kit: RecoveryKit | None = None) -> KitText:
    return kit_text(alice, kit)


def keys_of(bundle: Bundle) -> Value:
    """All that matters of it: not the compartment of the password, nor what counts on."""
    return replace(bundle, inner=b"", whereabouts_seq=0).value


async def test_the_words_open_the_account_for_who_has_nothing_else(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    kit = await kit_of(alice)
    words, paper = kit.words, at(alice).text
    found = await open_kit(world.around(), RecoveryKit.read(words), KitText.parse(paper))
    assert (found.content.id, found.content.bundle.space) == (alice.id, alice.bundle.space)
    assert keys_of(found.content.bundle) == keys_of(alice.bundle)
    signer = SigningKey.from_seed(found.content.next).verify_key
    assert signer.digest() == alice.chain.head.next


async def test_the_text_of_the_paper_is_the_whole_kit(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    kit = await kit_of(alice)
    whole = KitText.parse(at(alice, kit).text)
    assert whole.code == kit.code.reveal()
    page = f"<p>{whole.text}</p>"
    assert find_kit(page) == whole.text
    assert find_kit("none") == "none"
    assert KitText.parse(at(alice).text).code is None
    assert kit.words not in repr(kit)
    assert whole.code.hex() not in repr(whole)


def test_words_are_thirteen_and_a_slip_is_noticed() -> None:
    kit = RecoveryKit.generate()
    words = kit.words.split()
    assert len(words) == WORDS == 13
    assert RecoveryKit.read(" ".join(words).upper()).code == kit.code
    for wrong in (words[:-1], [*words, words[0]], ["aaaa", *words[1:]]):
        with pytest.raises(BadKit):
            RecoveryKit.read(" ".join(wrong))


async def test_words_of_somebody_else_open_nothing(world: Town) -> None:
    alice, bob = await world.sign_up("alice", "n"), await world.sign_up("bob", "n")
    kits = await kit_of(alice), await kit_of(bob)
    for kit, person in ((kits[1], alice), (kits[0], bob), (RecoveryKit.generate(), alice)):
        with pytest.raises(BadKit, match="not of that person"):
            await open_kit(world.around(), kit, at(person))


async def test_words_in_another_order_open_nothing(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    words = (await kit_of(alice)).words.split()
    for turn in range(1, WORDS):
        turned = [*words[turn:], *words[:turn]]
        if turned == words:
            continue
        with pytest.raises(BadKit):  # by the check in the words, or by what they do not open
            await open_kit(world.around(), RecoveryKit.read(" ".join(turned)), at(alice))


async def test_a_person_without_a_kit_is_said_to_have_none(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    with pytest.raises(BadKit, match="no recovery kit"):
        await open_kit(world.around(), RecoveryKit.generate(), at(alice))
    with pytest.raises(NotFound):
        await record_of(alice)


async def test_a_new_kit_makes_the_old_one_useless(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    old = await kit_of(alice)
    new = await kit_of(alice)
    with pytest.raises(BadKit):
        await open_kit(world.around(), old, at(alice))
    assert (await open_kit(world.around(), new, at(alice))).content.id == alice.id
    record = await record_of(alice)
    assert record.old == ()
    assert record.label == new.keys.label
    assert old.keys.label not in await (await alice.space.reading()).leaves([old.keys.ref()])


async def test_cut_off_between_the_steps_one_kit_opens_and_the_next_one_mends(
    world: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from client.recovery import making

    alice = await world.sign_up("alice", "n")
    old = await kit_of(alice)

    async def away(*_: object) -> None:
        raise Unreachable("the home went away")

    with monkeypatch.context() as patched:
        patched.setattr(making, "publish_kit", away)
        with pytest.raises(Unreachable):
            await kit_of(alice)
    assert (await open_kit(world.around(), old, at(alice))).content.id == alice.id
    assert (await record_of(alice)).old == (old.keys.label,)
    new = await kit_of(alice)
    assert (await open_kit(world.around(), new, at(alice))).content.id == alice.id
    assert (await record_of(alice)).old == ()
    assert await (await alice.space.reading()).leaves([old.keys.ref()]) == {}


async def test_whereabouts_keep_the_kit_when_they_are_published_again(world: Town) -> None:
    from client.identity.whereabouts import publish_again

    alice = await world.sign_up("alice", "n")
    kit = await kit_of(alice)
    await publish_again(alice)
    assert (await open_kit(world.around(), kit, at(alice))).content.id == alice.id


async def test_another_machine_can_make_the_next_kit(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    await kit_of(alice)
    elsewhere = await world.sign_in("alice", "n")
    kit = await kit_of(elsewhere)
    assert (await open_kit(world.around(), kit, at(alice))).content.id == alice.id


async def test_three_words_are_asked_for(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    kit = await kit_of(alice)
    record = await record_of(alice)
    words = kit.words.split()
    three = [words[place] for place in record.asked]
    assert record.checked is None
    with pytest.raises(BadKit):
        await check_three(alice, " ".join(reversed(three)))
    with pytest.raises(BadKit, match="2 words"):
        await check_three(alice, " ".join(three[:2]))
    with pytest.raises(BadKit, match="of the list"):
        await check_three(alice, "aaaa bbbb cccc")
    assert (await record_of(alice)).checked is None
    await check_three(alice, " ".join(three))
    assert (await record_of(alice)).checked is not None


async def test_all_words_are_tried_as_after_a_loss(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    old = await kit_of(alice)
    kit = await kit_of(alice)
    with pytest.raises(BadKit):
        await check_all(alice, old.words)
    await check_all(alice, kit.words)
    assert (await record_of(alice)).checked is not None


async def test_renewing_the_keys_renews_what_the_same_words_open(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    kit = await kit_of(alice)
    attempt = await prove(alice, PASSWORD)
    after = await renew_keys(alice, attempt, PASSWORD)
    await attempt.aclose()
    found = await open_kit(world.around(), kit, at(alice))
    assert keys_of(found.content.bundle) == keys_of(after.bundle)
    assert found.chain.seq == 1
    await check_all(after, kit.words)


async def test_keys_that_were_not_renewed_in_the_kit_are_said_to_be_old(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    kit = await make_kit(alice, random_secret())
    with pytest.raises(Stale, match="renewed"):
        await open_kit(world.around(), kit, at(alice))
    with pytest.raises(Stale):
        await check_all(alice, kit.words)


async def test_the_next_node_is_asked_when_one_does_not_answer(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    kit = await kit_of(alice)
    where = at(alice)
    homes = (world.home("other"), *where.homes)
    assert (await open_kit(world.around(), kit, replace(where, homes=homes))).source == homes[1]
    world.down.add(world.home("n").peer)
    with pytest.raises(Unreachable):
        await open_kit(world.around(), kit, where)


async def test_a_node_that_shows_another_person_is_not_believed(world: Town) -> None:
    alice, bob = await world.sign_up("alice", "n"), await world.sign_up("bob", "n")
    kit, where = await kit_of(alice), at(alice)

    async def meet(call: Call, onward: Onward) -> object:
        return await onward(
            Look(bob.id, at(bob).head, None) if call.name == "look" else call.request
        )

    world.wrap = lambda doors: WatchedDoors(doors, meet)
    with pytest.raises(Forged):
        await open_kit(world.around(), kit, where)


async def test_a_leaf_that_is_gone_or_not_the_kits_is_refused(world: Town) -> None:
    alice = await world.sign_up("alice", "n")
    kit = await kit_of(alice)
    record = await record_of(alice)

    async def put(header: bytes | None) -> None:
        async def operation(changing: Changing) -> None:
            if header is None:
                changing.delete(record.label)
            else:
                changing.put(record.label, Leaf(record.lock, header=header))

        await change(alice, operation)

    for header in (b"x" * 2048, _sealed(record.public, bytes(1024)), _sealed(record.public, b"")):
        await put(header)
        with pytest.raises(BadKit):
            await open_kit(world.around(), kit, at(alice))
    await put(None)
    with pytest.raises(Withheld):
        await open_kit(world.around(), kit, at(alice))


def _sealed(public: bytes, plain: bytes) -> bytes:
    from crypto.purposes import SealPurpose
    from crypto.sealing import Associated

    return seal_to(public, plain, Associated(SealPurpose.KIT, bytes(32)))
