"""The accounts door: proving keys, signing up, signing in."""

from dataclasses import replace

import pytest

from crypto.passwords import MODERATE
from formats.cid import Block
from formats.errors import (
    BadInvite,
    BadName,
    Conflict,
    Denied,
    Exists,
    Expired,
    Forged,
    HoldfastError,
    Malformed,
    QuotaExceeded,
    TooMany,
    Unfit,
    WrongPassword,
)
from formats.invite import Invite
from formats.statement import Role
from formats.whereabouts import Home
from node.build import Node, build
from node.caller import MAX_READERS
from node.config import Config, SignUps
from node.peer import peer_id
from protocols import accounts as a
from protocols import courier as c
from protocols import pointers as p
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.node.people import (
    NOW,
    Clock,
    Person,
    lock_key,
    prove,
    prove_member,
    prove_reader,
    secret,
    signing_key,
    statement,
)


def elsewhere(node: Node) -> Doors:
    """A connection from another node."""
    return node.open(node.caller(b"another node", local=False))


# --- hello and prove


async def test_hello_tells_both_ends_the_nonce_and_the_time(node: Node, clock: Clock) -> None:
    doors = elsewhere(node)
    hello = await doors.accounts.hello(a.AskHello("tests"))
    assert (hello.server, hello.client) == (node.peer_id, b"another node")
    assert hello.time == clock.now
    assert hello.work_bits == node.config.work_bits
    assert (await doors.accounts.hello(a.AskHello("tests"))).nonce == hello.nonce


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"server": b"another node"}, Forged),
        ({"client": b"another node"}, Forged),
        ({"nonce": bytes(32)}, Forged),
        ({"expires": NOW}, Expired),
        ({"expires": NOW + 60_001}, Forged),
    ],
)
async def test_a_statement_for_another_connection_or_time_proves_nothing(
    node: Node, alice: Person, changed: dict[str, object], kind: type[HoldfastError]
) -> None:
    doors = node.open()
    with pytest.raises(kind):
        await prove(doors, Role.OWNER, alice.id, alice.daily, **changed)
    with pytest.raises(Denied):
        await doors.accounts.account(a.AskAccount(alice.id))


async def test_a_statement_replayed_on_another_connection_proves_nothing(
    node: Node, alice: Person
) -> None:
    one, other = node.open(), node.open()
    said = await statement(one, Role.OWNER, alice.id, alice.daily)
    await one.accounts.prove(said)
    with pytest.raises(Forged):
        await other.accounts.prove(said)


async def test_what_is_proven_stays_on_its_connection(node: Node, alice: Person) -> None:
    one, other = node.open(), node.open()
    await alice.arrive(one)
    await one.accounts.account(a.AskAccount(alice.id))
    with pytest.raises(Denied):
        await other.accounts.account(a.AskAccount(alice.id))


@pytest.mark.parametrize("role", [Role.OWNER, Role.SIGN_IN])
async def test_an_altered_signature_proves_nothing(node: Node, alice: Person, role: Role) -> None:
    doors = node.open()
    key, subject = (alice.daily, alice.id) if role is Role.OWNER else (alice.sign_in, b"alice")
    said = await statement(doors, role, subject, key)
    for at in (1, 100):
        bad = bytearray(said.signature)
        bad[at] ^= 1
        with pytest.raises(Forged):
            await doors.accounts.prove(replace(said, signature=bytes(bad)))


async def test_a_wrong_daily_key_and_an_unknown_identity_are_answered_alike(
    node: Node, alice: Person
) -> None:
    doors, answers = node.open(), []
    for subject in (alice.id, bytes(32)):
        with pytest.raises(Forged) as refused:
            await prove(doors, Role.OWNER, subject, signing_key("mallory"))
        answers.append(str(refused.value))
    assert answers[0] == answers[1]


async def test_a_reader_proves_only_its_own_key(node: Node) -> None:
    doors = node.open()
    key = await prove_reader(doors, "bob")
    said = await statement(doors, Role.READER, key.public, key)
    with pytest.raises(Forged):
        await doors.accounts.prove(replace(said, key=bytes(32)))


