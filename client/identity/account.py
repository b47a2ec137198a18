"""What a signed-in person does with the account: usage, retention, a new password."""

from dataclasses import replace
from typing import Final

import trio

from client.home import Connected, HomeLine, HybridProver
from client.identity.bundle import Bundle
from client.identity.login import fetch_record
from client.identity.password import PasswordKeys, password_keys
from client.identity.strength import check_new_password
from client.session import Session
from formats.errors import Stale, WrongPassword
from formats.sign_in import SignInRecord
from formats.statement import Role
from protocols.accounts import Account, AskAccount, Keep, ReplaceSignIn, SignIn


async def account(session: Session) -> Account:
    """Name and usage (bytes) as the home counts them."""
    request = AskAccount(session.id)

    async def ask(connected: Connected) -> Account:
        return await connected.doors.accounts.account(request)

    return await session.line.call(ask)


async def keep_for(session: Session, seconds: int | None) -> Account:
    """Have superseded states kept so long; None: as the home does for those who never said."""
    request = Keep(session.id, seconds)

    async def ask(connected: Connected) -> Account:
        return await connected.doors.accounts.keep(request)

    return await session.line.call(ask)


async def change_password(session: Session, old: str, new: str, weak: bool = False) -> None:
    """A new password; from the answer on the old one opens nothing at an honest home.

    Raises WrongPassword when ``old`` is not it, Usage for a weak ``new`` unless
    ``weak`` ones are wanted, Conflict when another device changed it at the same time, Stale
    when the home said that it took the new one and still answers with what was before.
    """
    around, home, name = session.around, session.whereabouts.home, session.name
    await trio.to_thread.run_sync(check_new_password, new, (name,), weak)
    record, old_keys = await fetch_record(around, home, name, old)
    parameters = around.hardness.parameters()
    new_keys = await password_keys(new, parameters, around.hardness.floor)
    # What this session has may be older than what another device put there.
    known = Bundle.open(record.bundle, name, record.id, old_keys)
    inner = known.reseal_inner(name, old_keys, new_keys)
    sealed = replace(known, inner=inner).seal(name, new_keys)
    following = SignInRecord(
        name, session.id, new_keys.sign_in.verify_key, parameters, sealed, record.seq + 1
    )
    line = HomeLine(
        around.network, [home], HybridProver(Role.SIGN_IN, name.encode(), old_keys.sign_in)
    )
    await _replace(line, ReplaceSignIn(name, following.encoded))
    await _check_replaced(session, following, new_keys)
    session.bundle = replace(session.bundle, inner=inner)


async def _replace(line: HomeLine, request: ReplaceSignIn) -> None:
    async def ask(connected: Connected) -> None:
        await connected.doors.accounts.replace_sign_in(request)

    try:
        await line.call(ask, repeat=False)
    finally:
        await line.aclose()


async def _check_replaced(session: Session, following: SignInRecord, keys: PasswordKeys) -> None:
    """Return if the home hands over the new record to who shows the new key; raises Stale.

    That it forgot the old one cannot be shown by anybody.
    """
    name, home = session.name, session.whereabouts.home
    prover = HybridProver(Role.SIGN_IN, name.encode(), keys.sign_in)
    line = HomeLine(session.around.network, [home], prover)

    async def ask(connected: Connected) -> bytes:
        return (await connected.doors.accounts.sign_in(SignIn(name))).record

    try:
        if await line.call(ask) == following.encoded:
            return
    except WrongPassword:
        pass
    finally:
        await line.aclose()
    raise Stale("the home said that it took the new password, and does not know it", _OLD_HOLDS)


_OLD_HOLDS: Final = "sign in with the old one, and ask whoever runs the home"
