"""Drops go by couriers between real daemons: the target's home never hears from the sender.

Alice knows carol and dave, whose nodes pass on for her, and writes to bob. In front of his
node stands a proxy that knows which daemon each connection comes from.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from formats.courier.envelope import ENVELOPE
from formats.drop import SEALED_MESSAGE
from tests.stories.callers import LACKING, caller
from tests.stories.proxy import Proxy
from tests.stories.real import RealPerson, RealStage, real_stage
from tests.stories.stage import soon
from tests.world.town import befriend

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(LACKING), reason=LACKING),
]

COURIERS = ("carol", "dave")
NEWS = "alice changed what they share with you"


@asynccontextmanager
async def four(folder: Path) -> AsyncIterator[tuple[RealStage, Proxy]]:
    """Everybody with a node; alice is a friend of the two couriers, bob knows nobody.

    With the proxy before bob's node, which knows who calls.
    """
    async with real_stage(folder) as stage:
        for name in COURIERS:
            person = await stage.arrive(name)
            await person.sign_up()
            await befriend(stage.alice, person)
        wire = stage.proxies["bob"]
        pids = {name: await pid(person) for name, person in stage.people.items()}
        wire.knows = partial(caller, pids=pids)
        yield stage, wire


async def pid(person: RealPerson) -> int:
    (done,) = await person.told("done", "status")
    number = done["daemon"]["pid"]  # type: ignore[index]
    assert isinstance(number, int)
    return number


async def heard(person: RealPerson) -> int:
    """How often the person was told that alice changed what she shares."""
    (done,) = await person.told("done", "status")
    return str(done["news"]).count(NEWS)


def answered(person: RealPerson, door: str, method: str) -> int:
    """How often a node says it answered that well."""
    return person.daemon.heard.count(f"door={door} method={method} outcome=ok")


async def asked(bob: RealPerson) -> bool:
    return "alice" in await bob.requests()


async def they_follow(stage: RealStage) -> None:
    await stage.alice.follow(await stage.bob.card())
    await soon(stage.bob, partial(asked, stage.bob), "bob hears of alice's request")
    await stage.bob.accept("alice", back=True)

    async def accepted() -> bool:
        return "bob" in await stage.alice.following()

    await soon(stage.alice, accepted, "alice hears that bob accepted")


def nothing_came_from_alice(wire: Proxy) -> None:
    """All that her daemon ever sent to bob's node, under whatever identity, is no message."""
    assert any(line.caller == "alice" for line in wire.lines)  # she asked who he is
    assert wire.sent("alice") < SEALED_MESSAGE


async def note(stage: RealStage, name: str) -> None:
    source = stage.folder / name
    await trio.Path(source).write_text(name)
    await stage.alice.put(source)


async def test_a_request_and_news_come_from_couriers_alone(tmp_path: Path) -> None:
    async with four(tmp_path) as (stage, wire):
        alice, bob = stage.alice, stage.bob
        await they_follow(stage)
        # Asking who bob is goes straight, from an identity of this run; no message does.
        assert answered(bob, "Inbox", "leave") == answered(bob, "Courier", "carry") == 1
        assert sum(wire.sent(name) for name in COURIERS) > ENVELOPE
        assert sum(answered(stage.people[name], "Courier", "carry") for name in COURIERS) >= 2

        await note(stage, "note.txt")
        await alice.share("/alice/note.txt", "bob")

        async def told() -> bool:
            return await heard(bob) == 1

        await soon(bob, told, "bob hears that she shares something")
        assert answered(bob, "Inbox", "leave") == answered(bob, "Courier", "carry") == 2
        nothing_came_from_alice(wire)
        assert await bob.cat("/alice/note.txt") == b"note.txt"


async def test_a_courier_killed_with_a_message_in_its_hands_loses_nothing(tmp_path: Path) -> None:
    async with four(tmp_path) as (stage, wire):
        alice, bob = stage.alice, stage.bob
        await they_follow(stage)
        await note(stage, "note.txt")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(alice.share, "/alice/note.txt", "bob")
            await wire.hold(SEALED_MESSAGE)  # amid the envelope: asking for records is less
            last = wire.stopped
            assert last in COURIERS
            await stage.kill(last)
            wire.cut(last)
            wire.let_go()

        async def told() -> bool:
            return await heard(bob) > 0

        await soon(bob, told, "bob hears of it by the courier that is left")
        assert await heard(bob) == 1
        nothing_came_from_alice(wire)
        assert await bob.cat("/alice/note.txt") == b"note.txt"
