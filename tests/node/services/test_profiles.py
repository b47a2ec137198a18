"""What people say to everybody, at the directory door: their own word, the newest, and no other."""

import pytest

from formats.errors import Denied, Expired, Forged, Forked, HoldfastError, Malformed, Stale
from formats.invite import Invite
from formats.profile import MAX_PICTURE, PublicFields, PublicProfile
from node.build import Node
from protocols import directory as d
from protocols.services import Doors
from tests.node.people import NOW, YEAR, Person, signing_key
from tests.node.services.test_directory import rotate, stranger

SAID = PublicFields("Alice", "of the hill", "https://alice.example", b"\x89PNG\r\n\x1a\n")


@pytest.fixture
async def mine(node: Node, alice: Person) -> Doors:
    doors = node.open()
    await alice.arrive(doors)
    return doors


def made(
    person: Person, seq: int, said: PublicFields = SAID, expires: int = NOW + YEAR
) -> PublicProfile:
    return PublicProfile.make(person.chain, seq, said, expires, person.daily)


async def show(doors: Doors, person: Person, profile: PublicProfile) -> None:
    await doors.directory.show(d.ShowProfile(person.id, profile.encoded))


async def test_anybody_who_knows_the_id_is_shown_the_newest(
    node: Node, mine: Doors, alice: Person
) -> None:
    for seq, said in ((1, SAID), (7, PublicFields(name="Alice again"))):
        await show(mine, alice, made(alice, seq, said))
        found = await stranger(node).directory.profile(d.AskProfile(alice.id))
        record = PublicProfile.decode(found.profile)
        record.verify(alice.chain, NOW)
        assert (record.seq, record.fields) == (seq, said)


async def test_nothing_said_and_nobody_here_are_answered_alike(
    node: Node, mine: Doors, alice: Person
) -> None:
    said: list[str] = []
    for id in (alice.id, bytes(32)):
        with pytest.raises(Denied) as refused:
            await stranger(node).directory.profile(d.AskProfile(id))
        said.append(refused.value.message)
    await show(mine, alice, made(alice, 1))
    await show(mine, alice, made(alice, 2, PublicFields()))  # taken back
    with pytest.raises(Denied) as refused:
        await stranger(node).directory.profile(d.AskProfile(alice.id))
    assert {*said, refused.value.message} == {said[0]}
    own = await mine.directory.profile(d.AskProfile(alice.id))  # she sees where she is
    assert PublicProfile.decode(own.profile).seq == 2


async def test_only_its_owner_says_it(node: Node, mine: Doors, alice: Person) -> None:
    theirs, bob = node.open(), Person("bob")
    invite = Invite.parse(await node.admin.invite())
    await bob.sign_up(theirs, invite.code)
    await bob.arrive(theirs)
    for doors in (stranger(node), theirs):
        with pytest.raises(Denied):
            await show(doors, alice, made(alice, 1))
    forged = PublicProfile.make(alice.chain, 1, SAID, NOW + YEAR, signing_key("eve"))
    cases: list[tuple[PublicProfile, type[HoldfastError]]] = [
        (forged, Forged),
        (made(bob, 1), Forged),
        (made(alice, 1, expires=NOW), Expired),
    ]
    for profile, error in cases:
        with pytest.raises(error):
            await show(mine, alice, profile)
    with pytest.raises(Denied):
        await stranger(node).directory.profile(d.AskProfile(alice.id))


async def test_an_older_one_replaces_nothing(node: Node, mine: Doors, alice: Person) -> None:
    newer, older = made(alice, 2), made(alice, 1)
    await show(mine, alice, newer)
    await show(mine, alice, newer)  # again changes nothing
    with pytest.raises(Stale):
        await show(mine, alice, older)
    with pytest.raises(Forked):
        await show(mine, alice, made(alice, 2, PublicFields(name="another")))
    found = await stranger(node).directory.profile(d.AskProfile(alice.id))
    assert found.profile == newer.encoded


async def test_after_the_keys_changed_it_must_be_said_anew(
    node: Node, mine: Doors, alice: Person
) -> None:
    before = made(alice, 1)
    await show(mine, alice, before)
    record = rotate(alice)
    whereabouts = alice.whereabouts(mine.peer, 1).encoded
    await mine.directory.publish(d.Publish(alice.id, (record.encoded,), whereabouts))
    found = await stranger(node).directory.profile(d.AskProfile(alice.id))
    with pytest.raises(Stale):
        PublicProfile.decode(found.profile).verify(alice.chain, NOW)


async def test_a_giant_picture_is_no_public_one(alice: Person) -> None:
    made(alice, 1, PublicFields(picture=bytes(MAX_PICTURE)))
    with pytest.raises(Malformed):
        made(alice, 1, PublicFields(picture=bytes(MAX_PICTURE + 1)))
