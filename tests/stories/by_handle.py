"""Alice is found by her handle alone: nobody was given a card, an address or a name of a machine.

Chapters over a stage of ``behind_nats``, in this order; each ends with what it claims.
"""

from functools import partial
from pathlib import Path
from typing import Final

import trio

from formats.errors import HoldfastError, NotFound, Unreachable
from tests.stories.real import RealPerson
from tests.stories.stage import soon
from tests.stories.story import expect, refused

LETTER: Final = "letter"
"""A file of Alice's."""

FOLDER: Final = "letters"


async def she_is_published(alice: RealPerson, bob: RealPerson) -> str:
    """Until she chooses it nobody finds her; then Bob does, by handle and by id. Her handle."""
    handle = (await alice.holdfast("whoami")).lines[0]
    await _is_not_found(bob, handle)

    async def kept() -> bool:
        return "is kept by" in (await alice.holdfast("publish", "on")).out

    await soon(alice, kept, "a node keeps what she published")
    shown = (await bob.holdfast("whois", handle)).lines
    expect(shown[0] == handle, "Bob finds her by her handle")
    id = shown[1].removeprefix("id     ")
    expect((await bob.holdfast("whois", id)).lines[:4] == shown[:4], "and by her id, the same")
    return handle


async def he_follows_by_handle(alice: RealPerson, bob: RealPerson, handle: str) -> None:
    """He asks to follow a handle; she hears of it, accepts and follows back."""
    await bob.follow(handle)

    async def asked() -> bool:
        return "bob" in await alice.requests()

    await soon(alice, asked, "Alice hears of Bob's request")
    await alice.accept("bob", back=True)

    async def accepted() -> bool:
        return "alice" in await bob.following()

    await soon(bob, accepted, "Bob hears that she accepted")
    expect("bob" in await alice.following(), "Alice follows Bob")


async def what_she_shares_he_gets(alice: RealPerson, bob: RealPerson, source: Path) -> None:
    """And what she takes back he does not; she has it still. ``source``: a file ``LETTER``."""
    path = f"/alice/{FOLDER}"
    await alice.holdfast("mkdir", FOLDER)
    await alice.put(source, FOLDER)
    await alice.share(path, "bob")

    async def heard(there: bool) -> bool:
        return (path in await bob.shared_with_me()) is there

    await soon(bob, partial(heard, True), "Bob hears of the share")
    place = source.parent / "his"
    await trio.Path(place).mkdir()
    await bob.get(f"{path}/{LETTER}", place)
    await _is_the_same(source, place / LETTER)
    await alice.unshare(path, "bob")
    await refused(lambda: bob.cat(f"{path}/{LETTER}"), "Bob reads what was taken back")
    await soon(bob, partial(heard, False), "Bob hears of its end")


async def she_signs_in_elsewhere(
    alice: RealPerson, machine: RealPerson, handle: str, source: Path
) -> None:
    """On a machine that knows nothing but what she types: her handle and her password."""
    await machine.sign_in_as(handle, alice.password)
    expect(await machine.listing(f"/alice/{FOLDER}") == {LETTER}, "her folder is listed there")
    place = source.parent / "elsewhere"
    await trio.Path(place).mkdir()
    await machine.get(f"/alice/{FOLDER}/{LETTER}", place)
    await _is_the_same(source, place / LETTER)
    await machine.holdfast("mkdir", f"{FOLDER}/more")
    names = await alice.listing(f"/alice/{FOLDER}")
    expect(names == {LETTER, "more"}, "she sees at home what she did elsewhere")


async def _is_not_found(bob: RealPerson, handle: str) -> None:
    try:
        await bob.holdfast("whois", handle)
    except NotFound:
        return
    except Unreachable as error:
        raise AssertionError(f"there was nobody to ask: {error}") from error
    except HoldfastError as error:
        raise AssertionError(f"not told plainly: {error}") from error
    raise AssertionError("somebody was found who did not choose it")


async def _is_the_same(original: Path, copy: Path) -> None:
    same = await trio.Path(original).read_bytes() == await trio.Path(copy).read_bytes()
    expect(same, f"{copy} is what Alice put")
