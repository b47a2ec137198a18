"""Second factors at a real node: asked after the password, limited, one kind never another."""

import time
from dataclasses import replace
from unittest.mock import ANY

import pytest
import trio.testing

from crypto.hashing import sha256
from crypto.secret import random_bytes
from crypto.totp import STEP, totp
from crypto.webauthn import Doing, challenge
from formats.errors import Denied, Exists, NotFound, TooMany, Unfit, WrongPassword
from formats.factors import MAX_CODES, Factors, backup_hash
from formats.invite import Invite
from formats.statement import Role
from frontends.security_keys import add, show
from node.build import Node
from node.caller import Caller
from node.factors import DAY, MOST_WRONG, of_account
from node.notices import MOST as MOST_NOTICES
from node.notices import tell
from protocols import accounts as a
from protocols import factors as f
from protocols.services import Doors
from tests.keys import VirtualKey
from tests.node.people import NOW, Clock, Person, prove, signing_key

SECRET = b"a secret of an app.."
BACKUP = b"backup 001"


def code_at(now: int, secret: bytes = SECRET) -> str:
    return totp(secret, now // 1000 // STEP)


def elsewhere(node: Node, site: str = "192.0.2.7") -> Doors:
    return node.open(Caller(b"a peer id", local=False, site=site))


async def proven(node: Node, person: Person, site: str = "192.0.2.7") -> Doors:
    doors = elsewhere(node, site)
    await prove(doors, Role.SIGN_IN, person.name.encode(), person.sign_in)
    return doors


async def asked(doors: Doors, name: str = "alice") -> f.Asked:
    answer = await doors.accounts.sign_in(a.SignIn(name))
    assert answer.record is None
    assert answer.known is None
    assert answer.asked is not None
    return answer.asked


async def with_app(node: Node, person: Person, clock: Clock) -> Doors:
    """A connection that added an app; the next code is another one."""
    doors = await proven(node, person)
    await doors.accounts.add_code(f.AddCode(person.name, b"phone", SECRET, code_at(clock.now)))
    clock.now += STEP * 1000
    return doors


async def added_key(doors: Doors, key: VirtualKey, name: str = "alice") -> f.Factors:
    hello = await doors.accounts.hello(a.AskHello("tests"))
    drawn = challenge(Doing.ADDING, hello.server, name, hello.nonce)
    made = add(key, drawn, name, [], lambda: None, lambda: None)
    return await doors.accounts.add_key(f.AddKey(name, b"key", made.client_data, made.said))


async def shown(doors: Doors, key: VirtualKey) -> f.ShowKey:
    """What the key says to this attempt."""
    wanted = await asked(doors)
    drawn = challenge(Doing.SHOWING, doors.peer, "alice", wanted.challenge)
    said = show(key, drawn, wanted.keys, lambda: None, lambda: None)
    return f.ShowKey("alice", said.credential, said.client_data, said.said, said.signature)


async def test_without_factors_nothing_is_asked(node: Node, alice: Person) -> None:
    answer = await (await proven(node, alice)).accounts.sign_in(a.SignIn("alice"))
    assert answer == a.SignInAnswer(alice.sign_in_record().encoded, None, ANY)


async def test_a_code_is_asked_after_the_password_and_lets_in(
    node: Node, alice: Person, clock: Clock
) -> None:
    await with_app(node, alice, clock)
    doors = await proven(node, alice)
    wanted = await asked(doors)
    assert (wanted.code, wanted.keys, wanted.backups, wanted.tries) == (True, (), 0, f.TRIES)
    answer = await doors.accounts.show_code(f.ShowCode("alice", code_at(clock.now)))
    assert answer.record == alice.sign_in_record().encoded
    assert (await doors.accounts.sign_in(a.SignIn("alice"))).record == answer.record


async def test_nothing_is_asked_of_who_did_not_prove_the_password(
    node: Node, alice: Person, clock: Clock
) -> None:
    await with_app(node, alice, clock)
    doors = elsewhere(node)
    await alice.arrive(doors)  # the everyday keys are not the password
    for ask in (
        lambda: doors.accounts.sign_in(a.SignIn("alice")),
        lambda: doors.accounts.show_code(f.ShowCode("alice", code_at(clock.now))),
        lambda: doors.accounts.set_backups(f.SetBackups("alice", ())),
        lambda: doors.accounts.remove_factor(f.RemoveFactor("alice", 1)),
    ):
        with pytest.raises(WrongPassword):
            await ask()


async def test_a_password_alone_changes_nothing(node: Node, alice: Person, clock: Clock) -> None:
    await with_app(node, alice, clock)
    doors = await proven(node, alice)
    record = alice.sign_in_record(1, signing_key("other")).encoded
    for change in (
        lambda: doors.accounts.replace_sign_in(a.ReplaceSignIn("alice", record)),
        lambda: doors.accounts.remove_factor(f.RemoveFactor("alice", 1)),
        lambda: doors.accounts.set_backups(f.SetBackups("alice", (sha256(b""),))),
        lambda: doors.accounts.add_code(f.AddCode("alice", b"", SECRET, code_at(clock.now))),
    ):
        with pytest.raises(WrongPassword):
            await change()
    assert (await asked(doors)).tries == f.TRIES


async def test_what_was_passed_is_of_one_connection_and_one_password(
    node: Node, alice: Person, clock: Clock
) -> None:
    first = await with_app(node, alice, clock)
    await asked(await proven(node, alice))
    fresh = signing_key("alice", "new password")
    record = alice.sign_in_record(1, fresh).encoded
    await first.accounts.replace_sign_in(a.ReplaceSignIn("alice", record))
    await prove(first, Role.SIGN_IN, b"alice", fresh)
    await asked(first)


async def test_a_code_is_taken_once_and_only_around_its_time(
    node: Node, alice: Person, clock: Clock
) -> None:
    await with_app(node, alice, clock)
    code = code_at(clock.now)
    await shown_code(node, alice, code)
    with pytest.raises(WrongPassword):
        await shown_code(node, alice, code)
    clock.now += 10 * STEP * 1000
    for off, good in ((-2, False), (-1, True), (2, False), (1, True)):
        attempt = shown_code(node, alice, code_at(clock.now + off * STEP * 1000))
        if good:
            await attempt
        else:
            with pytest.raises(WrongPassword):
                await attempt


async def shown_code(node: Node, person: Person, code: str) -> None:
    doors = await proven(node, person)
    await asked(doors)
    await doors.accounts.show_code(f.ShowCode(person.name, code))


async def test_an_attempt_has_few_answers_and_then_the_password_is_asked_again(
    node: Node, alice: Person, clock: Clock, autojump_clock: trio.testing.MockClock
) -> None:
    await with_app(node, alice, clock)
    doors = await proven(node, alice)
    wanted = await asked(doors)
    for left in range(f.TRIES, 0, -1):
        assert (await asked(doors)) == replace(wanted, tries=left)
        with pytest.raises(WrongPassword):
            await doors.accounts.show_code(f.ShowCode("alice", "000000"))
    with pytest.raises(WrongPassword):
        await doors.accounts.show_code(f.ShowCode("alice", code_at(clock.now)))
    with pytest.raises(WrongPassword):
        await doors.accounts.sign_in(a.SignIn("alice"))
    await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
    again = await asked(doors)
    assert again.tries == f.TRIES
    assert again.challenge != wanted.challenge


async def test_guessing_codes_takes_longer_and_longer(
    node: Node, alice: Person, clock: Clock, autojump_clock: trio.testing.MockClock
) -> None:
    await with_app(node, alice, clock)
    took = []
    for _ in range(10):
        start = trio.current_time()
        with pytest.raises(WrongPassword):
            await shown_code(node, alice, "000000")
        took.append(round(trio.current_time() - start))
    assert took == [0] * 5 + [1, 2, 4, 8, 8]


async def test_many_wrong_codes_shut_codes_for_the_day_and_not_the_owner_out(
    node: Node, alice: Person, clock: Clock, autojump_clock: trio.testing.MockClock
) -> None:
    first = await with_app(node, alice, clock)
    key = VirtualKey()
    await added_key(first, key)
    await first.accounts.set_backups(f.SetBackups("alice", (backup_hash(BACKUP),)))
    for number in range(MOST_WRONG):
        doors = await proven(node, alice, f"192.0.2.{number}")
        await asked(doors)
        with pytest.raises(WrongPassword):
            await doors.accounts.show_code(f.ShowCode("alice", "000000"))
    with pytest.raises(WrongPassword):
        await shown_code(node, alice, code_at(clock.now))
    doors = await proven(node, alice)
    assert (await doors.accounts.show_key(await shown(doors, key))).record is not None
    doors = await proven(node, alice)
    await asked(doors)
    assert (await doors.accounts.show_backup(f.ShowBackup("alice", BACKUP))).record is not None
    await alice.arrive(doors)
    assert (await doors.accounts.factors(f.AskFactors(alice.id))).wrong == MOST_WRONG
    clock.now += DAY
    await shown_code(node, alice, code_at(clock.now))


async def test_a_backup_code_is_used_up(node: Node, alice: Person, clock: Clock) -> None:
    first = await with_app(node, alice, clock)
    hashes = (backup_hash(BACKUP), backup_hash(b"backup 002"))
    assert (await first.accounts.set_backups(f.SetBackups("alice", hashes))).backups == 2
    for good in (True, False):
        doors = await proven(node, alice)
        assert (await asked(doors)).backups == 1 + good
        if good:
            await doors.accounts.show_backup(f.ShowBackup("alice", BACKUP))
        else:
            with pytest.raises(WrongPassword):
                await doors.accounts.show_backup(f.ShowBackup("alice", BACKUP))


async def test_several_keys_over_the_real_protocol(node: Node, alice: Person) -> None:
    one, other, strange = VirtualKey(), VirtualKey(), VirtualKey()
    doors = await proven(node, alice)
    await added_key(doors, one)
    assert len((await added_key(doors, other)).keys) == 2
    for key in (one, other, one):
        doors = await proven(node, alice)
        assert (await doors.accounts.show_key(await shown(doors, key))).record is not None
    assert {1, 2, 4} == set(one.asked)
    doors = await proven(node, alice)
    with pytest.raises(Unfit):
        await shown(doors, strange)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": bytes(70)},
        {"signature": b""},
        {"credential": b"another"},
        {"said": b""},
        {"said": b"\xff" * 40},
        {"client_data": b"{}"},
        {"client_data": b"[" * 3000},
    ],
    ids=str,
)
async def test_what_no_key_signed_lets_nobody_in(
    node: Node, alice: Person, changed: dict[str, bytes]
) -> None:
    doors, key = await proven(node, alice), VirtualKey()
    await added_key(doors, key)
    doors = await proven(node, alice)
    said = replace(await shown(doors, key), **changed)  # type: ignore[arg-type]
    with pytest.raises(WrongPassword):
        await doors.accounts.show_key(said)


