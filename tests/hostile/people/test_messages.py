"""Every type of message, broken in every way: it is set aside or refused, and holds up nothing."""

from collections.abc import Callable
from typing import Final

import pytest

from client.capability import Capability
from client.recovery.notes import Ask
from client.session import Session
from client.social.contacts import contacts
from client.social.events import SetAside, SharesChanged
from client.social.inbox import collect
from client.social.messages import PLAIN, Introduction, Message, Type
from client.social.requests import requests
from crypto.hpke import seal_to
from crypto.purposes import SealPurpose
from crypto.sealing import Associated
from crypto.secret import Secret, random_bytes
from crypto.signing import SigningKey
from formats.dag_cbor import encode
from formats.errors import HoldfastError
from tests.client.people import Town
from tests.client.social.test_inbox import leave
from tests.hostile.people.strangers import ask_all

TYPES: Final = pytest.mark.parametrize("type", Type)
LATE: Final = 50
"""Numbers that were not used yet."""


def made(
    sender: Session,
    to: Session,
    type: Type,
    *,
    seq: int = LATE,
    key: SigningKey | None = None,
    name: Session | None = None,
    offered: Session | None = None,
    recipient: Session | None = None,
) -> Message:
    """A message of ``sender``'s, with something wrong with it."""
    log = Capability((offered or name or sender).id, sender.bundle.space, Secret(b"x" * 32))
    content = Introduction.of(sender.whereabouts, log, True)
    number = (random_bytes(16), seq, sender.around.now())
    chain = (name or sender).chain
    says = Ask(bytes(16), bytes(16)) if type is Type.KIT else None
    whose, daily = (recipient or to).id, key or sender.bundle.daily
    return Message.make(type, chain, whose, number, content, daily, says)


def sealed_as(to: Session, content: bytes, padding: bytes = b"\0") -> bytes:
    """Sealed to somebody, whatever is in it."""
    plain = len(content).to_bytes(4, "big") + content
    info = Associated(SealPurpose.MESSAGE, to.id)
    return seal_to(to.whereabouts.sealing, plain.ljust(PLAIN, padding), info)


def inside(message: Message) -> bytes:
    return encode({"message": message.envelope.encoded})


Break = Callable[[Session, Session, Session, Type], bytes]

BROKEN: dict[str, Break] = {
    "signed by another key": lambda bob, alice, _, type: made(
        bob, alice, type, key=SigningKey.generate()
    ).seal(alice.whereabouts.sealing),
    "in the name of another contact": lambda bob, alice, carol, type: made(
        bob, alice, type, name=carol
    ).seal(alice.whereabouts.sealing),
    "in my own name": lambda bob, alice, _, type: made(bob, alice, type, name=alice).seal(
        alice.whereabouts.sealing
    ),
    "offering what is another's": lambda bob, alice, carol, type: made(
        bob, alice, type, offered=carol
    ).seal(alice.whereabouts.sealing),
    "written to another": lambda bob, alice, carol, type: sealed_as(
        alice, inside(made(bob, alice, type, recipient=carol))
    ),
    "sealed to another": lambda bob, alice, carol, type: made(
        bob, alice, type, recipient=carol
    ).seal(carol.whereabouts.sealing),
    "cut off inside": lambda bob, alice, _, type: sealed_as(
        alice, inside(made(bob, alice, type))[:-100]
    ),
    "padded with something": lambda bob, alice, _, type: sealed_as(
        alice, inside(made(bob, alice, type)), b"\1"
    ),
    "followed by something": lambda bob, alice, _, type: sealed_as(
        alice, inside(made(bob, alice, type)) + b"\0\1"
    ),
    "garbled under way": lambda bob, alice, _, type: (
        made(bob, alice, type).seal(alice.whereabouts.sealing)[:-1] + b"?"
    ),
}


@TYPES
@pytest.mark.parametrize("how", BROKEN)
async def test_what_is_broken_is_set_aside_and_the_next_one_arrives(
    alice: Session, bob: Session, carol: Session, type: Type, how: str
) -> None:
    before = await contacts(alice)
    await leave(bob, alice, BROKEN[how](bob, alice, carol, type))
    good = made(carol, alice, Type.CHANGED)
    await leave(carol, alice, good.seal(alice.whereabouts.sealing))
    events = await collect(alice)
    assert [each.__class__ for each in events] == [SetAside, SharesChanged], how
    after = await contacts(alice)
    assert [each for each in after if each.name == "bob"] == [
        each for each in before if each.name == "bob"
    ]
    assert await requests(alice) == []
    assert await collect(alice) == []


@TYPES
@pytest.mark.parametrize("by", [-1, 1, -16384, 100_000])
async def test_another_size_is_refused_at_the_door(
    alice: Session, bob: Session, type: Type, by: int
) -> None:
    sealed = made(bob, alice, type).seal(alice.whereabouts.sealing)
    with pytest.raises(HoldfastError):
        await leave(bob, alice, sealed[:by] if by < 0 else sealed + bytes(by))
    assert await collect(alice) == []


@TYPES
async def test_replayed_and_in_any_order(alice: Session, bob: Session, type: Type) -> None:
    """What is true afterwards is what the one with the highest number says, once."""
    one, two = (
        made(bob, alice, type, seq=LATE + n).seal(alice.whereabouts.sealing) for n in (0, 1)
    )
    for each in (two, one):
        await leave(bob, alice, each)
    await collect(alice)
    after = await contacts(alice)
    for each in (one, two, two, one):
        await leave(bob, alice, each)
    assert await collect(alice) == []
    assert await contacts(alice) == after


async def test_a_crowd_of_strangers_hides_no_friend(
    world: Town, alice: Session, carol: Session
) -> None:
    """More requests than are kept: the rest is set aside, a contact's message arrives."""
    await ask_all(alice, 300)
    good = made(carol, alice, Type.CHANGED)
    await leave(carol, alice, good.seal(alice.whereabouts.sealing))
    events = await collect(alice)
    assert SharesChanged("carol") in events
    assert len(await requests(alice)) == 256
    assert sum(isinstance(each, SetAside) for each in events) == 44
