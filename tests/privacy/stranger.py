"""What a stranger learns from a node by asking everything that one can ask."""

from collections.abc import AsyncIterator, Awaitable
from typing import Final

from crypto.secret import Secret, random_bytes
from crypto.signing import LockKey
from formats.drop import SEALED_MESSAGE, Drop, day_of
from formats.errors import HoldfastError
from formats.limits import TOKEN
from formats.read_proof import ReadProof
from protocols.accounts import AskHello
from protocols.blocks import Item, Read
from protocols.directory import Look
from protocols.inbox import Leave
from protocols.pointers import Resolve
from protocols.services import Doors
from tests.privacy.claims import Claim
from tests.privacy.guessers import Seen
from tests.privacy.symbols import Symbols
from tests.privacy.watching import Tap, on_wire
from tests.world.person import Person
from tests.world.place import WORK_BITS
from tests.world.world import World


async def who_lives_where(which: bool) -> dict[str, Seen]:
    """Whether the person of a known name and id has an account at the node that is asked."""
    async with World.open("alice", "others", dora=("others", "alice")[which]) as world:
        tap = await _asking(world.alice, world.dora, head=None)
        return {"stranger": on_wire(tap.heard, Symbols())}


async def who_lives_where_by_head(which: bool) -> dict[str, Seen]:
    """The same for who knows the newest record of theirs, as contacts do."""
    async with World.open("alice", "others", dora=("others", "alice")[which]) as world:
        tap = await _asking(world.alice, world.dora, head=world.dora.session.chain.head_hash)
        return {"stranger": on_wire(tap.heard, Symbols())}


async def what_there_is(which: bool) -> dict[str, Seen]:
    """Whether a space, and a file under a label, that somebody heard of exist at a node."""
    async with World.open("alice", "others", dora="others") as world:
        await world.dora.put("photo", b"one")
        await world.alice.put("photo", b"two")
        owner = (world.dora, world.alice)[which]
        tap = await _asking(world.alice, owner, head=None)
        return {"stranger": on_wire(tap.heard, Symbols())}


async def _asking(at: Person, about: Person, head: bytes | None) -> Tap:
    """The stranger asks the node of ``at`` about somebody; what is answered is noted."""
    tap = Tap()
    road = at.world.road("stranger", at.world.places["others"])
    road.faults.append(tap)
    doors = await road.reach(at.place.home)
    async for question in _questions(doors, at, about, head):
        try:
            await question
        except HoldfastError:
            continue  # what it says is noted
    await doors.aclose()
    return tap


async def _questions(
    doors: Doors, at: Person, about: Person, head: bytes | None
) -> AsyncIterator[Awaitable[object]]:
    """Everything that one can ask about an account, a space, a label, without any right to it.

    But for how to stretch a password: passwords here are stretched less than those of real
    accounts, whose answer is that for unknown names (tests/node/services/test_accounts.py).
    """
    session, now = about.session, at.world.clock.now_ms()
    id, space, label = session.id, session.bundle.space, session.root.keys.label
    yield doors.accounts.hello(AskHello("holdfast/0.1"))
    yield doors.directory.look(Look(id, head, None))
    yield doors.directory.look(Look(id, None, random_bytes(TOKEN)))
    yield doors.pointers.resolve(Resolve(id, space, None))
    lock = LockKey.from_seed(Secret(random_bytes(32)))
    proof = ReadProof.make(
        lock, at.place.node.peer_id, random_bytes(32), space, label, now + 60_000
    )
    for shown in (None, proof.encoded):
        yield doors.blocks.read(
            Read(id, space, None, None, None, (Item(label, shown, (), True),), ())
        )
    sealed, day = random_bytes(SEALED_MESSAGE), day_of(now)
    yield doors.inbox.leave(Leave(Drop.worked(id, day, sealed, WORK_BITS).encoded, sealed))
    yield doors.inbox.leave(Leave(Drop(id, day, token=random_bytes(TOKEN)).encoded, sealed))


CLAIMS: Final = (
    Claim("whether somebody lives at a node", who_lives_where, ("stranger",)),
    Claim(
        "whether somebody of a known record lives there",
        who_lives_where_by_head,
        shown=("stranger",),
    ),
    Claim("whether a space and a file are at a node", what_there_is, ("stranger",)),
)
