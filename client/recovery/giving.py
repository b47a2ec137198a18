"""Giving shares of a kit to contacts, who keep them in spaces of their own.

    give      one commit: another kit's leaf in place of the one before, who keeps what, and the
              messages. The words of that kit are seen by nobody, and shown to nobody: its shares
              are all there is of it
    ask       they are asked to show that they have it still: their programs answer
    end       the leaf goes: what anybody keeps opens nothing any more, at an honest node

So the paper kit is another one, and stays as it is. Whoever is parted from ends all of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import trio

from client.identity.attempt import Attempt
from client.identity.bundle import Bundle, open_next
from client.recovery.content import KitContent
from client.recovery.given import Given, Keeper, given_of, keep_given
from client.recovery.making import nodes_of
from client.recovery.notes import NONCE, SET, Ask, Ended, Give, Gone, Kept, Note, Parcel, made_by
from client.recovery.shares import check_numbers
from client.recovery.words import RecoveryKit
from client.session import Session
from client.social import contacts, outbox
from client.social.contacts import Contact
from client.social.events import Event, ShareGone
from client.social.store import System, change, look, look_at_hand
from client.space.reading import Changing
from crypto.secret import Secret, random_bytes, same
from crypto.threshold import Share, shown, split
from formats.errors import NotFound, Unfit, Usage
from formats.leaf import Leaf


@dataclass(frozen=True, slots=True)
class Keeping:
    """Somebody who keeps a share. ``waiting``: what they were told last is not delivered yet."""

    contact: Contact
    keeper: Keeper
    waiting: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands. ``parted``: whom it was ended for."""

    given: Given
    keepers: tuple[Keeping, ...]
    parted: Contact | None = None


async def give(session: Session, attempt: Attempt, needed: int, names: Sequence[str]) -> Standing:
    """Split a kit of its own among contacts, any ``needed`` of whom bring one back.

    ``attempt``: the password was shown, and all that is asked. What was given before opens nothing
    from then on. Raises Usage (numbers, somebody named twice), NotFound, Unfit (blocked, or
    neither follows the other).
    """
    check_numbers(needed, len(names))
    record = attempt.record
    bundle = Bundle.open(record.bundle, session.name, session.id, attempt.keys)
    seed = open_next(bundle.inner, session.name, session.id, attempt.keys)
    return await give_kit(session, seed, needed, names)


async def give_kit(session: Session, next: Secret, needed: int, names: Sequence[str]) -> Standing:
    """As ``give``, for who has the seed of the key of succession."""
    kit = await trio.to_thread.run_sync(RecoveryKit.generate)
    shares = await trio.to_thread.run_sync(split, kit.code, needed, len(names))
    sealed = KitContent.of(session.bundle, session.name, next).seal(kit.pair.public)
    keys, set = kit.keys, random_bytes(SET)
    lock = keys.lock(keys.label).public

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        people, before = await _people(system, names), await given_of(system)
        await _end(system, None, without={each.id for each in people})
        changing.put(keys.label, Leaf(lock, header=sealed))
        last = -1 if before is None else made_by(before.made, system.now)
        made = max(system.now, last + 1)
        keepers = [
            await _hand_out(system, known, share, (set, made, len(names)))
            for known, share in zip(people, shares, strict=True)
        ]
        seq, public = session.chain.seq, kit.pair.public
        given = Given(set, made, seq, keys.label, lock, public, needed, tuple(keepers))
        await keep_given(system, given.vouched_by(next, session.id))
        await system.flush()

    await change(session, operation)
    return await _told(session)