async def test_an_answer_of_a_key_is_of_one_attempt(node: Node, alice: Person) -> None:
    doors, key = await proven(node, alice), VirtualKey()
    await added_key(doors, key)
    one, other = await proven(node, alice), await proven(node, alice)
    said = await shown(one, key)
    await asked(other)
    with pytest.raises(WrongPassword):
        await other.accounts.show_key(said)
    await one.accounts.show_key(said)
    await prove(one, Role.SIGN_IN, b"alice", alice.sign_in)
    with pytest.raises(WrongPassword):
        await one.accounts.show_key(said)


async def test_an_answer_for_another_home_account_or_purpose_is_none(
    node: Node, alice: Person
) -> None:
    doors, key = await proven(node, alice), VirtualKey()
    await added_key(doors, key)
    for server, name, doing in (
        (b"another home", "alice", Doing.SHOWING),
        (doors.peer, "bob", Doing.SHOWING),
        (doors.peer, "alice", Doing.ADDING),
    ):
        doors = await proven(node, alice)
        wanted = await asked(doors)
        drawn = challenge(doing, server, name, wanted.challenge)
        said = show(key, drawn, wanted.keys, lambda: None, lambda: None)
        with pytest.raises(WrongPassword):
            await doors.accounts.show_key(
                f.ShowKey("alice", said.credential, said.client_data, said.said, said.signature)
            )