async def test_a_key_that_is_none_is_malformed(node: Node, alice: Person) -> None:
    doors = node.open()
    said = await statement(doors, Role.OWNER, alice.id, alice.daily)
    with pytest.raises(Malformed):
        await doors.accounts.prove(replace(said, key=b"no key"))


# --- several keys at once


async def both(doors: Doors, person: Person, **changed: object) -> tuple[a.Prove, a.Prove]:
    """Her member key, and her daily key; ``changed`` is of the second statement."""
    space = person.id + person.space.record.space
    member = await statement(doors, Role.MEMBER, space, person.member)
    return member, await statement(doors, Role.OWNER, person.id, person.daily, **changed)


async def test_several_keys_are_proven_in_one_request(node: Node, alice: Person) -> None:
    doors = node.open(node.caller(b"client"))
    assert await doors.accounts.enter(a.Enter(await both(doors, alice), False)) == a.Entered(())
    await doors.accounts.account(a.AskAccount(alice.id))
    await doors.pointers.resolve(p.Resolve(alice.id, alice.space.record.space, None))
    assert await doors.accounts.enter(a.Enter((), True)) == a.Entered(())


async def test_if_one_does_not_hold_none_is_taken(node: Node, alice: Person) -> None:
    doors = node.open(node.caller(b"client"))
    wrong = await both(doors, alice, nonce=bytes(32))
    for proofs in (wrong, wrong[::-1]):
        with pytest.raises(Forged):
            await doors.accounts.enter(a.Enter(proofs, True))
    with pytest.raises(Denied):
        await doors.pointers.resolve(p.Resolve(alice.id, alice.space.record.space, None))


async def test_if_there_is_no_room_for_one_none_is_taken(node: Node, alice: Person) -> None:
    caller = node.caller(b"client")
    doors = node.open(caller)
    for number in range(MAX_READERS - 1):
        await prove_reader(doors, str(number))
    member, _ = await both(doors, alice)
    names = (lock_key("reader", name) for name in ("bob", "carol"))
    readers = [await statement(doors, Role.READER, key.public, key) for key in names]
    with pytest.raises(TooMany):
        await doors.accounts.enter(a.Enter((member, *readers), True))
    assert (len(caller.members), len(caller.readers)) == (0, MAX_READERS - 1)
    await doors.accounts.enter(a.Enter((member, readers[0]), True))
    assert (len(caller.members), len(caller.readers)) == (1, MAX_READERS)


async def test_who_guesses_passwords_gets_no_several_tries_at_once(
    node: Node, alice: Person
) -> None:
    doors = node.open()
    said = await statement(doors, Role.SIGN_IN, b"alice", alice.sign_in)
    with pytest.raises(Unfit):
        await doors.accounts.enter(a.Enter((said,), False))
    with pytest.raises(WrongPassword):
        await doors.accounts.sign_in(a.SignIn("alice"))


async def test_only_an_owner_hears_of_nodes_that_might_pass_drops_on(
    node: Node, alice: Person
) -> None:
    met = Home(b"another node", ("/ip4/198.51.100.7/tcp/4001",))
    node.core.courier.met = lambda: [met]
    doors = node.open(node.caller(b"client"))
    member, owner = await both(doors, alice)
    assert (await doors.accounts.enter(a.Enter((member,), True))).met == ()
    assert (await doors.accounts.enter(a.Enter((owner,), False))).met == ()
    found = (await doors.accounts.enter(a.Enter((owner,), True))).met
    assert found == (c.Node(met.peer, met.addresses),)
    assert found == (await doors.courier.known(c.AskKnown())).nodes


@pytest.mark.parametrize(
    ("version", "more"),
    [
        ("holdfast/0.1", False),
        ("holdfast/0.2", True),
        ("holdfast/0.10", True),
        ("holdfast/0.2 or so", False),
        ("holdfast/0.\u0662", False),
        ("holdfast/0.99999", False),
        ("", False),
    ],
)
async def test_what_a_home_knows_is_in_its_greeting(node: Node, version: str, more: bool) -> None:
    hello = await node.open().accounts.hello(a.AskHello("tests"))
    assert hello.takes_more
    assert replace(hello, version=version).takes_more is more


