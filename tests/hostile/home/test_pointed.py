"""Lies that are about one answer, and the very words in which a person is told of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from client.identity.account import change_password
from client.identity.whereabouts import publish_again
from client.session import Session
from client.social.follow import follow
from client.social.owners import refresh
from crypto.passwords import MIN_MEMLIMIT, MIN_OPSLIMIT
from formats.card import Card
from formats.drop import token_hash
from formats.errors import (
    BadInvite,
    Denied,
    Forged,
    HoldfastError,
    ProtocolViolation,
    Stale,
    WrongPassword,
)
from formats.invite import Invite
from formats.whereabouts import Home
from protocols import accounts as a
from protocols import directory as d
from protocols import pointers as p
from tests.world.faults import Call, Onward
from tests.world.person import Person
from tests.world.world import World


@dataclass(frozen=True, slots=True)
class Says:
    """A call is answered with something that was made of the honest answer."""

    on: str
    change: Callable[[Any], Any]

    async def meet(self, call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        return self.change(answer) if call.fits(self.on) else answer


@dataclass(slots=True)
class Keeps:
    """What a call was answered with, for later."""

    on: str
    answer: Any = None

    async def meet(self, call: Call, onward: Onward) -> object:
        answer = await onward(call.request)
        if call.fits(self.on):
            self.answer = answer
        return answer


async def kept(person: Person, on: str, does: Callable[[], Awaitable[object]]) -> Any:
    """What a home answers somebody honestly."""
    keeps = Keeps(on)
    with person.meeting(keeps):
        await does()
    assert keeps.answer is not None
    return keeps.answer


# --- signing in

WEAKENED: dict[str, tuple[Callable[[a.Parameters], a.Parameters], str]] = {
    "fewer passes": (lambda told: replace(told, operations=MIN_OPSLIMIT - 1), "impossible"),
    "less memory": (lambda told: replace(told, memory=MIN_MEMLIMIT - 1), "impossible"),
    "no memory": (lambda told: replace(told, memory=0), "impossible"),
    "more memory than anybody has": (lambda told: replace(told, memory=2**50), "bytes of memory"),
    "passes for a year": (lambda told: replace(told, operations=2**31), "impossible"),
    "another algorithm": (
        lambda told: replace(told, algorithm=told.algorithm + 1),
        "does not know",
    ),
}


@pytest.mark.parametrize("how", WEAKENED)
async def test_parameters_of_the_password_that_are_weak_or_enormous(how: str) -> None:
    change, words = WEAKENED[how]
    async with World.open("alice") as w:
        phone = Person(w, "alice", w.alice.place, 7)
        phone.password = w.alice.password
        with phone.meeting(Says("accounts.parameters", change)):
            with pytest.raises(Forged, match=words) as told:
                await phone.sign_in()
            assert "the home" in told.value.message
            assert "accounts.prove" not in phone.road.calls, "something of the password was shown"
        await phone.sign_in()


async def test_a_salt_that_is_another_accounts_gives_keys_that_fit_nothing() -> None:
    """Two people of one password: the home learns nothing that fits the other's account."""
    async with World.open("alice", mallory="alice") as w:
        mallory = await kept(w.mallory, "accounts.parameters", w.mallory.sign_in)
        phone = Person(w, "alice", w.alice.place, 7)
        phone.password = w.alice.password
        with (
            phone.meeting(Says("accounts.parameters", lambda _: mallory)),
            pytest.raises(WrongPassword),
        ):
            await phone.sign_in()


async def test_a_bundle_of_another_account() -> None:
    async with World.open("alice", mallory="alice") as w:
        answer = await kept(w.mallory, "accounts.sign_in", w.mallory.sign_in)
        lie = Says("accounts.sign_in", lambda _: answer)
        with w.alice.meeting(lie), pytest.raises(Forged, match="another account's sign-in record"):
            await w.alice.sign_in()


async def test_a_bundle_of_another_time() -> None:
    """Before the password was changed: it does not open with the new one."""
    async with World.open("alice") as w:
        old = await kept(w.alice, "accounts.sign_in", w.alice.sign_in)
        await w.alice.change_password("quite another password")
        lie = Says("accounts.sign_in", lambda _: old)
        with w.alice.meeting(lie), pytest.raises(Forged, match="another account's sign-in record"):
            await w.alice.sign_in()


async def test_a_new_password_that_the_home_says_it_took_and_did_not() -> None:
    @dataclass
    class Ignores:
        async def meet(self, call: Call, onward: Onward) -> object:
            return (
                a.Replaced()
                if call.fits("accounts.replace_sign_in")
                else await onward(call.request)
            )

    async with World.open("alice") as w:
        new = "quite another password"
        with w.alice.meeting(Ignores()), pytest.raises(Stale, match="does not know it") as told:
            await change_password(w.alice.session, w.alice.password, new)
        assert "sign in with the old one" in told.value.advice
        await w.alice.sign_in()