async def test_a_copied_key_is_noticed_by_its_count(node: Node, alice: Person) -> None:
    doors, key = await proven(node, alice), VirtualKey()
    await added_key(doors, key)
    copy = VirtualKey(dict(key.held), key.count)
    for each, good in ((key, True), (copy, False), (key, True)):
        doors = await proven(node, alice)
        said = await shown(doors, each)
        if good:
            await doors.accounts.show_key(said)
        else:
            with pytest.raises(WrongPassword):
                await doors.accounts.show_key(said)


async def test_one_kind_is_never_another(node: Node, alice: Person, clock: Clock) -> None:
    """What is right as one kind is wrong as each other, also when the bytes are the same."""
    first, key = await with_app(node, alice, clock), VirtualKey()
    await added_key(first, key)
    code = code_at(clock.now)
    hashes = (sha256(code.encode()), backup_hash(code.encode().ljust(10, b"\0")))
    await first.accounts.set_backups(f.SetBackups("alice", hashes))
    for wrong in ("", "0", "١٢٣"):
        doors = await proven(node, alice, "192.0.2.9")
        await asked(doors)
        with pytest.raises(WrongPassword):
            await doors.accounts.show_code(f.ShowCode("alice", wrong))
    doors = await proven(node, alice)
    wanted = await asked(doors)
    credential = wanted.keys[0]
    for backup in (code.encode().rjust(10, b"\0"), credential[:10], SECRET[:10]):
        with pytest.raises(WrongPassword):
            await doors.accounts.show_backup(f.ShowBackup("alice", backup))
    said = code.encode()
    with pytest.raises(WrongPassword):
        await doors.accounts.show_key(f.ShowKey("alice", credential, said, said, said))


