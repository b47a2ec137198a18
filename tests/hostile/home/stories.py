"""For every operation, what an honest client does that asks it, and what of it is the truth.

A story gives what the person gets to see. Under a lie it may end with an error of the closed
list, and else has to give what it gives without one. Some answers are the home's own word, of
which nothing else could tell (how much it stores, what whoever runs it says): those are in
``WORD``, shown as what the home says, and nothing is built on them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import trio

from client.archive.exporting import Export
from client.archive.importing import Archive, brought
from client.couriers import Couriers
from client.drive.resolve import resolve
from client.identity.account import account, change_password, keep_for, prove
from client.identity.announce import announce
from client.identity.attempt import Attempt
from client.identity.factors import add_app, add_key, factors, new_backups
from client.identity.factors import remove as remove_factor
from client.identity.login import arrive, sign_in
from client.identity.notices import notices, write
from client.identity.password import password_keys
from client.identity.rotation import renew_keys
from client.identity.settling import papers_for, settle
from client.identity.signup import sign_up
from client.identity.whereabouts import publish_again
from client.mending import mend
from client.moving.house import Moved, Wish
from client.moving.leaving import left, stock
from client.moving.receipts import Receipts
from client.replicas import add, remove, replicas
from client.sharing.profile import set_text, share_field
from client.sharing.public import said_by
from client.social import contacts, outbox
from client.social.card import contact_card
from client.social.delivering import Parcel, deliver
from client.social.inbox import acknowledge
from client.social.messages import Type
from client.social.owners import refresh
from client.social.store import TOKENS, System, change, look
from client.social.strangers import seek
from client.social.tokens import renew
from client.space.awaiting import next_tip
from client.space.reading import Changing
from crypto.secret import Secret, random_secret
from crypto.totp import STEP, totp
from formats.cid import Block
from formats.errors import Unfit
from formats.invite import Invite
from formats.whereabouts import Living
from frontends.security_keys import add as add_to
from frontends.security_keys import show as show_to
from node import letters
from protocols.inbox import SEALED
from storage.contracts import Transaction
from tests.hostile.home.places import BIG, SMALL, Setting
from tests.keys import VirtualKey
from tests.world.person import Person

Story = Callable[[Setting], Awaitable[object]]


async def connects(at: Setting) -> object:
    """A fresh connection, proven again."""
    await at.her.session.line.aclose()
    at.forget()
    return await at.her.ls("docs")


async def signs_in(at: Setting) -> object:
    """From a password to files."""
    session = await sign_in(at.her.around, at.home, at.her.name, at.her.password)
    try:
        return session.id, session.name, session.whereabouts.homes
    finally:
        await session.aclose()


async def signs_up(at: Setting) -> object:
    """Somebody new; their first files are there."""
    name = f"n{at.number()}"
    invite = Invite.parse(await at.place.node.admin.invite()).code
    session = await sign_up(at.her.around, at.home, name, "a password of theirs", invite)
    await session.aclose()
    return session.name == name


async def settles_in(at: Setting) -> object:
    """Somebody who lived at Bob's node; from then on they sign in here."""
    around, name, password = at.her.around, f"s{at.number()}", "a password of theirs"
    bobs = at.world.places["bob"]
    invite = Invite.parse(await bobs.node.admin.invite()).code
    session = await sign_up(around, bobs.home, name, password, invite)
    await session.aclose()
    parameters = around.hardness.parameters()
    keys = await password_keys(password, parameters, around.hardness.floor, None)
    living, chain, bundle = Living((at.home,), name), session.chain, session.bundle
    papers = await papers_for(around, living, chain, bundle, keys, parameters)
    leave = Invite.parse(await at.place.node.admin.invite()).code
    await settle(around, at.home, papers, leave)
    there = await sign_in(around, at.home, name, password)
    await there.aclose()
    return there.id == session.id


async def comes_out_of_a_file(at: Setting) -> object:
    """Somebody who lived at Bob's node, which does not answer any more."""
    around, name, password = at.her.around, f"f{at.number()}", "a password of theirs"
    bobs = at.world.places["bob"]
    invite = Invite.parse(await bobs.node.admin.invite()).code
    session = await sign_up(around, bobs.home, name, password, invite)
    attempt = await Attempt.begin(around, bobs.home, name, password)
    await attempt.aclose()
    file = at.folder / f"{name}.car"
    await Export(session, attempt).into_file(str(file), lambda _blocks, _bytes: None)
    await session.aclose()
    leave = Invite.parse(await at.place.node.admin.invite()).code
    with Archive.opened(str(file)) as archive:
        await archive.unlock(password, around.hardness.floor)
        wish = Wish(at.home, leave, name)
        found = await brought(around, archive, wish, None, lambda _step, _bytes: None, left=True)
    assert isinstance(found, Moved)
    assert found.session.id == session.id
    await found.session.aclose()
    return True


