"""Identity keys: renewing them, and what became of them over the years."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from client.identity import history as told
from client.identity.account import prove
from client.identity.attempt import Attempt
from client.identity.rotation import renew_keys
from client.session import Session
from formats.errors import BadKit
from formats.handle import handle
from frontends.api.accounts import keep_entry
from frontends.api.presence import arrive
from frontends.api.proving import go_on
from frontends.api.reply import Json, Reply
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Rotating:
    """The password; it stays what it is."""

    password: str


@dataclass(frozen=True, slots=True)
class Whose:
    """A contact's name; without one, your own."""

    who: str | None = None


async def rotate(state: State, asked: Rotating, reply: Reply) -> Json:
    """Renew your identity keys: every other machine of yours has to sign in again."""
    session = state.session

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        after = await renewed(state, session, attempt, asked.password)
        return {"name": after.name, "seq": after.chain.seq}

    return await go_on(state, await prove(session, asked.password), then, reply)


async def renewed(
    state: State,
    session: Session,
    attempt: Attempt,
    password: str,
    revoked: Sequence[bytes] = (),
    lost: bool = False,
) -> Session:
    """Other keys under this password, and the session with them in the place of the other one.

    ``revoked``: machines that are shut out with it; ``lost``: somebody may have what the keys
    until now open.
    """
    async with state.signing:
        after = await renew_keys(session, attempt, password, revoked, lost)
        await keep_entry(state, after, after.whereabouts.home)
        await arrive(state, after)
    if after.unvouched:
        state.note(BadKit(_GIVEN_UP, hint=_AGAIN))
    return after


async def history(state: State, asked: Whose, _reply: Reply) -> Json:
    """Every record of your identity, or of a contact's: when, why it is valid, which keys."""
    found = await told.history(state.session, asked.who)
    return {
        "name": found.name,
        "handle": handle(found.name, found.id),
        "id": found.id.hex(),
        "verified": found.verified,
        "alarm": found.alarm,
        "records": [_record(each) for each in found.links],
    }


_GIVEN_UP: Final = "a recovery kit was not renewed with your keys, for nothing shows it is yours"
_AGAIN: Final = "'holdfast recovery' says which there are: make another, and give shares again"


def _record(each: told.Link) -> Json:
    return {
        "seq": each.seq,
        "created": each.created,
        "hash": each.hash.hex(),
        "why": each.why,
        "daily": each.daily.hex(),
        "signer": each.signer.hex(),
        "next": each.next.hex(),
        "in_force": each.in_force,
    }
