"""People one has no card of: looked for in the network between nodes, by handle or id.

One's own node is asked to look; nothing it brings is believed. What somebody
published verifies by itself, and it is that person's by the id: a handle shows 80
bits of it. Two people under one handle, or two histories of one person, are both
shown, and neither is chosen.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from client.home import Connected, HomeLine
from client.session import Surroundings
from client.social.contacts import Contact
from formats.errors import Forked, HoldfastError, NotFound, Unfit, Usage
from formats.handle import Handle, handle, parse_handle
from formats.published import Published, key_of_handle, key_of_id
from formats.whereabouts import Home
from protocols.directory import MAX_HINTS, Find, Hint, Sighted

Who = Handle | bytes
"""Somebody by handle, or by id."""

_ID: Final = 64
_HINT: Final = "they are found when they have said 'holdfast publish on'; or ask them for a card"


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who was found. ``time``: when, in milliseconds; it may be a while ago."""

    person: Published
    time: int

    @property
    def handle(self) -> str:
        """Their own name and the fingerprint of their id."""
        return handle(self.person.whereabouts.name, self.person.id)


def parse_who(text: str) -> Who:
    """Read a handle, or an id of 64 hexadecimal digits; raises Usage, BadName."""
    if "~" in text:
        return parse_handle(text)
    try:
        id = bytes.fromhex(text)
    except ValueError:
        id = b""
    if len(text) != _ID or not id:
        raise Usage(
            f"'{text}' is neither a handle nor an id",
            hint="as in alice~k7q2-xw9m-3tab-9c4d; an id has 64 hexadecimal digits",
        )
    return id


async def seek(
    around: Surroundings, who: Who, friends: Iterable[Contact] = (), newest: bool = True
) -> list[Stranger]:
    """Everybody who is published as ``who``: nobody, one, or several that contradict each other.

    ``friends``: their homes are asked where one's own node knows few others. Raises
    Unreachable when there is no node to ask.
    """
    if around.here is None:
        raise Unfit("there is no node here that could look for anybody")
    key = key_of_handle(who) if isinstance(who, Handle) else key_of_id(who)
    request = Find(key, newest, hints_of(friends))
    line = HomeLine(around.network, [Home(around.here, ())])

    async def ask(connected: Connected) -> Sighted:
        return await connected.doors.directory.find(request)

    try:
        sighted = await line.call(ask)
    finally:
        await line.aclose()
    people = _verified(sighted.people, who, key, around.now)
    return [Stranger(person, sighted.time) for person in people]


def the_one(found: Sequence[Stranger], who: str) -> Stranger:
    """The only one there is; raises NotFound, and Forked for several."""
    if not found:
        raise NotFound(f"nobody is published as '{who}'", hint=_HINT)
    if len(found) > 1:
        ids = ", ".join(sorted({each.person.id.hex() for each in found}))
        raise Forked(
            f"there are several who say they are '{who}' (ids {ids}); none was chosen",
            hint="ask them for a contact card, and compare",
        )
    return found[0]


def hints_of(friends: Iterable[Contact]) -> tuple[Hint, ...]:
    """The homes of some friends, to begin looking with."""
    homes = {home.peer: home for each in friends for home in each.reach.homes if home.addresses}
    return tuple(Hint(home.peer, home.addresses) for home in list(homes.values())[:MAX_HINTS])


def _verified(
    values: Iterable[bytes], who: Who, key: bytes, now: Callable[[], int]
) -> list[Published]:
    """Those that hold; of one person the newest, unless they contradict each other."""
    found: list[Published] = []
    for value in values:
        try:
            person = Published.decode(value)
            person.check(key, now())
        except HoldfastError:
            continue  # a node that makes things up; the others were asked as well
        if _is(person, who):
            found = _with(found, person)
    return found


def _is(person: Published, who: Who) -> bool:
    if isinstance(who, bytes):
        return person.id == who
    return who.matches(person.id) and person.whereabouts.name == who.name


def _with(found: list[Published], person: Published) -> list[Published]:
    """One more; the same person at an earlier state gives way."""
    kept = []
    for other in found:
        if _extends(other, person):
            return found
        if not _extends(person, other):
            kept.append(other)
    return [*kept, person]


def _extends(person: Published, other: Published) -> bool:
    try:
        person.extends(other)
    except HoldfastError:
        return False
    return True