async def changes_password(at: Setting) -> object:
    """To the same one, so that it can be done again; whoever has it still gets in."""
    await change_password(at.her.session, at.her.password, at.her.password)
    return True


async def leaves(at: Setting) -> object:
    """Somebody new, who has a file; what the home signs of it is what there was."""
    name, password = f"l{at.number()}", "a password of theirs"
    invite = Invite.parse(await at.place.node.admin.invite()).code
    session = await sign_up(at.her.around, at.home, name, password, invite)
    try:
        found = await stock(session)
        attempt = await prove(session, password)
        try:
            done = await left(session, attempt, found.code, Receipts(None), lambda _step: None)
        finally:
            await attempt.aclose()
    finally:
        await session.aclose()
    held = {each.space: (each.seq, each.pointer) for each in done.receipt.spaces}
    return held == found.heads, done.lacking, done.late, done.receipt.messages


async def renews_keys(at: Setting) -> object:
    """And goes on under the new ones; what the home says of them afterwards is checked."""
    before = at.her.session
    attempt = await prove(before, at.her.password)
    try:
        after = await renew_keys(before, attempt, at.her.password)
    finally:
        await attempt.aclose()
    at.her.goes_on(after)
    await before.aclose()
    return after.id, await at.her.ls("docs")


async def takes_second_factors(at: Setting) -> object:
    """An app, a key and backup codes: added, listed, shown to sign in, removed."""
    await at.place.node.core.store.write(lambda tx: _without_factors(tx, at.her.name))
    session, app, key = at.her.session, random_secret(20), VirtualKey()
    attempt = await prove(session, at.her.password)
    try:
        await add_app(session, attempt, "phone", app, _code(at, app, 0))
        drawn = await attempt.challenge_to_add()
        made = add_to(key, drawn, at.her.name, [], _touch, _touch)
        await add_key(session, attempt, "blue", made.client_data, made.said)
        codes = await new_backups(session, attempt)
        await factors(session)
        seen = [await _signed_in(at, app, key, codes[0], kind) for kind in ("app", "key", "paper")]
        await remove_factor(session, attempt, 1)
        await remove_factor(session, attempt, 2)
    finally:
        await attempt.aclose()
    return seen


async def _signed_in(at: Setting, app: Secret, key: VirtualKey, paper: str, kind: str) -> object:
    attempt = await Attempt.begin(at.her.around, at.home, at.her.name, at.her.password)
    try:
        if kind == "app":
            await attempt.show_code(_code(at, app, 1))
        elif kind == "paper":
            await attempt.show_backup(paper)
        else:
            asked = attempt.asked
            if asked is None:
                raise Unfit("nothing was asked", hint="look at the factors that are left")
            said = show_to(key, attempt.challenge, asked.keys, _touch, _touch)
            await attempt.show_key(said.credential, said.client_data, said.said, said.signature)
        session = await arrive(attempt)
        await session.aclose()
    finally:
        await attempt.aclose()
    return session.id, session.name, session.whereabouts.homes


def _without_factors(tx: Transaction, name: str) -> None:
    row = tx.account(name)
    assert row is not None
    tx.put_account(replace(row, factors=b""))