# --- sign up


async def test_the_first_account_needs_no_invite_on_this_machine(node: Node) -> None:
    signed_up = await Person("alice").sign_up(node.open())
    assert 0 < signed_up.usage.used < 10_000
    assert signed_up.usage.reserved == 0
    assert signed_up.usage.limit == node.config.default_quota


async def test_the_first_account_needs_an_invite_from_elsewhere(node: Node) -> None:
    with pytest.raises(BadInvite):
        await Person("alice").sign_up(elsewhere(node))
    assert await node.admin.is_empty()


async def test_the_second_account_needs_an_invite(node: Node, alice: Person) -> None:
    with pytest.raises(BadInvite):
        await Person("bob").sign_up(node.open())
    invite = Invite.parse(await node.admin.invite(quota=123_456))
    assert (invite.peer, invite.addresses) == (node.peer_id, node.addresses())
    signed_up = await Person("bob").sign_up(elsewhere(node), invite.code)
    assert signed_up.usage.limit == 123_456
    assert [each.name for each in await node.admin.accounts()] == ["alice", "bob"]


async def test_an_invite_makes_one_account(node: Node, alice: Person) -> None:
    code = Invite.parse(await node.admin.invite()).code
    await Person("bob").sign_up(elsewhere(node), code)
    with pytest.raises(BadInvite):
        await Person("carol").sign_up(elsewhere(node), code)


async def test_an_expired_and_an_unknown_invite_are_refused_alike(
    node: Node, alice: Person, clock: Clock
) -> None:
    code = Invite.parse(await node.admin.invite(lifetime=1000)).code
    clock.now += 1000
    answers = []
    for each in (code, bytes(16)):
        with pytest.raises(BadInvite) as refused:
            await Person("bob").sign_up(elsewhere(node), each)
        answers.append(str(refused.value))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("sign_up", [SignUps.OPEN, SignUps.CLOSED])
async def test_an_open_node_takes_everybody_a_closed_one_nobody(
    config: Config, clock: Clock, sign_up: SignUps
) -> None:
    config = replace(config, sign_up=sign_up)
    async with build(config, store=MemoryStore(), clock=clock) as node:
        for name, doors in (("alice", node.open()), ("bob", elsewhere(node))):
            if sign_up is SignUps.OPEN:
                await Person(name).sign_up(doors)
            else:
                with pytest.raises(BadInvite):
                    await Person(name).sign_up(doors)


async def test_a_taken_name_is_refused_and_the_invite_is_not_spent(
    node: Node, alice: Person
) -> None:
    code = Invite.parse(await node.admin.invite()).code
    other = Person("alice2")
    request = other.sign_up_request(node.peer_id, code)
    with pytest.raises(Exists):
        await node.open().accounts.sign_up(replace(request, name="alice"))
    await node.open().accounts.sign_up(request)


async def test_without_an_invite_nobody_learns_that_a_name_is_taken(
    node: Node, alice: Person
) -> None:
    request = Person("bob").sign_up_request(node.peer_id)
    for name in ("alice", "bob"):
        with pytest.raises(BadInvite):
            await elsewhere(node).accounts.sign_up(replace(request, name=name))


async def test_the_same_request_again_is_answered_as_the_first_time(node: Node) -> None:
    alice = Person("alice")
    request = alice.sign_up_request(node.peer_id)
    first = await node.open().accounts.sign_up(request)
    assert await elsewhere(node).accounts.sign_up(request) == first
    await alice.arrive(doors := node.open())
    await alice.space.commit(doors, {alice.label: None})
    again = await node.open().accounts.sign_up(request)
    assert again.usage.limit == first.usage.limit
    assert len(await node.admin.accounts()) == 1


async def test_the_same_nonce_with_other_content_is_not_the_same_request(node: Node) -> None:
    alice = Person("alice")
    request = alice.sign_up_request(node.peer_id)
    await node.open().accounts.sign_up(request)
    code = Invite.parse(await node.admin.invite()).code
    other = alice.sign_in_record(key=signing_key("mallory")).encoded
    with pytest.raises(Exists):
        await node.open().accounts.sign_up(replace(request, sign_in=other, invite=code))


