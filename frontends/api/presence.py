"""Somebody is signed in: what goes on meanwhile, until they sign out or the daemon stops."""

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from client.identity.whereabouts import publish_if_due
from client.session import Session
from formats.errors import HoldfastError
from frontends.api.faults import as_error
from frontends.api.network import own_home
from frontends.api.state import State

PUBLISH_EVERY: Final = 3600.0
"""Seconds between two looks at whether whereabouts must be published again."""

RETRY: Final = 60.0
"""Seconds after which something that failed is tried again."""

GOODBYE: Final = 2.0
"""Seconds for closing a session."""


async def arrive(state: State, session: Session) -> None:
    """Make this the signed-in person; who was signed in before is not any more."""
    await leave(state)
    state.signed_in = session
    tasks = await state.tasks.wait()
    tasks.start_soon(_accompany, state, session)


async def leave(state: State) -> None:
    """Sign out: let go of the session, and with it of its keys."""
    session, state.signed_in = state.signed_in, None
    if session is not None:
        with trio.CancelScope(shield=True, deadline=trio.current_time() + GOODBYE):
            await session.aclose()


async def _accompany(state: State, session: Session) -> None:
    """Run until the session is not the one any more; nothing in here can stop the daemon."""
    while state.signed_in is session:
        await _noting(state, lambda: _publish(state, session))
        await trio.sleep(PUBLISH_EVERY)


async def _publish(state: State, session: Session) -> None:
    await state.listening.wait()
    here = await own_home(state)
    if here.peer == session.whereabouts.home.peer:
        await publish_if_due(session, here)
    else:
        await publish_if_due(session, session.whereabouts.home)


async def _noting(state: State, work: Callable[[], Awaitable[None]]) -> HoldfastError | None:
    try:
        await work()
    except Exception as raised:  # noqa: BLE001  # the border: no background task ends the daemon
        error = as_error(raised)
        state.note_error(error)
        return error
    return None
