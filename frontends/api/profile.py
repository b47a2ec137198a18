"""Profiles: show, set, share."""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

import trio

from client.sharing import profile as p
from client.sharing.profile import Shown
from client.sharing.profile_fields import MAX_PICTURE, PICTURE
from formats.errors import NotFound, Usage
from frontends.api.reply import Json, Reply
from frontends.api.shapes import LocalPath, check_absolute
from frontends.api.state import State
from frontends.api.telling import tell_problems


@dataclass(frozen=True, slots=True)
class Whose:
    """A contact; one's own profile without it."""

    who: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A field and its text; of a picture, base64, or in ``file`` its absolute local path."""

    field: str
    value: str = ""
    file: LocalPath = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """A field, and exactly which contacts and circles see it.

    ``nobody`` for none, ``public`` for everybody.
    """

    field: str
    who: tuple[str, ...]


async def show(state: State, asked: Whose, reply: Reply) -> Json:
    """What one says about oneself and to whom, or what a contact lets one see."""
    if asked.who is None:
        found = await p.profile(state.session, state.drive)
        await reply.events("field", [_shown(each) for each in found])
        return {}
    found, problems = await p.profile_of(state.session, state.drive, asked.who)
    await reply.events("field", [_shown(each) for each in found])
    await tell_problems(reply, problems)
    return {}


async def change(state: State, asked: Setting, _reply: Reply) -> Json:
    """Write a field of one's own profile; who sees it stays."""
    if asked.field != PICTURE:
        return _shown(await p.set_text(state.session, state.drive, asked.field, asked.value))
    if asked.file:
        data = await trio.to_thread.run_sync(_picture, asked.file)
    else:
        data = _decoded(asked.value)
    return _shown(await p.set_picture(state.session, state.drive, data))


async def share(state: State, asked: Audience, _reply: Reply) -> Json:
    """Say who sees a field; who does not any more is refused at once."""
    return _shown(await p.share_field(state.session, state.drive, asked.field, asked.who))


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Usage("value: a picture is sent as base64") from None


def _picture(path: str) -> bytes:
    check_absolute(path)
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_PICTURE + 1)
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}") from error


def _shown(shown: Shown) -> dict[str, Json]:
    return {"field": shown.field, "value": shown.value, "seen_by": list(shown.seen_by)}