async def test_factors_are_listed_for_the_owner_alone_without_what_is_secret(
    node: Node, alice: Person, clock: Clock
) -> None:
    doors = await with_app(node, alice, clock)
    with pytest.raises(Denied):
        await doors.accounts.factors(f.AskFactors(alice.id))
    await alice.arrive(doors)
    entry = f.Factor(1, b"phone", NOW, None)
    assert await doors.accounts.factors(f.AskFactors(alice.id)) == f.Factors(
        (entry,), (), 0, 0, ANY
    )
    await shown_code(node, alice, code_at(clock.now))
    (listed,) = (await doors.accounts.factors(f.AskFactors(alice.id))).codes
    assert listed.used == clock.now


async def test_with_the_last_factor_goes_all(node: Node, alice: Person, clock: Clock) -> None:
    doors = await with_app(node, alice, clock)
    await doors.accounts.set_backups(f.SetBackups("alice", (sha256(b""),)))
    with pytest.raises(NotFound):
        await doors.accounts.remove_factor(f.RemoveFactor("alice", 9))
    left = await doors.accounts.remove_factor(f.RemoveFactor("alice", 1))
    assert (left.codes, left.keys, left.backups) == ((), (), 0)
    doors = await proven(node, alice)
    assert (await doors.accounts.sign_in(a.SignIn("alice"))).record is not None
    with pytest.raises(Unfit):
        await doors.accounts.set_backups(f.SetBackups("alice", (sha256(b""),)))


async def test_a_number_is_given_once(node: Node, alice: Person, clock: Clock) -> None:
    doors = await with_app(node, alice, clock)
    await doors.accounts.remove_factor(f.RemoveFactor("alice", 1))
    again = f.AddCode("alice", b"phone", SECRET, code_at(clock.now))
    assert [each.number for each in (await doors.accounts.add_code(again)).codes] == [2]


async def test_what_cannot_be_added_is_refused_in_words(
    node: Node, alice: Person, clock: Clock
) -> None:
    doors, key = await proven(node, alice), VirtualKey()
    with pytest.raises(Unfit, match="not the code"):
        await doors.accounts.add_code(f.AddCode("alice", b"", SECRET, "000000"))
    made = add(key, bytes(32), "alice", [], lambda: None, lambda: None)
    with pytest.raises(Unfit, match="something else"):
        await doors.accounts.add_key(f.AddKey("alice", b"", made.client_data, made.said))
    await added_key(doors, key)
    with pytest.raises(Unfit, match="added already"):
        add(key, bytes(32), "alice", list(key.held), lambda: None, lambda: None)
    for number in range(MAX_CODES):
        secret = bytes([number]) * 20
        code = code_at(clock.now, secret)
        await doors.accounts.add_code(f.AddCode("alice", b"", secret, code))
    with pytest.raises(TooMany):
        await doors.accounts.add_code(f.AddCode("alice", b"", SECRET, code_at(clock.now)))


async def test_a_key_is_added_once(node: Node, alice: Person) -> None:
    doors, key = await proven(node, alice), VirtualKey()
    hello = await doors.accounts.hello(a.AskHello("tests"))
    drawn = challenge(Doing.ADDING, hello.server, "alice", hello.nonce)
    made = add(key, drawn, "alice", [], lambda: None, lambda: None)
    request = f.AddKey("alice", b"", made.client_data, made.said)
    await doors.accounts.add_key(request)
    with pytest.raises(Exists):
        await doors.accounts.add_key(request)


async def test_they_outlive_a_new_password_and_are_kept_apart_by_account(
    node: Node, alice: Person, clock: Clock
) -> None:
    doors = await with_app(node, alice, clock)
    bob = Person("bob")
    await bob.sign_up(node.open(), Invite.parse(await node.admin.invite()).code)
    theirs = await proven(node, bob)
    assert (await theirs.accounts.sign_in(a.SignIn("bob"))).record is not None
    fresh = signing_key("alice", "new password")
    record = alice.sign_in_record(1, fresh).encoded
    await doors.accounts.replace_sign_in(a.ReplaceSignIn("alice", record))
    alice.sign_in = fresh
    await shown_code(node, alice, code_at(clock.now))