def _code(at: Setting, app: Secret, ahead: int) -> str:
    return totp(app.reveal(), at.her.around.now() // 1000 // STEP + ahead)


def _touch() -> None:
    """Touched at once; it has no PIN."""


async def asks_usage(at: Setting) -> object:
    """What the home counts."""
    return type(await account(at.her.session)).__name__


async def keeps(at: Setting) -> object:
    """How long states are kept."""
    return type(await keep_for(at.her.session, None)).__name__


async def puts_large(at: Setting) -> object:
    """A file in segments, which are staged; read back through another device."""
    content = BIG[:-4] + at.number().to_bytes(4, "big")
    await at.her.put("large", content)
    at.forget()
    return await at.her.read("large") == content


async def goes_on_staging(at: Setting) -> object:
    """What a transfer that goes on asks: what is there of it already, and give it back."""
    block = Block.raw(at.number().to_bytes(4, "big") * 100)
    async with at.her.session.space.staging() as staging:
        await staging.stage([block])
        await staging.missing([block.cid])
        return await staging.recall([block.cid]) == [block.data]


async def reads(at: Setting) -> object:
    """All that there is to see, from nothing in memory."""
    at.forget()
    drive = at.her.drive
    found = await resolve(drive, drive.path("docs/large"))
    reader = await found.reader()
    middle = await reader.read(reader.size // 2, 1000)
    return (
        await at.her.ls_all(),
        await at.her.read("docs/small") == SMALL,
        middle == BIG[len(BIG) // 2 :][:1000],
    )


async def has_mended(at: Setting) -> object:
    """The home lost a block that this machine kept."""
    await at.lose_a_block()
    return type(await mend(at.keeper.session)).__name__


async def looks_newest(at: Setting) -> object:
    """The newest state of one's space."""
    at.forget()
    await at.her.session.space.view.refresh()
    return await at.her.ls_all()


async def puts_small(at: Setting) -> object:
    """One change; it is seen by who reads it back."""
    content = b"%d" % at.number()
    await at.her.put("changing", content)
    at.forget()
    return await at.her.read("changing") == content


async def hears_of_a_change(at: Setting) -> object:
    """One of another device. A home that keeps it back is found out by the next look."""
    view = at.her.session.space.view
    seen = (await view.refresh()).tip
    content = b"%d" % at.number()
    await at.keeper.put("changing", content)
    with trio.move_on_after(1.0):
        await next_tip(view, seen)
    await view.refresh()
    return await at.her.read("changing") == content


async def lists_states(at: Setting) -> object:
    """The past, back to its beginning."""
    numbers = [was.seq for was in await at.her.session.past.states()]
    assert numbers == sorted(numbers, reverse=True)
    return numbers[0]  # which of those before it are still kept is the home's word


async def weighs(at: Setting) -> object:
    """How much old states hold."""
    return type(await at.her.session.past.weigh()).__name__


async def pins(at: Setting) -> object:
    """A snapshot, seen in the list, and no more."""
    past = at.her.session.past
    seq = (await at.her.session.space.view.refresh()).tip.pointer.seq
    made = await past.pin(seq, "a name")
    listed = await past.pins()
    left = await past.unpin(seq)
    names = {each.name for each in (*made, *listed, *left)}
    return names - {None} <= {"a name"}


async def lets_go(at: Setting) -> object:
    """Old states are given up: none of those of these stories."""
    return type(await at.her.session.past.let_go(0)).__name__


async def tells_a_friend(at: Setting) -> object:
    """A message to somebody at another home; if it did not get there, it waits."""
    await writes(at.her, "bob")
    return True


async def sends_by_couriers(at: Setting) -> object:
    """A message by a node in between, as if none was known before."""
    session, his = at.her.session, at.bob.session
    session.couriers = Couriers()
    (await session.line.connected()).met = None
    parcel = Parcel(his.id, bytes(SEALED), session.around.now())
    await deliver(session, parcel, his.whereabouts.homes, [at.world.places["carl"].home])
    return True


async def hears_of_friends(at: Setting) -> object:
    """A message of somebody at another home is collected, once."""
    await writes(at.bob, "alice")
    events = await at.her.collect()
    return all("bob" in event or "set aside" in event for event in events)


async def hears_and_says_so(at: Setting) -> object:
    """The same, and the home is told at once that it can delete it."""
    heard = await hears_of_friends(at)
    await acknowledge(at.her.session)
    return heard


async def writes(person: Person, to: str) -> None:
    """Tell a contact that something changed."""
    session = person.session

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await outbox.post(system, await contacts.by_name(system, to), Type.CHANGED)
        await system.flush()

    await change(session, operation)
    await outbox.flush(session)


async def has_tokens_known(at: Setting) -> object:
    """What contacts pay with, told to the home as on the first day."""

    async def forget(changing: Changing) -> None:
        system = System(at.her.session, changing)
        await system.put((TOKENS,), {"taken": 0, "slots": 0, "until": 0})
        await system.flush()

    await change(at.her.session, forget)
    await renew(at.her.session)
    noted = await (await look(at.her.session)).get((TOKENS,), "note of tokens")
    return noted is not None and noted.uint("slots")


async def gives_a_card(at: Setting) -> object:
    """A card for somebody new."""
    card = await contact_card(at.her.session)
    return card.id, card.homes


async def asks_about_a_friend(at: Setting) -> object:
    """Where a friend is, and by which keys."""
    known = await refresh(at.her.session, at.bob.session.id)
    return known.records, known.reach


async def publishes(at: Setting) -> object:
    """One's whereabouts, again."""
    await publish_again(at.her.session)
    return True


async def looks_for_a_stranger(at: Setting) -> object:
    """Somebody who published themselves: they as they are, or nobody."""
    around = replace(at.her.around, here=at.place.node.peer_id)
    his = at.bob.session
    return all(
        (each.person.chain, each.person.whereabouts) == (his.chain, his.whereabouts)
        for each in await seek(around, his.id)
    )


async def is_published(at: Setting) -> object:
    """Whether one is found by strangers."""
    return type(await announce(at.her.session, None)).__name__


async def reads_notices(at: Setting) -> object:
    """What whoever runs the home says."""
    return type(await notices(at.her.session)).__name__


async def writes_to_the_home(at: Setting) -> object:
    """A line to whoever runs it, who has dealt with those before."""

    def dealt_with(tx: Transaction) -> None:
        for each in letters.letters(tx):
            letters.remove(tx, each.name, each.number)

    await at.place.node.store.write(dealt_with)
    await write(at.her.session, "a line")
    return True


async def says_something_to_everybody(at: Setting) -> object:
    """In public: what others see of it is that, or nothing."""
    session, text = at.her.session, f"number {at.number()}"
    await set_text(session, at.her.drive, "text", text)
    await share_field(session, at.her.drive, "text", ["public"])
    where = session.whereabouts.homes
    said = await said_by(session.around, session.chain, where, session.marks)
    return said.text in (None, text)


async def adds_a_replica(at: Setting) -> object:
    """At a friend's node, and takes it back."""
    node = at.bob.place.node
    await add(at.her.session, Invite.parse(await node.admin.invite(2**30, replica=True)))
    await remove(at.her.session, node.peer_id)
    return True


async def lists_replicas(at: Setting) -> object:
    """How one's replicas stand."""
    return type(await replicas(at.her.session)).__name__


STORIES: Final[dict[str, Story]] = {
    "accounts.hello": connects,
    "accounts.prove": signs_in,
    "accounts.enter": connects,
    "accounts.parameters": signs_in,
    "accounts.sign_up": signs_up,
    "accounts.settle": settles_in,
    "accounts.sign_in": signs_in,
    "accounts.replace_sign_in": changes_password,
    "accounts.succeed": renews_keys,
    "accounts.depart": leaves,
    "accounts.show_code": takes_second_factors,
    "accounts.show_backup": takes_second_factors,
    "accounts.show_key": takes_second_factors,
    "accounts.factors": takes_second_factors,
    "accounts.add_code": takes_second_factors,
    "accounts.add_key": takes_second_factors,
    "accounts.set_backups": takes_second_factors,
    "accounts.remove_factor": takes_second_factors,
    "accounts.account": asks_usage,
    "accounts.keep": keeps,
    "accounts.notices": reads_notices,
    "accounts.write": writes_to_the_home,
    "blocks.open_session": puts_large,
    "blocks.stage": puts_large,
    "blocks.missing": goes_on_staging,
    "blocks.recall": goes_on_staging,
    "blocks.close_session": puts_large,
    "blocks.read": reads,
    "blocks.lost": has_mended,
    "blocks.mend": has_mended,
    "pointers.resolve": looks_newest,
    "pointers.move": puts_small,
    "pointers.watch": hears_of_a_change,
    "pointers.kept": lists_states,
    "pointers.weigh": weighs,
    "pointers.pins": pins,
    "pointers.pin": pins,
    "pointers.unpin": pins,
    "pointers.let_go": lets_go,
    "inbox.leave": tells_a_friend,
    "inbox.collect": hears_of_friends,
    "inbox.delete": hears_and_says_so,
    "inbox.allow": gives_a_card,
    "inbox.register": has_tokens_known,
    "courier.show": sends_by_couriers,
    "courier.carry": sends_by_couriers,
    "courier.known": sends_by_couriers,
    "directory.look": asks_about_a_friend,
    "directory.publish": publishes,
    "directory.show": says_something_to_everybody,
    "directory.profile": says_something_to_everybody,
    "directory.find": looks_for_a_stranger,
    "directory.announce": is_published,
    "replicas.give": adds_a_replica,
    "replicas.standings": lists_replicas,
    "replicas.needed": comes_out_of_a_file,
    "replicas.bring": comes_out_of_a_file,
    "replicas.arrive": comes_out_of_a_file,
}

FOLLOWED: Final = ("replicas.follow", "replicas.line", "replicas.fetch")
"""What only a node asks that keeps a replica: ``follower.py``."""
