"""Somebody is signed in: what goes on meanwhile, until they sign out or the daemon stops.

Their whereabouts are kept published, those whom they follow are asked for theirs, their
inbox is collected, and what the inbox brings is news that ``holdfast status`` shows.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import trio

from client.drive.clearing import clear
from client.drive.drive import Drive
from client.drive.thumbnails.maker import installed
from client.identity.devices import settle as settle_device
from client.identity.entry import Entries
from client.identity.whereabouts import publish_if_due
from client.mending import mend
from client.moving.former import look_back
from client.moving.rehoming import has_moved
from client.replicas import renew_if_due
from client.search.search import Search
from client.session import Session
from client.sharing.circles.telling import tell
from client.sharing.drive import own_drive
from client.sharing.jobs import finish_if_due
from client.sharing.public import settle
from client.social.events import Event, Followed, SharesChanged
from client.social.follow import tell_if_moved
from client.social.inbox import keep_collecting
from client.social.owners import look_around
from client.space.state import Tip
from formats.errors import NotSignedIn
from frontends.api.faults import as_error
from frontends.api.feed.arriving import follow_feed
from frontends.api.homes import Homes
from frontends.api.network import own_home
from frontends.api.notices import hear
from frontends.api.state import Person, State

PUBLISH_EVERY: Final = 3600.0
"""Seconds between two looks at whether whereabouts must be published again."""

RETRY: Final = 60.0
"""Seconds after which something that failed is tried again."""

GOODBYE: Final = 2.0
"""Seconds for closing a session."""


async def arrive(state: State, session: Session) -> None:
    """Make this person signed in, and the one whom calls are about. Others stay signed in."""
    await leave(state, session.id)
    drive = own_drive(session)
    drive.thumbnails = installed()
    person = Person(session, drive, Search(drive), trio.CancelScope())
    session.told_set_back = partial(_tell_set_back, state)
    state.people[session.id] = state.signed_in = person
    state.ended = None
    state.used = trio.current_time()
    tasks = await state.tasks.wait()
    tasks.start_soon(_accompany, state, person)


def _tell_set_back(state: State, whose: str, tip: Tip) -> None:
    seen = 0 if tip.left is None else tip.left.seq
    state.note_news(
        f"{whose}'s files went back to an older state, as their owner said: what was seen here up "
        f"to change {seen} and is not in it is gone"
    )


async def leave(state: State, id: bytes) -> None:
    """Sign out: let go of the session, and with it of its keys."""
    person = state.people.pop(id, None)
    state.exports.clear()
    if person is not None:
        if state.signed_in is person:
            state.signed_in = None
        person.presence.cancel()
        with trio.CancelScope(shield=True, deadline=trio.current_time() + GOODBYE):
            await person.session.aclose()


async def _accompany(state: State, person: Person) -> None:
    with person.presence:
        async with trio.open_nursery() as nursery:
            for work in (
                partial(_publish, state, person),
                partial(_stand, state, person),
                partial(_collect, state, person),
                partial(follow_feed, state, person),
                partial(hear, state, person.session),
                partial(_tidy, person.drive),
                partial(_renew, person),
                partial(_look_around, state, person.session),
                partial(_mend, state, person.session),
                partial(_look_where, state, person),
            ):
                nursery.start_soon(_persist, state, person, work)


async def _publish(state: State, person: Person) -> None:
    session = person.session
    await state.listening.wait()
    while True:
        here, home = await own_home(state), session.whereabouts.home
        await publish_if_due(session, here if here.peer == home.peer else home)
        await tell_if_moved(session)
        await renew_if_due(session)
        await settle(session, person.drive)
        await trio.sleep(PUBLISH_EVERY)


async def _stand(state: State, person: Person) -> None:
    """This machine is in the list of the person's, and called what it calls itself."""
    await state.listening.wait()
    while True:
        await settle_device(person.session)
        with trio.move_on_after(PUBLISH_EVERY):
            await person.renamed.wait()


async def _look_around(state: State, session: Session) -> None:
    """Where those are now whom this person follows."""
    await state.listening.wait()
    while True:
        for error in await look_around(session, lambda event: state.note_news(str(event))):
            state.note(error)
        await trio.sleep(PUBLISH_EVERY)


async def _look_where(state: State, person: Person) -> None:
    """Whether this account moved, or a contact did; and what waits at homes before this one."""
    from frontends.api.moving import follow_home

    await state.listening.wait()
    while True:
        if await has_moved(person.session):
            (await state.tasks.wait()).start_soon(follow_home, state, person)
            await trio.sleep(PUBLISH_EVERY)  # it ends with this session
        for error in await look_back(person.session, lambda event: state.note_news(str(event))):
            state.note_error(error)
        with trio.move_on_after(PUBLISH_EVERY):
            await person.elsewhere.wait()
            for error in await look_around(person.session):
                state.note(error)


async def _mend(state: State, session: Session) -> None:
    """Give the home back what it lost and this machine kept."""
    await state.listening.wait()
    while True:
        done = await mend(session)
        if done.given:
            state.note_news(
                f"your home had lost {done.given} pieces of your files; it has them again"
            )
        await trio.sleep(PUBLISH_EVERY)


async def _tidy(drive: Drive) -> None:
    """Finish, after a crash, what removing and rotating left to be done."""
    while True:
        await clear(drive)
        await trio.sleep(PUBLISH_EVERY)


async def _renew(person: Person) -> None:
    """Give new keys to all below what was taken back, and tell everybody in a circle."""
    while True:
        await person.taken_back.wait()
        await finish_if_due(person.session)
        await tell(person.session)


async def _collect(state: State, person: Person) -> None:
    def tell(event: Event) -> None:
        state.note_news(str(event))
        if isinstance(event, Followed | SharesChanged):
            person.heard.of(event.name)

    await keep_collecting(person.session, tell)


async def _end(state: State, person: Person, why: NotSignedIn) -> None:
    """The keys of this session are of no more use: it ends, and calls are told why."""
    id = person.session.id
    if state.people.get(id) is not person:
        return
    await trio.to_thread.run_sync(Entries(Homes(state.place).folder).lock, id)
    state.note_news(f"{person.session.name} was signed out: {why.message}")
    state.ended = why
    await leave(state, id)


async def _persist(state: State, person: Person, work: Callable[[], Awaitable[None]]) -> None:
    """Do it, and again a minute after it failed; whatever it is, the daemon goes on."""
    while True:
        try:
            await work()
        except NotSignedIn as why:
            await _end(state, person, why)
        except Exception as raised:  # noqa: BLE001  # the border: no background task ends the daemon
            state.note_error(as_error(raised))
        await trio.sleep(RETRY)
