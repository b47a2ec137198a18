"""Second factors, and the device secret: factors, factors/…, device-secret/…."""

from base64 import b32decode, b32encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from client.identity import factors as verbs
from client.identity.account import prove, replace_device_secret
from client.identity.attempt import Attempt
from client.identity.device_secret import DeviceSecret
from client.identity.factors import Standing
from crypto.secret import Secret, random_secret
from formats.errors import NotFound, Usage
from formats.factors import SECRET
from formats.paper import from_letters, to_letters
from frontends.api.accounts import keep_entry
from frontends.api.proving import go_on, keep, take
from frontends.api.reply import Json, Reply
from frontends.api.state import State

ISSUER: Final = "Holdfast"


@dataclass(frozen=True, slots=True)
class AddingApp:
    """``secret``: in base32, as ``factors/secret`` gave it; ``code``: what the app shows by now."""

    name: str
    secret: str
    code: str
    password: str


@dataclass(frozen=True, slots=True)
class AddingKey:
    """What the key is to be called."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class AddedKey:
    """What the key answered to the challenge of that attempt, in base64url."""

    attempt: str
    client_data: str
    said: str


@dataclass(frozen=True, slots=True)
class WithPassword:
    """What only who knows the password may do."""

    password: str


@dataclass(frozen=True, slots=True)
class Removing:
    """The factor of that number."""

    number: int
    password: str


async def factors(state: State) -> Json:
    """Which second factors the account has."""
    return _said(await verbs.factors(state.session))


async def secret(state: State) -> Json:
    """A fresh secret for an authenticator app, and the address that apps read as a QR code."""
    drawn = b32encode(random_secret(SECRET).reveal()).decode("ascii")
    label = quote(f"{ISSUER}:{state.session.name}")
    return {"secret": drawn, "uri": f"otpauth://totp/{label}?secret={drawn}&issuer={ISSUER}"}


async def add_app(state: State, asked: AddingApp, reply: Reply) -> Json:
    """Have an authenticator app as a second factor."""
    session, drawn = state.session, _from_base32(asked.secret)

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        return _said(await verbs.add_app(session, attempt, asked.name, drawn, asked.code))

    return await go_on(state, await prove(session, asked.password), then, reply)


async def begin_key(state: State, asked: AddingKey, reply: Reply) -> Json:
    """Begin to add a security key: what it is to sign. ``factors/key`` goes on with its answer."""
    session = state.session

    async def begun(attempt: Attempt, _reply: Reply) -> Json:
        """Waits with the connection that the challenge is of."""
        challenge = to_letters(await attempt.challenge_to_add())
        word = keep(state, attempt, asked.name)
        return {"attempt": word, "challenge": challenge, "account": session.name}

    attempt = await prove(session, asked.password)
    return await go_on(state, attempt, begun, reply, close=False)


async def add_key(state: State, asked: AddedKey, _reply: Reply) -> Json:
    """Have a security key as a second factor, by what it answered."""
    session, waiting = state.session, take(state, asked.attempt)
    client_data, said = from_letters(asked.client_data), from_letters(asked.said)
    try:
        return _said(
            await verbs.add_key(session, waiting.attempt, waiting.label, client_data, said)
        )
    finally:
        await waiting.attempt.aclose()


async def backups(state: State, asked: WithPassword, reply: Reply) -> Json:
    """Make ten new backup codes; the ones until now are worth nothing."""
    session = state.session

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        return {"codes": list(await verbs.new_backups(session, attempt))}

    return await go_on(state, await prove(session, asked.password), then, reply)


async def remove(state: State, asked: Removing, reply: Reply) -> Json:
    """Have that factor no more."""
    session = state.session

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        return _said(await verbs.remove(session, attempt, asked.number))

    return await go_on(state, await prove(session, asked.password), then, reply)


async def device_secret(state: State) -> Json:
    """The words of the device secret, if the account has one."""
    session = state.session
    found = session.around.remembered.find(session.name, session.whereabouts.home.peer).secret
    if found is None:
        raise NotFound("the account has no device secret", hint="'holdfast device-secret on'")
    return {"words": found.words}


async def device_secret_on(state: State, asked: WithPassword, reply: Reply) -> Json:
    """Have a new device secret, from now on; says its words."""
    return await _device_secret(state, asked.password, DeviceSecret.generate(), reply)


async def device_secret_off(state: State, asked: WithPassword, reply: Reply) -> Json:
    """Have no device secret from now on: the password alone is enough everywhere."""
    return await _device_secret(state, asked.password, None, reply)


async def _device_secret(
    state: State, password: str, device: DeviceSecret | None, reply: Reply
) -> Json:
    session = state.session

    async def then(attempt: Attempt, _reply: Reply) -> Json:
        async with state.signing:
            await replace_device_secret(session, attempt, password, device)
            await keep_entry(state, session, session.whereabouts.home)
        return {"words": None if device is None else device.words}

    return await go_on(state, await prove(session, password), then, reply)


def _said(standing: Standing) -> Json:
    listed: list[Json] = [
        {
            "number": each.number,
            "kind": each.kind,
            "name": each.name,
            "added": each.added,
            "used": each.used,
        }
        for each in standing.factors
    ]
    wrong: dict[str, Json] = {"wrong": standing.wrong, "since": standing.since}
    return {"factors": listed, "backups": standing.backups, **wrong}


def _from_base32(text: str) -> Secret:
    try:
        drawn = b32decode(text, casefold=True)
    except ValueError:
        raise Usage("that secret is not base32", hint="take the one of factors/secret") from None
    if len(drawn) != SECRET:
        raise Usage(f"that secret has {len(drawn)} bytes, not {SECRET}")
    return Secret(drawn)