async def test_one_identity_has_one_account(node: Node, alice: Person) -> None:
    code = Invite.parse(await node.admin.invite()).code
    alice.name = "alice2"
    alice.space = alice.new_space("another")
    with pytest.raises(Exists):
        await alice.sign_up(node.open(), code)


PEER = peer_id(secret("node"))


def mallory() -> Person:
    return Person("mallory")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda r, me: replace(r, name="Alice"), BadName),
        (lambda r, me: replace(r, name="alice2"), Unfit),
        (lambda r, me: replace(r, identity=b"\xa0"), Malformed),
        (lambda r, me: replace(r, identity=mallory().chain.encoded[0]), Forged),
        (lambda r, me: replace(r, whereabouts=me.whereabouts(b"x").encoded), Unfit),
        (
            lambda r, n: replace(r, whereabouts=mallory().whereabouts(PEER).encoded),
            Forged,
        ),
        (lambda r, me: replace(r, sign_in=mallory().sign_in_record().encoded), Unfit),
        (lambda r, me: replace(r, sign_in=me.sign_in_record(1).encoded), Unfit),
        (lambda r, me: replace(r, space=mallory().space.record.encoded), Forged),
        (lambda r, me: replace(r, pointer=mallory().sign_up_request(PEER).pointer), Forged),
        (lambda r, me: replace(r, blocks=r.blocks[:1]), Denied),
        (lambda r, me: replace(r, blocks=()), Denied),
    ],
)
async def test_a_sign_up_that_does_not_hold_together_leaves_nothing(
    node: Node, change: object, kind: type[HoldfastError]
) -> None:
    alice = Person("alice")
    request = alice.sign_up_request(node.peer_id)
    assert callable(change)
    with pytest.raises(kind):
        await node.open().accounts.sign_up(change(request, alice))
    assert await node.admin.is_empty()
    assert await node.store.read(lambda view: view.usage(alice.id)) == (0, 0)
    await node.open().accounts.sign_up(request)


async def test_a_pointer_that_is_not_the_first_is_refused(node: Node) -> None:
    alice = Person("alice")
    request = alice.sign_up_request(node.peer_id)
    root, blocks = alice.space.change({alice.label: None})
    later = replace(request, pointer=alice.space.sign(root).encoded, blocks=tuple(blocks))
    with pytest.raises(Denied):
        await node.open().accounts.sign_up(later)


async def test_a_sign_up_beyond_the_quota_leaves_nothing(node: Node, alice: Person) -> None:
    code = Invite.parse(await node.admin.invite(quota=100)).code
    with pytest.raises(QuotaExceeded):
        await Person("bob").sign_up(node.open(), code)
    assert len(await node.admin.accounts()) == 1


async def test_blocks_that_no_root_names_are_not_kept(node: Node) -> None:
    request = Person("alice").sign_up_request(node.peer_id)
    stray = Block.raw(b"stray" * 1000)
    signed_up = await node.open().accounts.sign_up(
        replace(request, blocks=(*request.blocks, stray))
    )
    assert signed_up.usage.used < 5000
    assert signed_up.usage.reserved == 0


# --- sign in


async def signed_in(node: Node, alice: Person) -> Doors:
    doors = elsewhere(node)
    await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
    return doors


async def test_who_proved_the_password_gets_the_record(node: Node, alice: Person) -> None:
    doors = await signed_in(node, alice)
    answer = await doors.accounts.sign_in(a.SignIn("alice"))
    assert answer.record == alice.sign_in_record().encoded


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    node: Node, alice: Person
) -> None:
    doors, answers = elsewhere(node), []
    for name in ("alice", "nobody", "carol"):
        with pytest.raises(WrongPassword) as refused:
            await prove(doors, Role.SIGN_IN, name.encode(), signing_key("wrong"))
        answers.append(str(refused.value))
        with pytest.raises(WrongPassword) as refused:
            await doors.accounts.sign_in(a.SignIn(name))
        answers.append(str(refused.value))
    assert len(set(answers)) == 1


