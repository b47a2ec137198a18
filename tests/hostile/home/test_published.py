"""Attacks that were published on others, run against this client by the home that it lives at.

Each is named after the system that it broke and what its paper calls it; ``docs/security.md``
says which paper that is, and has those that need no home of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from client.social.messages import Type
from client.social.owners import refresh
from crypto.hpke import SealKeyPair
from crypto.sealing import COMMITMENT_SIZE, HEAD_SIZE
from crypto.secret import random_bytes
from formats.cid import Block
from formats.errors import Damaged, Forged, HoldfastError, ProtocolViolation
from formats.leaf import Leaf, split_segment
from formats.pointer import Pointer
from formats.sign_in import SignInRecord
from formats.space import Member, Rights, SpaceRecord
from formats.whereabouts import Living, Whereabouts
from protocols import accounts as a
from protocols import blocks as b
from protocols import directory as d
from protocols import inbox as i
from protocols import pointers as p
from tests.client.social.test_inbox import leave
from tests.hostile.home.test_pointed import Says, kept
from tests.hostile.people.test_messages import inside, made, sealed_as
from tests.world.faults import Call, LosesAnswer, Onward
from tests.world.person import Person
from tests.world.world import World

PIECE = 16
"""Bytes of a block of AES: what could be swapped in ECB."""


# --- MEGA: keys that the server keeps, altered; what the client then says gives them away


@dataclass
class Heard:
    """What a home was asked by somebody who was lied to, and what they were told."""

    calls: Sequence[str]
    kind: type[Exception]
    told: str


async def signing_in_with(w: World, change: Callable[[bytes], bytes]) -> Heard:
    """A device signs in, and the home hands over its keys with something wrong."""
    phone = Person(w, "alice", w.alice.place, 7)
    phone.password = w.alice.password

    def lie(told: a.SignInAnswer) -> a.SignInAnswer:
        assert told.record is not None
        record = SignInRecord.decode(told.record)
        return replace(told, record=replace(record, bundle=change(record.bundle)).encoded)

    with phone.meeting(Says("accounts.sign_in", lie)), pytest.raises(HoldfastError) as told:
        await phone.sign_in()
    return Heard(tuple(phone.road.calls), type(told.value), str(told.value))


def altered(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]


def swapped(one: int, other: int) -> Callable[[bytes], bytes]:
    """Two blocks of the cipher exchanged."""

    def change(data: bytes) -> bytes:
        pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
        pieces[one], pieces[other] = pieces[other], pieces[one]
        return b"".join(pieces)

    return change


async def test_mega_key_recovery_and_its_errors() -> None:
    """Keys altered at any place are refused in one way, and the home is told nothing after it.

    In MEGA a client went on with altered keys, and its answer, later its error, gave a bit of
    them each time (RSA key recovery; Caveat Implementor: the errors of new checks).
    """
    async with World.open("alice") as w:
        record = w.alice.session.record
        assert record is not None
        length = len(record.bundle)
        heard = [await signing_in_with(w, altered(at)) for at in range(0, length, PIECE)]
        heard.append(await signing_in_with(w, altered(length - 1)))
        assert len(heard) > length // PIECE
        assert {each.calls[-1] for each in heard} == {"accounts.sign_in"}, "it went on"
        assert len({(each.calls, each.kind, each.told) for each in heard}) == 1, "it tells apart"


async def test_mega_plaintext_recovery() -> None:
    """Pieces of sealed keys changed places, or other sealed things stand in for them."""
    async with World.open("alice", mallory="alice") as w:
        his = w.mallory.session.record
        assert his is not None
        instead: list[Callable[[bytes], bytes]] = [
            *(swapped(3, other) for other in range(4, 30, 5)),
            lambda data: data[PIECE:] + data[:PIECE],
            lambda _: his.bundle,
            lambda data: his.bundle[: len(data) // 2] + data[len(data) // 2 :],
            lambda data: random_bytes(len(data)),
            lambda data: bytes(len(data)),
        ]
        heard = [await signing_in_with(w, change) for change in instead]
        assert len({(each.calls, each.kind, each.told) for each in heard}) == 1
        assert heard[0].kind in (Damaged, Forged)


@dataclass
class Plants:
    """The home moves the newest state to one with a file of its own in it."""

    to: Callable[[p.Resolved], p.Resolved]

    async def meet(self, call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        return self.to(answer) if isinstance(answer, p.Resolved) else answer


@pytest.mark.parametrize("key", ["the home's own", "an honest signature"])
async def test_mega_framing_and_integrity(key: str) -> None:
    """A state with a planted file: signed by the home's key, or with an honest signature on it."""
    async with World.open("alice", mallory="alice") as w:
        await w.alice.put("mine", b"mine")
        await w.mallory.put("planted", b"planted")
        theirs = w.mallory.session.space.view.tip
        assert theirs is not None

        def lie(told: p.Resolved) -> p.Resolved:
            pointer, record = Pointer.decode(told.pointer), SpaceRecord.decode(told.record)
            planted = theirs.pointer.root
            if key == "an honest signature":
                data = told.pointer.replace(bytes(pointer.root), bytes(planted))
                assert data != told.pointer
                return replace(told, pointer=data)
            his = w.mallory.session.bundle.member
            forged = Pointer.following(pointer, pointer.hash, record, planted, 0, his)
            return replace(told, pointer=forged.encoded)

        with w.alice.meeting(Plants(lie)), pytest.raises(Forged):
            await w.alice.session.space.view.refresh()
        assert await w.alice.ls() == {"mine"}