async def test_a_password_is_changed_on_one_device_and_then_on_another() -> None:
    async with World.open("alice") as w:
        phone = await w.alice.another_device()
        await w.alice.change_password("the second password")
        phone.password = "the second password"
        await phone.change_password("the third password")
        await w.alice.sign_in("the third password")
        assert w.alice.session.id == phone.session.id


# --- keys, tokens and invitations


async def test_older_whereabouts_of_ones_own() -> None:
    async with World.open("alice") as w:
        session = w.alice.session

        async def look() -> None:
            await w.alice.sign_in()

        old: d.Person = await kept(w.alice, "directory.look", look)
        await publish_again(session)
        with (
            w.alice.meeting(Says("directory.look", lambda _: old)),
            pytest.raises(Stale, match="whereabouts"),
        ):
            await w.alice.sign_in()


async def test_a_friend_who_is_said_to_be_somebody_else() -> None:
    async with World.open("alice", "bob", mallory="bob") as w:
        await w.alice.befriend(w.bob)
        mallory = w.mallory.session
        other = d.Person(mallory.chain.encoded, mallory.whereabouts.encoded)
        with (
            w.alice.meeting(Says("directory.look", lambda _: other)),
            pytest.raises(Forged, match="another person's identity"),
        ):
            await refresh(w.alice.session, w.bob.session.id)


async def test_a_state_of_somebody_else() -> None:
    async with World.open("alice", mallory="alice") as w:
        await w.mallory.put("hers", b"x")
        w.mallory.session.cache.clear()
        other = await kept(w.mallory, "pointers.resolve", w.mallory.session.space.view.refresh)
        assert isinstance(other, p.Resolved)
        with (
            w.alice.meeting(Says("pointers.resolve", lambda _: other)),
            pytest.raises(Forged, match="the state of another space"),
        ):
            await w.alice.session.space.view.refresh()


async def test_a_node_that_says_to_be_another() -> None:
    """What is proven to it would else be shown to that other one: a token leaked to a third."""
    async with World.open("alice", "bob") as w:
        there = w.bob.place.node.peer_id
        await w.alice.session.line.aclose()
        lie = Says("accounts.hello", lambda told: replace(told, server=there))
        with w.alice.meeting(lie), pytest.raises(ProtocolViolation, match="says it is another"):
            await w.alice.ls()
        assert w.alice.road.calls[-1] == "accounts.hello", "something was proven to it"


async def test_a_statement_that_a_home_hands_on_to_another() -> None:
    """It names both ends of the connection that it was made for."""
    async with World.open("alice", "bob") as w:

        @dataclass
        class Overhears:
            heard: list[object]

            async def meet(self, call: Call, onward: Onward) -> object:
                if isinstance(call.request, a.Enter):
                    self.heard += call.request.proofs
                return await onward(call.request)

        overheard = Overhears([])
        await w.alice.session.line.aclose()
        with w.alice.meeting(overheard):
            await w.alice.ls()
        for place in w.places.values():
            doors = place.open()
            await doors.accounts.hello(a.AskHello(a.VERSION))
            for prove in overheard.heard:
                assert isinstance(prove, a.Prove)
                with pytest.raises(Forged):
                    await doors.accounts.prove(prove)
                with pytest.raises(Forged):
                    await doors.accounts.enter(a.Enter((prove,), True))
        assert len(overheard.heard) >= 2


async def test_the_token_of_a_card_is_told_to_nobody_but_the_home_that_it_is_of() -> None:
    async with World.open("alice", "bob", "eve") as w:
        card = Card.parse(await w.alice.card())
        seen: list[tuple[str, object]] = []

        @dataclass
        class Watches:
            async def meet(self, call: Call, onward: Onward) -> object:
                seen.append((str(call), call.request))
                return await onward(call.request)

        moved = replace(card, homes=(Home(w.eve.place.node.peer_id, card.homes[0].addresses),))
        with w.bob.meeting(Watches()), pytest.raises(HoldfastError):
            await follow(w.bob.session, moved.text)  # altered on its way: it leads to eve's node
        shown = [request for name, request in seen if name == "directory.look"]
        assert all(getattr(each, "id", None) == card.id for each in shown)
        assert not [name for name, _ in seen if name == "inbox.leave"]
        assert token_hash(card.token) != card.token


async def test_an_invite_that_nobody_made() -> None:
    async with World.open("alice") as w:
        made = Invite.parse(await w.places["alice"].node.admin.invite())
        forged = replace(made, code=bytes(len(made.code)))
        stranger = Person(w, "eve", w.alice.place)
        with pytest.raises(BadInvite):
            await stranger.sign_up(forged.text)


async def test_a_refusal_in_the_homes_words_is_told_as_that() -> None:
    """Denied is what any home may say; nothing is concluded from it."""
    async with World.open("alice") as w:

        def refuse(_: object) -> Session:
            raise Denied("there is nothing here for you")

        with w.alice.meeting(Says("accounts.account", refuse)), pytest.raises(Denied):
            await w.alice.used()
        assert await w.alice.used() > 0
