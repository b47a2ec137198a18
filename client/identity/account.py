"""What a signed-in person does with the account: usage, retention, what opens it."""

from dataclasses import replace
from typing import Final

import trio

from client.home import Connected, HomeLine
from client.identity.attempt import Attempt
from client.identity.bundle import Bundle
from client.identity.device_secret import DeviceSecret
from client.identity.password import PasswordKeys, password_keys
from client.identity.strength import check_new_password
from client.provers import HybridProver
from client.session import Session
from formats.errors import Stale, WrongPassword
from formats.sign_in import SignInRecord
from formats.statement import Role
from protocols.accounts import Account, AskAccount, Keep, ReplaceSignIn, SignIn, SignInAnswer


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

    Raises WrongPassword when ``old`` is not it, Usage for a weak ``new`` unless ``weak`` ones
    are wanted, Conflict when another device changed it at the same time, Stale when the home
    said that it took the new one and still answers with what was before. For an account
    without a second factor (else: ``prove``, then ``replace_password``).
    """
    attempt = await prove(session, old)
    try:
        await replace_password(session, attempt, new, weak)
    finally:
        await attempt.aclose()


async def prove(session: Session, password: str) -> Attempt:
    """Begin to show one's own home that one knows the password; raises WrongPassword."""
    return await Attempt.begin(session.around, session.whereabouts.home, session.name, password)


async def replace_password(
    session: Session, attempt: Attempt, new: str, weak: bool = False
) -> None:
    """The new password, once all that is asked was shown. The device secret stays."""
    await check_new(session, new, weak)
    await _seal_anew(session, attempt, new, attempt.device)


async def check_new(session: Session, new: str, weak: bool = False) -> None:
    """Return if this may become the account's password; raises Usage."""
    await trio.to_thread.run_sync(check_new_password, new, (session.name,), weak)


async def replace_device_secret(
    session: Session, attempt: Attempt, password: str, device: DeviceSecret | None
) -> None:
    """Another device secret, or none, beside the same password, which the attempt proved.

    It is remembered here before the home is asked: a lost answer loses no secret.
    """
    remembered, peer = session.around.remembered, attempt.home.peer
    if device is not None:
        remembered.keep_secret(session.name, peer, device)
    await _seal_anew(session, attempt, password, device)
    remembered.keep_secret(session.name, peer, device)


async def _seal_anew(
    session: Session, attempt: Attempt, password: str, device: DeviceSecret | None
) -> None:
    """Have the home keep the bundle under the keys of this password and device secret."""
    name, record, hardness = session.name, attempt.record, session.around.hardness
    parameters = hardness.parameters()
    keys = await password_keys(password, parameters, hardness.floor, device)
    # What this session has may be older than what another device put there.
    known = Bundle.open(record.bundle, name, record.id, attempt.keys)
    seen = max(known.whereabouts_seq, session.bundle.whereabouts_seq)
    inner = known.reseal_inner(name, attempt.keys, keys)
    bundle = replace(known, whereabouts_seq=seen, inner=inner)
    following = SignInRecord(
        name,
        session.id,
        keys.sign_in.verify_key,
        parameters,
        bundle.seal(name, keys),
        record.seq + 1,
    )
    request = ReplaceSignIn(name, following.encoded)

    async def ask(connected: Connected) -> None:
        await connected.doors.accounts.replace_sign_in(request)

    await attempt.line.call(ask, repeat=False)
    await _check_replaced(session, following, keys)
    session.bundle, session.record = replace(session.bundle, inner=inner), following


async def _check_replaced(session: Session, following: SignInRecord, keys: PasswordKeys) -> None:
    """Return if the home hands over the new record to who shows the new key; raises Stale.

    Where it asks for a second factor first, it knows the new key at least. That it forgot the
    old one cannot be shown by anybody.
    """
    name, home = session.name, session.whereabouts.home
    prover = HybridProver(Role.SIGN_IN, name.encode(), keys.sign_in)
    line = HomeLine(session.around.network, [home], prover)

    async def ask(connected: Connected) -> SignInAnswer:
        return await connected.doors.accounts.sign_in(SignIn(name))

    try:
        answer = await line.call(ask)
        if answer.record == following.encoded or answer.asked is not None:
            return
    except WrongPassword:
        pass
    finally:
        await line.aclose()
    raise Stale("the home said that it took the new password, and does not know it", _OLD_HOLDS)


_OLD_HOLDS: Final = "sign in with the old one, and ask whoever runs the home"