async def test_a_machine_the_owner_used_is_not_slowed_by_strangers(
    node: Node, alice: Person, autojump_clock: trio.testing.MockClock
) -> None:
    """Somebody at the owner's own address guesses for hours."""
    doors = await proven(node, alice)
    known = (await doors.accounts.sign_in(a.SignIn("alice"))).known
    for _ in range(60):
        with pytest.raises(WrongPassword):
            await prove(elsewhere(node), Role.SIGN_IN, b"alice", signing_key("wrong"))
    took = []
    for shown_ in (known, None, random_bytes(48)):
        doors = elsewhere(node)
        start = trio.current_time()
        plain = await doors.accounts.parameters(a.AskParameters("alice", shown_))
        assert plain == await elsewhere(node).accounts.parameters(a.AskParameters("alice"))
        await prove(doors, Role.SIGN_IN, b"alice", alice.sign_in)
        took.append(trio.current_time() - start)
        for _ in range(60):
            with pytest.raises(WrongPassword):
                await prove(elsewhere(node), Role.SIGN_IN, b"alice", signing_key("wrong"))
    assert took == [0, 8, 8]


async def test_what_knows_a_machine_is_of_one_account_of_one_home(
    node: Node, alice: Person, autojump_clock: trio.testing.MockClock
) -> None:
    doors = await proven(node, alice)
    known = (await doors.accounts.sign_in(a.SignIn("alice"))).known
    bob = Person("bob")
    await bob.sign_up(node.open(), Invite.parse(await node.admin.invite()).code)
    doors = elsewhere(node)
    for name in ("bob", "nobody"):
        await doors.accounts.parameters(a.AskParameters(name, known))
    assert doors.accounts.caller.known == {}  # type: ignore[attr-defined]


def test_time_is_of_the_node(clock: Clock) -> None:
    """The tests above would pass with the machine's time only by chance."""
    assert abs(clock.now - time.time() * 1000) > DAY
    assert of_account(None) == Factors()


# --- what whoever runs the node can do for who lost theirs


async def test_lost_factors_are_taken_away_and_their_owner_is_told(
    node: Node, alice: Person, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await with_app(node, alice, clock)
    mine = node.open()
    await alice.arrive(mine)
    with caplog.at_level("WARNING"):
        assert await node.admin.reset_factors("alice") == 1
    assert "second factors reset" in caplog.text
    assert "alice" not in caplog.text
    doors = await proven(node, alice)
    assert (await doors.accounts.sign_in(a.SignIn("alice"))).asked is None
    (notice,) = (await mine.accounts.notices(a.AwaitNotices(alice.id, 0, 0))).notices
    assert "second factors were taken away" in notice.text
    assert (await mine.accounts.factors(f.AskFactors(alice.id))).codes == ()


async def test_the_password_is_asked_all_the_same(node: Node, alice: Person, clock: Clock) -> None:
    await with_app(node, alice, clock)
    await node.admin.reset_factors("alice")
    doors = elsewhere(node)
    with pytest.raises(WrongPassword):
        await doors.accounts.sign_in(a.SignIn("alice"))


async def test_a_number_that_was_taken_away_is_not_given_again(
    node: Node, alice: Person, clock: Clock
) -> None:
    await with_app(node, alice, clock)
    await node.admin.reset_factors("alice")
    clock.now += 10 * STEP * 1000
    await with_app(node, alice, clock)
    mine = node.open()
    await alice.arrive(mine)
    found = await mine.accounts.factors(f.AskFactors(alice.id))
    assert [each.number for each in found.codes] == [2]


async def test_who_has_none_and_who_is_not_here_cannot_be_reset(node: Node, alice: Person) -> None:
    with pytest.raises(Unfit, match="no second factor"):
        await node.admin.reset_factors("alice")
    with pytest.raises(NotFound):
        await node.admin.reset_factors("nobody")


async def test_nobody_is_reset_who_cannot_be_told(node: Node, alice: Person, clock: Clock) -> None:
    await with_app(node, alice, clock)
    for number in range(MOST_NOTICES):
        await node.store.write(lambda tx, n=number: tell(tx, "", f"number {n}", NOW))  # type: ignore[misc]
    with pytest.raises(TooMany):
        await node.admin.reset_factors("alice")
    assert await asked(await proven(node, alice))
