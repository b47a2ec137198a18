"""New, add, remove, delete, list: what a person does with circles. One commit each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.session import Session
from client.sharing.circles.settling import settle
from client.sharing.jobs import commit_settled, finish_if_due, follow_if_due
from client.social import circles, contacts, outbox
from client.social.circles import ALL, ALL_NAME, CIRCLE, Circle, Circles, check_circle_name
from client.social.contacts import Contact
from client.social.store import System, look
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.errors import NotFound, Unfit

People = Sequence[Contact]
Make = Callable[[System, Circles, People], Awaitable[tuple[Circles, bytes]]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A circle as it is listed. ``members`` and ``inner`` by name; ``people``: how many in all.

    ``epoch``: how often its key was replaced; ``created`` in ms.
    """

    name: str
    created: int
    epoch: int
    members: tuple[str, ...]
    inner: tuple[str, ...]
    people: int


async def new(session: Session, name: str) -> Shown:
    """An empty circle; raises Exists (a circle or contact has that name), BadName, TooMany."""
    name = check_circle_name(name)

    async def make(system: System, before: Circles, known: People) -> tuple[Circles, bytes]:
        await contacts.free_name(system, name, b"")
        made = Circle(random_bytes(CIRCLE), name, random_bytes(CIRCLE), system.now)
        return before.plus(made), made.id

    return await _change(session, make)


async def add(session: Session, name: str, who: Sequence[str], and_tell: bool = True) -> Shown:
    """Contacts, and circles that hold people alone, are in it from now on.

    They have everything that is shared with it, old and new. Adding who is in it changes
    nothing. Raises NotFound, Unfit (a ring, or deeper than that), TooMany.
    """

    async def make(system: System, before: Circles, known: People) -> tuple[Circles, bytes]:
        outer = _own(before, name)
        for each in who:
            inner = before.named(each)
            if inner is None:
                contact = contacts.unblocked(contacts.named(known, each))
                outer = replace(outer, members={contact.id: system.now, **outer.members})
            else:
                before.check_holds(outer, inner)
                outer = replace(outer, inner={inner.id: system.now, **outer.inner})
        return before.plus(outer), outer.id

    return await _change(session, make, and_tell)


async def remove(session: Session, name: str, who: Sequence[str], and_finish: bool = True) -> Shown:
    """They are not in it any more: what they had through it is refused to them at once.

    Unless they have it in another way too. Raises NotFound.
    """

    async def make(system: System, before: Circles, known: People) -> tuple[Circles, bytes]:
        outer = _own(before, name)
        for each in who:
            inner = before.named(each)
            id = inner.id if inner else contacts.named(known, each).id
            if id not in outer.members and id not in outer.inner:
                raise NotFound(f"{each} is not in '{name}'", hint=_SHOW)
            outer = replace(outer, members=_without(outer.members, id))
            outer = replace(outer, inner=_without(outer.inner, id))
        return before.plus(outer), outer.id

    return await _change(session, make, and_finish)


async def delete(session: Session, name: str, and_finish: bool = True) -> Shown:
    """There is no such circle any more; what was shared with it is taken back."""

    async def make(_system: System, before: Circles, _known: People) -> tuple[Circles, bytes]:
        gone = _own(before, name)
        return before.without(gone.id), gone.id

    return await _change(session, make, and_finish)


async def listing(session: Session) -> list[Shown]:
    """All circles, by name."""
    system = await look(session)
    found = await circles.everything(system)
    names = {each.id: each.name for each in await contacts.everybody(system)}
    shown = [_shown(found, each, names) for each in found.by_id.values()]
    return sorted(shown, key=lambda each: each.name)


async def everybody(system: System, before: Circles) -> Circles:
    """With the circle of all who follow me, which begins when it is first used."""
    if ALL in before.by_id:
        return before
    now = system.now
    members = {each.id: now for each in await contacts.everybody(system) if each.follower}
    return before.plus(Circle(ALL, ALL_NAME, random_bytes(CIRCLE), now, members=members))


async def follows(system: System, contact: bytes, is_follower: bool) -> None:
    """Within an operation: somebody follows me now, or does not any more."""
    before = await circles.everything(system)
    known = before.by_id.get(ALL)
    if known is None or (contact in known.members) == is_follower:
        return
    members = {contact: system.now, **known.members}
    after = replace(known, members=members if is_follower else _without(members, contact))
    await settle(system, before, before.plus(after))


async def _change(session: Session, make: Make, and_finish: bool = True) -> Shown:
    async def operation(changing: Changing) -> Shown:
        system = System(session, changing)
        before = await circles.everything(system)
        known = await contacts.everybody(system)
        after, id = await make(system, before, known)
        after, moves = await settle(system, before, after)
        await outbox.post_changed(system, [each for each in known if each.id in moves.people])
        await system.flush()
        shown = after if id in after.by_id else before
        return _shown(shown, shown.by_id[id], {each.id: each.name for each in known})

    done = await commit_settled(session, operation, and_finish=False)
    await follow_if_due(session)
    if and_finish:
        await outbox.flush(session)
        await finish_if_due(session)
    return done


def _own(before: Circles, name: str) -> Circle:
    if name == ALL_NAME:
        raise Unfit(f"'{ALL_NAME}' is always there: everybody who follows you")
    return before.need(name)


def _without(dated: Mapping[bytes, int], id: bytes) -> dict[bytes, int]:
    return {each: since for each, since in dated.items() if each != id}


def _shown(known: Circles, circle: Circle, names: dict[bytes, str]) -> Shown:
    inner = (known.by_id[each].name for each in circle.inner if each in known.by_id)
    members = sorted(names[each] for each in circle.members if each in names)
    people = len(known.people(circle.id))
    return Shown(
        circle.name, circle.created, circle.epoch, tuple(members), tuple(sorted(inner)), people
    )


_SHOW: Final = "'holdfast circle list' shows who is in which"