async def test_mega_guess_and_purge() -> None:
    """A message altered at any place: what the home hears next is the same for each of them.

    In MEGA whether a message unpadded showed in what the client did (GaP-Bleichenbacher).
    """
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        await w.alice.put("a", b"a")
        await w.alice.share("a", "bob")
        caught = Catches()
        with w.bob.meeting(caught):
            await w.bob.collect()
        message = caught.messages[0]
        size = len(message.sealed)
        heard = set()
        ends = (size // 2, size - 17, size - 16, size - 1)
        for at in (0, 31, 32, 700, 1119, 1120, 1121, 1200, *ends):
            bad = replace(message, sealed=altered(at)(message.sealed), seq=message.seq + 100)
            lie = Says("inbox.collect", _once(bad))
            with w.bob.meeting(lie), w.bob.counting() as calls:
                told = await w.bob.collect()
            heard.add((tuple(calls), tuple(told)))
        assert len(heard) == 1, "what was altered shows"
        assert all(told for _, told in heard), "nobody is told of it"


@dataclass
class Catches:
    """The messages that somebody collects."""

    messages: list[i.Message] = field(default_factory=list)

    async def meet(self, call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        if isinstance(answer, i.Messages):
            self.messages += answer.messages
        return answer


def _once(message: i.Message) -> Callable[[object], object]:
    """This message the first time, and then that nothing more waits."""
    left = [i.Messages((message,))]
    return lambda _: left.pop() if left else i.Messages(())


# --- Nextcloud


@dataclass
class Watches:
    """Every block that a client sends."""

    sealed: list[bytes] = field(default_factory=list)
    headers: list[bytes] = field(default_factory=list)

    async def meet(self, call: Call, onward: Onward) -> object:
        if isinstance(call.request, b.Stage | p.Move):
            for block in call.request.blocks:
                self._look(block)
        return await onward(call.request)

    def _look(self, block: Block) -> None:
        if block.cid.is_raw:
            self.sealed.append(bytes(split_segment(block.data)[1]))
            return
        try:
            header = Leaf.decode(block.data).header
        except HoldfastError:
            return
        if header is not None:
            self.headers.append(header)


async def test_nextcloud_nonces_are_not_used_again() -> None:
    """The same content at the same path, replaced, taken out of the trash, sent again: new ones.

    In Nextcloud a file that was written again kept key and nonce (CVE-2023-28997).
    """
    watches = Watches()
    async with World.open("alice") as w:
        with w.alice.meeting(watches):
            for _ in range(3):
                await w.alice.put("same", bytes(600_000))
                await w.alice.put("small", b"small")
            with w.alice.meeting(LosesAnswer("pointers.move")):
                await w.alice.put("lost", bytes(300_000))
            await w.alice.rm("same")
            await w.alice.bring_back("same")
            await w.alice.mv("same", "moved")
    assert len(watches.sealed) >= 3
    assert len(watches.headers) >= 8
    for kind, start in ((watches.sealed, 0), (watches.headers, COMMITMENT_SIZE)):
        whole = set(kind)  # sent again as it is: the same bytes, nothing new is sealed
        nonces = {each[start : start + HEAD_SIZE] for each in whole}
        assert len(nonces) == len(whole)


async def test_nextcloud_key_insertion() -> None:
    """No keys at all where there have to be some: nothing is fallen back to.

    In Nextcloud a client that was told of no keys took one of the server's (CVE-2023-28998).
    """
    async with World.open("alice", "bob") as w:
        await w.alice.befriend(w.bob)
        none = Says("directory.look", lambda told: replace(told, chain=()))
        with w.bob.meeting(none), pytest.raises(HoldfastError):
            await refresh(w.bob.session, w.alice.session.id)
        heard = await signing_in_with(w, lambda _: b"\0")
        assert heard.calls[-1] == "accounts.sign_in"
        empty = Says("pointers.resolve", lambda told: replace(told, record=b""))
        phone = await w.alice.another_device()
        with phone.meeting(empty), pytest.raises(ProtocolViolation):
            await phone.ls()


async def test_nextcloud_and_sync_a_key_of_the_servers_to_share_to() -> None:
    """The home answers with whereabouts of its own making: the sealing key is not believed."""
    async with World.open("alice", "bob", mallory="alice") as w:
        await w.alice.befriend(w.bob)
        alice, mallory = w.alice.session, w.mallory.session
        theirs = SealKeyPair.generate()
        here = alice.whereabouts
        forged = Whereabouts.make(
            alice.chain,
            here.seq + 1,
            Living(here.homes, here.name),
            theirs.public,
            here.expires,
            mallory.bundle.daily,
        )
        lie = Says("directory.look", lambda told: replace(told, whereabouts=forged.encoded))
        before = here.sealing
        with w.bob.meeting(lie), pytest.raises(Forged):
            await refresh(w.bob.session, alice.id)
        honest: d.Person = await kept(
            w.bob, "directory.look", lambda: refresh(w.bob.session, alice.id)
        )
        assert Whereabouts.decode(honest.whereabouts).sealing == before


# --- the five providers


async def test_sync_a_folder_that_the_server_shares() -> None:
    """Whom nobody accepted shares a folder, in their name or a friend's: no file of it appears."""
    async with World.open("alice", "bob", mallory="alice") as w:
        await w.alice.befriend(w.bob)
        await w.alice.put("mine", b"mine")
        alice, mallory, bob = w.alice.session, w.mallory.session, w.bob.session
        for type in (Type.CHANGED, Type.ACCEPT, Type.FOLLOW):
            own = made(mallory, alice, type)
            as_bob = made(mallory, alice, type, name=bob)
            offers_bobs = made(mallory, alice, type, offered=bob)
            for message in (own, as_bob, offers_bobs):
                await leave(mallory, alice, sealed_as(alice, inside(message)))
        await w.alice.collect()
        assert await w.alice.ls() == {"mine"}
        assert await w.alice.shared_with_me() == set()
        assert await w.alice.contacts() == {"bob"}


# --- Matrix


async def test_matrix_a_member_whom_the_server_adds() -> None:
    """Control of room membership: a space record with one member more, signed by the home."""
    async with World.open("alice", mallory="alice") as w:
        await w.alice.put("a", b"a")
        his = w.mallory.session

        def lie(told: p.Resolved) -> p.Resolved:
            record = SpaceRecord.decode(told.record)
            more = Member(his.bundle.member.verify_key.digest(), Rights.ALL)
            forged = SpaceRecord.following(
                record, his.chain, [*record.members, more], his.bundle.daily
            )
            pointer = Pointer.decode(told.pointer)
            on = Pointer.following(
                pointer, pointer.hash, forged, pointer.root, 0, his.bundle.member
            )
            return replace(told, record=forged.encoded, pointer=on.encoded)

        with w.alice.meeting(Plants(lie)), pytest.raises(Forged):
            await w.alice.session.space.view.refresh()