async def ask(session: Session) -> Standing:
    """Ask all who keep a share whether they have it still; raises NotFound."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        given = await in_force(system)
        for keeper in given.keepers:
            known = await contacts.get(system, keeper.id)
            if known is not None and not known.blocked:
                nonce = random_bytes(NONCE)
                await outbox.post_note(system, known, Ask(given.set, nonce))
                given = given.with_keeper(replace(keeper, nonce=nonce, asked=system.now))
        await keep_given(system, given)
        await system.flush()

    await change(session, operation)
    return await _told(session)


async def end(session: Session) -> Standing:
    """What anybody keeps opens nothing from now on, and they are told; raises NotFound."""

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        await in_force(system)
        await _end(system, None)
        await system.flush()

    await change(session, operation)
    return await _told(session)


async def end_for(system: System, parted: bytes) -> None:
    """Within an operation: somebody was parted from; if they keep a share, all of them end."""
    given = await given_of(system)
    if given is not None and not given.is_over and given.keeper(parted) is not None:
        await _end(system, parted, without={parted})


async def is_given(session: Session, kit: RecoveryKit) -> bool:
    """Whether it is the kit whose shares contacts keep."""
    given = await given_of(await look(session))
    return given is not None and given.label == kit.keys.label


async def ended_for(session: Session, parted: bytes) -> bool:
    """Whether all shares ended when this person was parted from."""
    given = await given_of(await look_at_hand(session))
    return given is not None and given.by == parted


async def standing(session: Session) -> Standing:
    """Who keeps a share, and when each last showed it; raises NotFound where nobody ever did."""
    return await _standing(await look(session))


async def in_force(system: System) -> Given:
    """The splitting in force; raises NotFound."""
    given = await given_of(system)
    if given is None or given.is_over:
        raise NotFound("nobody keeps a share of a kit for you", hint=_GIVE)
    return given


async def answered(system: System, known: Contact, note: Kept | Gone) -> Event | None:
    """Within an operation: what somebody says of the share that they keep, or should.

    A proof counts once, for what they were asked with last; what is none is passed over.
    """
    given = await given_of(system)
    keeper = None if given is None else given.keeper(known.id)
    if given is None or given.is_over or keeper is None or given.set != note.set:
        return None
    if isinstance(note, Gone):
        await keep_given(system, given.with_keeper(replace(keeper, nonce=None, gone=system.now)))
        return ShareGone(known.name)
    if keeper.nonce is not None and same(shown(keeper.key, keeper.nonce), note.proof):
        now = replace(keeper, nonce=None, confirmed=system.now, gone=None)
        await keep_given(system, given.with_keeper(now))
    return None


async def _people(system: System, names: Iterable[str]) -> list[Contact]:
    people = [await contacts.to_share_with(system, name) for name in names]
    if len({each.id for each in people}) < len(people):
        raise Usage("somebody is named twice", hint="each person has one share")
    for known in people:
        if not (known.following or known.follower):
            raise Unfit(
                f"neither of you follows the other: {known.name} would not take it",
                hint="'holdfast follow' them with a card of theirs first",
            )
    return people


async def _hand_out(
    system: System, known: Contact, share: Share, of: tuple[bytes, int, int]
) -> Keeper:
    """Note the message; ``of``: the set, when it was made, and how many shares there are."""
    (set, made, count), session, nonce = of, system.session, random_bytes(NONCE)
    parcel = Parcel(share, count, session.bundle.space, nodes_of(session))
    sealed = parcel.seal(known.reach.sealing, session.id, known.id, set)
    await outbox.post_note(system, known, Give(set, made, nonce, sealed))
    return Keeper(known.id, share.proving(session.id, known.id), system.now, nonce, system.now)


async def _end(system: System, by: bytes | None, without: Iterable[bytes] = ()) -> None:
    """Within an operation: the leaf goes; all who keep a share are told, but for some."""
    given = await given_of(system)
    if given is None or given.is_over:
        return
    system.changing.retire((given.label,))
    system.changing.delete(given.label)
    await keep_given(system, replace(given, ended=system.now, by=by))
    note: Note = Ended(given.set, given.made)
    for keeper in given.keepers:
        known = await contacts.get(system, keeper.id)
        if known is not None and not known.blocked and keeper.id not in without:
            await outbox.post_note(system, known, note)


async def _told(session: Session) -> Standing:
    await outbox.flush(session)
    return await standing(session)


async def _standing(system: System) -> Standing:
    given = await given_of(system)
    if given is None:
        raise NotFound("nobody keeps a share of a kit for you", hint=_GIVE)
    people = {each.id: each for each in await contacts.everybody(system)}
    waiting = {each.to for each in await outbox.waiting(system) if each.note is not None}
    keepers = [
        Keeping(people[each.id], each, each.id in waiting)
        for each in given.keepers
        if each.id in people
    ]
    parted = None if given.by is None else people.get(given.by)
    return Standing(given, tuple(keepers), parted)


_GIVE = "'holdfast recovery give --any K NAME...' splits one among contacts"
