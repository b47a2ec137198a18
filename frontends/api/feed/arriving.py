"""What comes in while somebody is signed in: looked at when its author says that there is news."""

from client.feed.everyone import Everyone
from client.feed.gathering import look_at
from client.feed.notes import Note
from client.session import Session
from client.social import contacts
from client.social.store import look
from formats.errors import HoldfastError, NotFound, TimedOut, Unreachable
from frontends.api.feed.shown import item, noted
from frontends.api.state import Person, State


async def follow_feed(state: State, person: Person) -> None:
    """Look at everybody once, and then at whoever has something new, until cancelled."""
    await state.listening.wait()
    await _look(state, person, None)
    while True:
        for name in await person.heard.wait():
            person.heard.looked(name)
            await _look(state, person, name)


async def _look(state: State, person: Person, name: str | None) -> None:
    """Read one, or all; tell whoever watches. What cannot be read is read when it is asked for."""
    try:
        await tell_arrived(state, await look_at(person.session, name))
    except (NotFound, Unreachable, TimedOut):
        return
    except HoldfastError as error:
        state.note(error)


async def tell_arrived(state: State, found: Everyone) -> None:
    """Tell whoever watches what somebody's look at the feed has brought, be it a command's."""
    person = state.person
    for each in found.fresh:
        person.watchers.tell("item", item(each))
    for note in found.notes:
        who = await _name(person.session, note)
        person.watchers.tell("notification", noted(note, who))
        state.note_news(f"{who}: a {note.kind} on what you wrote: 'holdfast notifications'")
    if found.notes:
        person.taken_back.ring()  # who takes part in the thread is told


async def _name(session: Session, note: Note) -> str:
    known = await contacts.get(await look(session), note.who)
    return note.name or "somebody" if known is None else known.name
