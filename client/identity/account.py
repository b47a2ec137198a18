"""What a signed-in person does with the account: usage, retention, a new password."""

from dataclasses import replace

import trio

from client.home import Connected, HomeLine, HybridProver
from client.identity.login import fetch_record
from client.identity.password import password_keys
from client.identity.strength import check_new_password
from client.session import Session
from formats.sign_in import SignInRecord
from formats.statement import Role
from protocols.accounts import Account, AskAccount, Keep, ReplaceSignIn


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
    ``weak`` ones are wanted, Conflict when another device changed it at the same time.
    """
    around, home, name = session.around, session.whereabouts.home, session.name
    await trio.to_thread.run_sync(check_new_password, new, (name,), weak)
    record, old_keys = await fetch_record(around, home, name, old)
    parameters = around.hardness.parameters()
    new_keys = await password_keys(new, parameters, around.hardness.floor)
    inner = session.bundle.reseal_inner(name, old_keys, new_keys)
    bundle = replace(session.bundle, inner=inner)
    sealed = bundle.seal(name, new_keys)
    following = SignInRecord(
        name, session.id, new_keys.sign_in.verify_key, parameters, sealed, record.seq + 1
    )
    line = HomeLine(
        around.network, [home], HybridProver(Role.SIGN_IN, name.encode(), old_keys.sign_in)
    )
    await _replace(line, ReplaceSignIn(name, following.encoded))
    session.bundle = bundle


async def _replace(line: HomeLine, request: ReplaceSignIn) -> None:
    async def ask(connected: Connected) -> None:
        await connected.doors.accounts.replace_sign_in(request)

    try:
        await line.call(ask, repeat=False)
    finally:
        await line.aclose()