async def test_a_password_proves_its_own_name_only(node: Node, alice: Person) -> None:
    code = Invite.parse(await node.admin.invite()).code
    await Person("bob").sign_up(node.open(), code)
    doors = await signed_in(node, alice)
    with pytest.raises(WrongPassword):
        await doors.accounts.sign_in(a.SignIn("bob"))


async def test_parameters_of_unknown_names_are_stable_and_look_real(
    node: Node, alice: Person
) -> None:
    doors = elsewhere(node)
    known = await doors.accounts.parameters(a.AskParameters("alice"))
    assert known.salt == alice.sign_in_record().parameters.salt
    one = await doors.accounts.parameters(a.AskParameters("carol"))
    two = await doors.accounts.parameters(a.AskParameters("dave"))
    assert one == await elsewhere(node).accounts.parameters(a.AskParameters("carol"))
    assert one.salt != two.salt
    assert (one.algorithm, one.operations, one.memory) == (1, *MODERATE)


async def test_parameters_of_unknown_names_survive_a_restart(config: Config, clock: Clock) -> None:
    store, answers = MemoryStore(), []
    for _ in range(2):
        async with build(config, store=store, clock=clock) as node:
            answers.append(await node.open().accounts.parameters(a.AskParameters("carol")))
    assert answers[0] == answers[1]


async def test_a_new_password_ends_the_old_one_everywhere(node: Node, alice: Person) -> None:
    one, other = await signed_in(node, alice), await signed_in(node, alice)
    fresh = signing_key("alice", "new password")
    record = alice.sign_in_record(1, fresh).encoded
    await one.accounts.replace_sign_in(a.ReplaceSignIn("alice", record))
    for doors in (one, other):
        with pytest.raises(WrongPassword):
            await doors.accounts.sign_in(a.SignIn("alice"))
    with pytest.raises(WrongPassword):
        await signed_in(node, alice)
    await prove(other, Role.SIGN_IN, b"alice", fresh)
    assert (await other.accounts.sign_in(a.SignIn("alice"))).record == record


@pytest.mark.parametrize("seq", [0, 2])
async def test_a_sign_in_record_follows_the_stored_one(node: Node, alice: Person, seq: int) -> None:
    doors = await signed_in(node, alice)
    with pytest.raises(Conflict):
        await doors.accounts.replace_sign_in(
            a.ReplaceSignIn("alice", alice.sign_in_record(seq).encoded)
        )


async def test_only_the_old_password_changes_the_password(node: Node, alice: Person) -> None:
    doors = elsewhere(node)
    await alice.arrive(doors)
    record = alice.sign_in_record(1).encoded
    with pytest.raises(WrongPassword):
        await doors.accounts.replace_sign_in(a.ReplaceSignIn("alice", record))


async def test_a_record_of_another_account_is_refused(node: Node, alice: Person) -> None:
    doors = await signed_in(node, alice)
    with pytest.raises(Malformed):
        await doors.accounts.replace_sign_in(
            a.ReplaceSignIn("alice", mallory().sign_in_record(1).encoded)
        )


# --- account


async def test_the_owner_sees_name_and_usage(node: Node, alice: Person) -> None:
    doors = node.open()
    await alice.arrive(doors)
    account = await doors.accounts.account(a.AskAccount(alice.id))
    assert account.name == "alice"
    assert account.usage.used > 0


async def test_a_member_who_is_not_the_owner_does_not(node: Node, alice: Person) -> None:
    doors = node.open()
    await prove_member(doors, alice.space)
    with pytest.raises(Denied):
        await doors.accounts.account(a.AskAccount(alice.id))


async def test_the_servers_secret_is_its_own(config: Config, clock: Clock) -> None:
    salts = []
    for seed in ("one", "two"):
        async with build(config, store=MemoryStore(), clock=clock, key=secret(seed)) as node:
            salts.append((await node.open().accounts.parameters(a.AskParameters("x"))).salt)
    assert salts[0] != salts[1]
