"""From a name and a password to a session, at a home that is known.

The home hands over parameters, then (to who proved the sign-in key) the sealed
bundle, then the identity chain and whereabouts; all of it is verified against
what only the password opens. A home that weakens the parameters, or hands over
another time's or person's bundle, is refused.
"""

from typing import Final

from client.answers import handed_over
from client.home import Connected, HomeLine
from client.identity.attempt import Attempt
from client.identity.bundle import Bundle
from client.identity.device_secret import DeviceSecret
from client.identity.whereabouts import (
    ALSO_EXPIRED,
    check_newest,
    publish_again,
    publish_if_due,
)
from client.session import Session, Surroundings, own_line
from formats.base58 import base58
from formats.errors import HoldfastError, Stale, Unfit
from formats.identity import IdentityChain
from formats.whereabouts import Home, Whereabouts
from protocols.accounts import AskAccount
from protocols.directory import Look

_RESTORED: Final = (
    "it was not believed; if your home was restored from a backup, 'holdfast login NAME --restored'"
)


async def sign_in(
    around: Surroundings,
    home: Home,
    name: str,
    password: str,
    restored: bool = False,
    device: DeviceSecret | None = None,
) -> Session:
    """Sign in at ``home``; raises WrongPassword (also for a name that is not there).

    For an account without a second factor (else: ``Attempt``, then ``arrive``).
    """
    attempt = await Attempt.begin(around, home, name, password, device)
    try:
        return await arrive(attempt, restored)
    finally:
        await attempt.aclose()


async def arrive(attempt: Attempt, restored: bool = False) -> Session:
    """The session, once all that is asked was shown. The attempt may be closed then.

    ``restored``: the person says that the home went back to a backup, so that older
    whereabouts than were seen are no reason to refuse it; newer ones are published.
    """
    around, home, name, record = attempt.around, attempt.home, attempt.name, attempt.record
    bundle = Bundle.open(record.bundle, name, record.id, attempt.keys)
    chain, whereabouts = await _person(attempt.line, home, bundle)
    session = await _begin(around, home, name, bundle, chain, whereabouts, restored)
    session.record = record
    return session


async def has_moved(session: Session) -> bool:
    """Whether the account is at another home by now, which the newest whereabouts name.

    A move that was cut off before that is gone on with from where the session is.
    """
    home = session.whereabouts.home
    if home.peer == session.line.homes[0].peer:
        return False
    line = own_line(session.around, home, session.bundle)

    async def ask(connected: Connected) -> None:
        await connected.doors.accounts.account(AskAccount(session.id))

    try:
        await line.call(ask)
    except HoldfastError:
        return False
    finally:
        await line.aclose()
    return True


async def _begin(
    around: Surroundings,
    home: Home,
    name: str,
    bundle: Bundle,
    chain: IdentityChain,
    whereabouts: Whereabouts,
    restored: bool,
) -> Session:
    """The session, on a line of its own: that of the sign-in key was closed."""
    session = Session.at(around, home, name, chain, whereabouts, bundle)
    try:
        check_newest(session.marks, whereabouts)
    except Stale as error:
        if not restored:
            await session.aclose()
            raise Stale(error.message, hint=_RESTORED) from error
        await publish_again(session)
    except HoldfastError:
        await session.aclose()
        raise
    if whereabouts.home.peer == home.peer:
        await publish_if_due(session, home)
    elif await has_moved(session):
        await session.aclose()
        raise Unfit("you have moved from this home to another one", hint=_at(whereabouts.home))
    return session


def _at(home: Home) -> str:
    peer = base58(home.peer)
    if not home.addresses:
        return f"sign in at the node {peer}"
    return f"sign in there: 'holdfast login NAME --at {home.addresses[0]}/p2p/{peer}'"


async def _person(line: HomeLine, home: Home, bundle: Bundle) -> tuple[IdentityChain, Whereabouts]:
    """One's own records, at least as new as the bundle knows them."""

    async def ask(connected: Connected) -> tuple[tuple[bytes, ...], bytes]:
        look = Look(bundle.id, bundle.head, None)
        person = await connected.doors.directory.look(look)
        return person.chain, person.whereabouts

    envelopes, where = await line.call(ask)
    with handed_over("record of yours"):
        chain, whereabouts = IdentityChain.decode(envelopes), Whereabouts.decode(where)
    chain.extends(bundle.id, bundle.head_seq, bundle.head)
    whereabouts.verify(chain, ALSO_EXPIRED)
    if whereabouts.seq < bundle.whereabouts_seq:
        raise Stale("the home showed older whereabouts of yours than you published")
    return chain, whereabouts
