"""From a name and a password to a session, at a home that is known.

The home hands over parameters, then (to who proved the sign-in key) the sealed
bundle, then the identity chain and whereabouts; all of it is verified against
what only the password opens. A home that weakens the parameters, or hands over
another time's or person's bundle, is refused.
"""

from typing import Final

from client.answers import handed_over
from client.home import Connected, HomeLine, HybridProver
from client.identity.bundle import Bundle
from client.identity.password import MOST_MEMORY, PasswordKeys, password_keys
from client.identity.whereabouts import (
    ALSO_EXPIRED,
    check_newest,
    publish_again,
    publish_if_due,
)
from client.session import Session, Surroundings, own_line
from crypto.errors import BadParameters
from crypto.passwords import PasswordParameters
from formats.errors import BadName, Forged, HoldfastError, Stale, Unfit, WrongPassword
from formats.identity import IdentityChain
from formats.names import check_account_name
from formats.sign_in import SignInRecord
from formats.statement import Role
from formats.whereabouts import Home, Whereabouts
from protocols.accounts import AskParameters, Parameters, SignIn, SignInAnswer
from protocols.directory import Look

_RESTORED: Final = (
    "it was not believed; if your home was restored from a backup, 'holdfast login NAME --restored'"
)


async def sign_in(
    around: Surroundings, home: Home, name: str, password: str, restored: bool = False
) -> Session:
    """Sign in at ``home``; raises WrongPassword (also for a name that is not there).

    ``restored``: the person says that the home went back to a backup, so that older
    whereabouts than were seen are no reason to refuse it; newer ones are published.
    """
    line = HomeLine(around.network, [home])
    try:
        record, keys = await _fetch(around, line, name, password)
        bundle = Bundle.open(record.bundle, name, record.id, keys)
        chain, whereabouts = await _person(line, home, bundle)
    finally:
        await line.aclose()
    return await _begin(around, home, name, bundle, chain, whereabouts, restored)


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
    marks = around.marks(bundle)
    line = own_line(around, home, bundle)
    session = Session(
        around, name, chain, whereabouts, bundle, line, marks, cabinet=around.cabinet(bundle)
    )
    try:
        check_newest(marks, whereabouts)
    except Stale as error:
        if not restored:
            await session.aclose()
            raise Stale(error.message, hint=_RESTORED) from error
        await publish_again(session)
    except HoldfastError:
        await session.aclose()
        raise
    await publish_if_due(session, home)
    return session


async def fetch_record(
    around: Surroundings, home: Home, name: str, password: str
) -> tuple[SignInRecord, PasswordKeys]:
    """The sign-in record of a name, by proving the password; and the password's keys."""
    line = HomeLine(around.network, [home])
    try:
        return await _fetch(around, line, name, password)
    finally:
        await line.aclose()


async def _fetch(
    around: Surroundings, line: HomeLine, name: str, password: str
) -> tuple[SignInRecord, PasswordKeys]:
    try:
        check_account_name(name)
    except BadName as error:
        raise WrongPassword(f"no account can have that name: {error.message}") from error
    parameters = await _ask_parameters(line, name)
    keys = await password_keys(password, parameters, around.hardness.floor)
    await line.add(HybridProver(Role.SIGN_IN, name.encode(), keys.sign_in))

    async def ask(connected: Connected) -> bytes:
        return _released(await connected.doors.accounts.sign_in(SignIn(name)))

    answer = await line.call(ask)
    with handed_over("sign-in record"):
        record = SignInRecord.decode(answer)
    if record.name != name or record.sign_in != keys.sign_in.verify_key:
        raise Forged("the home handed over another account's sign-in record")
    return record, keys


def _released(answer: SignInAnswer) -> bytes:
    """The record; raises Unfit where the account has a second factor."""
    if answer.record is None:
        raise Unfit("the account has a second factor, which this program cannot show yet")
    return answer.record


async def _ask_parameters(line: HomeLine, name: str) -> PasswordParameters:
    """How the home says this name's password is stretched; too weak ones are refused later."""

    async def ask(connected: Connected) -> Parameters:
        return await connected.doors.accounts.parameters(AskParameters(name))

    answer = await line.call(ask)
    if answer.memory > MOST_MEMORY:
        raise Forged(f"the home asks for {answer.memory} bytes of memory to sign in")
    try:
        return PasswordParameters(
            algorithm=answer.algorithm,
            opslimit=answer.operations,
            memlimit=answer.memory,
            salt=answer.salt,
        )
    except BadParameters as error:
        raise Forged(f"the home answered with impossible parameters: {error}") from error


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
    if whereabouts.home.peer != home.peer:
        raise Unfit("this is not the home that you named last", hint="sign in at your home")
    return chain, whereabouts
