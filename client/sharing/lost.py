"""A contact lost a machine: what they have from me is given anew, for it has all that they had.

Their identity record says so (``formats.identity``); of messages none is believed. In one commit
of the root space,

    what they may read       gets new secrets, as when it is taken back; who has a grant gets them
    circles they are in      get another key, and all that is shared with these new secrets
    their folder of shares   is another one: they are told where, sealed to the key of now
    spaces they are in       are noted: each gets new secrets in a commit of its own, in which
                             they get another member key, if they are a guest (``rekeying``)

and the contact remembers the record. So one costs this once, whoever tells of it, and however
often; of several contacts at once, what more than one has is rotated once. Somebody who says it
again and again has it done ``MOST`` times in a ``PERIOD``; then it waits, once for all that came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from client.session import Session
from client.sharing import access, guests, underway
from client.sharing.access import Access
from client.sharing.circles import keys
from client.sharing.circles.places import find_places
from client.sharing.circles.settling import rotate_all
from client.sharing.steps import BROKEN, is_pending
from client.social import circles, contacts, outbox
from client.social.circles import Circles
from client.social.contacts import Contact
from client.social.store import CIRCLE_LOGS, LOGS, System, change
from formats.drop import DAY
from formats.errors import QuotaExceeded

PERIOD: Final = DAY
"""Milliseconds within which what one contact has is given anew ``MOST`` times."""
MOST: Final = 3


async def give_anew(session: Session, system: System) -> int:
    """One commit for all contacts to whom it is due, if there are any; how many commits.

    ``system``: of a state to look for them in. They are told. What cannot be read, or has no
    room, keeps nothing else of mine from being finished: it stays due.
    """
    if not any(may_be_given(each, system.now) for each in await contacts.everybody(system)):
        return 0
    try:
        given = await change(session, lambda changing: _give_all(System(session, changing)))
    except (*BROKEN, QuotaExceeded):
        session.rotation_due = True
        return 0
    for id in given:
        await outbox.flush(session, id)
    return int(bool(given))


def may_be_given(known: Contact, now: int) -> bool:
    """Whether what a contact has is to be given anew now, and was not often enough lately."""
    recent = [each for each in known.given if 0 <= now - each < PERIOD]
    return known.is_lost and not known.blocked and not known.alarm and len(recent) < MOST


async def _give_all(system: System) -> list[bytes]:
    """Within an operation; to whom, by id."""
    people = await contacts.everybody(system)
    due = {each.id: each for each in people if may_be_given(each, system.now)}
    if await is_pending(system):
        due = {}  # a change of now, which is finished first
    if not due:
        return []  # or another device was first
    system.session.rotation_due = True
    before = await circles.everything(system)
    theirs = await _Theirs.of(system, due, before)
    places = await find_places(system, theirs.here)
    nowhere = {each.id for each in theirs.here} - places.keys()
    told = [await _another_log(system, each, nowhere) for each in due.values()]
    await circles.keep(system, before, await _other_keys(system, before, theirs.closed, nowhere))
    await rotate_all(system, places)
    for space, writing in theirs.spaces.items():
        await underway.note(system, space, writing)
    await outbox.post_changed(system, told)
    await system.flush()
    return list(due)


@dataclass(frozen=True, slots=True)
class _Theirs:
    """What some contacts have: circles they are in, by id; what is in the root space; spaces,
    and who of them is a guest there.
    """

    closed: set[bytes]
    here: list[Access]
    spaces: dict[bytes, list[bytes]]

    @classmethod
    async def of(cls, system: System, whose: Mapping[bytes, Contact], groups: Circles) -> "_Theirs":
        """By the records of who has access."""
        closed = {id for id in groups.by_id if whose.keys() & groups.people(id).keys()}
        shared = [
            each
            for each in await access.everything(system)
            if any(grant.contact in whose for grant in each.grants)
            or any(grant.circle in closed for grant in each.circles)
        ]
        spaces: dict[bytes, list[bytes]] = {each.space: [] for each in shared if each.space}
        for apart in await guests.everything(system):
            writing = [guest.contact for guest in apart.present if guest.contact in whose]
            if writing or apart.space in spaces:
                spaces[apart.space] = writing
        return cls(closed, [each for each in shared if each.space is None], spaces)


async def _another_log(system: System, known: Contact, nowhere: set[bytes]) -> Contact:
    """The contact with another folder of shares, and with what of it is done noted."""
    name, given = known.id.hex(), (system.now, *known.given)[:MOST]
    await keys.refuse(system, LOGS, name, nowhere)
    log = await keys.made_anew(system, LOGS, name)
    return replace(known, log=log.keys.secret, anew=known.lost, given=given)


async def _other_keys(
    system: System, before: Circles, closed: set[bytes], nowhere: set[bytes]
) -> Circles:
    """The circles, each of these in its next epoch, with everybody in it given the key."""
    after = before
    for id in closed:
        circle = before.by_id[id]
        await keys.refuse(system, CIRCLE_LOGS, id.hex(), nowhere)
        entry = await keys.made_anew(system, CIRCLE_LOGS, id.hex())
        await keys.hand_out(system, circle, entry, before.people(id))
        after = after.plus(replace(circle, epoch=circle.epoch + 1))
    return after
