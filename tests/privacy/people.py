"""What is seen of who knows whom: by one's home, and by who was granted something."""

from typing import Final

from client.sharing.circles.share import share_with_circle
from client.sharing.circles.verbs import add, new
from formats.handle import handle
from tests.privacy.claims import Claim
from tests.privacy.guessers import Seen
from tests.privacy.heard import Heard
from tests.privacy.symbols import Symbols
from tests.privacy.watching import Known, Tap, of_known, on_wire, seen_by_node, watched
from tests.world.person import Person
from tests.world.world import World

FRIENDS: Final = ("bo", "carolina")
ABOVE: Final = ("a", "what Margaret must not know of")
CIRCLES: Final = ("kin", "the people of the tennis club")


async def who_it_is(which: bool) -> dict[str, Seen]:
    """One of two people becomes a friend, is put into a circle, reads, and writes."""
    async with watched("alice", "others", bo="others", carolina="others") as world:
        alice, friend = world.alice, world.people[FRIENDS[which]]
        await alice.befriend(friend)
        await alice.put("plans/first", b"one")
        await alice.put("trip/photo", b"two")
        await new(alice.session, "kin")
        await add(alice.session, "kin", [friend.name])
        await share_with_circle(alice.session, "trip", "kin")
        await alice.share_write("plans", friend.name)
        await friend.collect()
        await friend.read("/alice/trip/photo")
        await friend.put("/alice/plans/second", b"three")
        both = [world.people[name] for name in FRIENDS]
        return seen_by_node(world, "alice", {each.name: _public(each) for each in both})


async def number_of_friends(which: bool) -> dict[str, Seen]:
    """One friend, or two."""
    async with watched("alice", "others", bo="others", carolina="others") as world:
        for name in FRIENDS[: 1 + which]:
            await world.alice.befriend(world.people[name])
        return seen_by_node(world, "alice", {})


async def what_is_beside(which: bool) -> dict[str, Seen]:
    """What lies above and beside what bob was granted, and who else was granted it.

    Carolina is granted the same file as bob or another one; the circle that he is in is called
    one thing or another, and has her in it or not. Both files have a record of who has access
    either way, one of them for a circle without anybody: how many records there are is shown.
    """
    async with World.open("alice", "others", bob="others", carolina="others") as world:
        alice, above = world.alice, ABOVE[which]
        for friend in (world.bob, world.carolina):
            await alice.befriend(friend)
        await alice.put(f"{above}/trip/photo", b"one")
        await alice.put(f"{above}/trip/{ABOVE[not which]}", bytes((20, 30_000)[which]))
        await alice.put("other/photo", b"two")
        for name in (CIRCLES[which], "further"):
            await new(alice.session, name)
            await add(alice.session, name, ["bob"])
        await add(alice.session, (CIRCLES[which], "further")[which], ["carolina"])
        await share_with_circle(alice.session, "other", CIRCLES[which])
        await share_with_circle(alice.session, "other", "further")
        await new(alice.session, "nobody")
        await share_with_circle(alice.session, "other/photo", "nobody")
        await alice.share(f"{above}/trip/photo", "bob")
        await alice.share((f"{above}/trip/photo", "other/photo")[which], "carolina", "hers")
        words = (ABOVE[1], *CIRCLES)
        known = {"carolina": _public(world.carolina), **{each: (each.encode(),) for each in words}}
        return {"reader": await _reading(world.bob, alice, known)}


async def who_else_writes(which: bool) -> dict[str, Seen]:
    """Which of two people changed a folder that bob may change, too."""
    async with World.open("alice", "others", bob="others", bo="others", carolina="others") as world:
        writer = world.people[FRIENDS[which]]
        for friend in (world.bob, writer):
            await world.alice.befriend(friend)
        await world.alice.put("plans/photo", b"one")
        await world.alice.share_write("plans", "bob")
        await world.alice.share_write("plans", writer.name)
        await writer.collect()
        await writer.put("/alice/plans/second", b"two")
        known = {each: _public(world.people[each]) for each in FRIENDS}
        return {"writer": await _reading(world.bob, world.alice, known)}


async def size_class_of_share(which: bool) -> dict[str, Seen]:
    """How large, in classes, is what somebody was granted."""
    async with World.open("alice", "others", bob="others") as world:
        await world.alice.befriend(world.bob)
        await world.alice.put("photo", bytes((20_000, 60_000)[which]))
        await world.alice.share("photo", "bob")
        return {"reader": await _reading(world.bob, world.alice, {})}


async def _reading(reader: Person, owner: Person, known: Known) -> Seen:
    """Everything the reader is told: bytes of the owner's home, and what they come to."""
    tap = Tap()
    reader.road.faults.append(tap)
    await reader.collect()
    opened = sorted(await reader.shared_with_me())
    contents = [str(sorted(await reader.ls_all("/alice")))]
    contents += [repr(await reader.read(path)) for path in opened if path.endswith("photo")]
    mine = [each for each in tap.heard if _is_about(each, owner.session.id)]
    raw = b"".join(each.sent + each.got for each in mine) + " ".join(contents).encode()
    return {**on_wire(mine, Symbols()), "read": " ".join(contents)} | of_known(raw, known)


def _is_about(heard: Heard, owner: bytes) -> bool:
    asked = heard.asked
    return heard.call == "inbox.collect" or (
        isinstance(asked, dict) and asked.get("owner") == owner
    )


def _public(person: Person) -> tuple[bytes, ...]:
    """What anybody may know of somebody."""
    session = person.session
    whereabouts = session.whereabouts
    called = handle(session.name, session.id).encode()
    return session.id, session.chain.head_hash, whereabouts.sealing, called, session.name.encode()


_BOTH: Final = ("home", "thief")

CLAIMS: Final = (
    Claim(
        "which of two people is a friend, in a circle, a reader and a writer",
        who_it_is,
        (*_BOTH, "line"),
    ),
    Claim("how many friends somebody has", number_of_friends, shown=_BOTH, always=False),
    Claim("what is above and beside a share, and who else has it", what_is_beside, ("reader",)),
    Claim("who else writes in a folder", who_else_writes, ("writer",), always=False),
    Claim("the size class of a share", size_class_of_share, shown=("reader",), always=False),
)
