"""What ``holdfast doctor`` and ``status`` ask of the person's side: home, inbox, alarms.

Imported only when somebody is signed in.
"""

from typing import Final

import trio

from client.identity.account import account
from client.session import Session
from client.social.inbox import set_aside
from formats.errors import Forged, Forked, HoldfastError, Stale
from frontends.api.account import standing
from frontends.api.reply import Json
from frontends.api.state import Noted
from frontends.checks import BAD, GOOD, WARNING, Check

PATIENCE: Final = 5.0
"""Seconds for each question to the home."""

AT_ONCE: Final = 1.0
"""Seconds that ``status`` waits for a home."""


async def check_person(session: Session, errors: list[Noted]) -> list[Check]:
    """The home answers, the inbox is in order, and nobody showed two histories."""
    return [await _home(session), await _inbox(session), _alarms(errors)]


async def at_home(session: Session) -> dict[str, Json]:
    """Bytes used, the limit, and notices; nothing when the home does not say at once."""
    try:
        with trio.fail_after(AT_ONCE):
            return standing(await account(session))
    except (HoldfastError, trio.TooSlowError):
        return {"usage": None, "notices": []}


async def _home(session: Session) -> Check:
    try:
        with trio.fail_after(PATIENCE):
            await account(session)
    except HoldfastError as error:
        return Check("home", BAD, error.message, error.advice)
    except trio.TooSlowError:
        return Check("home", BAD, "your home does not answer in time", "look at its machine")
    return Check("home", GOOD, f"{session.name}'s home answers")


async def _inbox(session: Session) -> Check:
    try:
        with trio.fail_after(PATIENCE):
            aside = await set_aside(session)
    except HoldfastError as error:
        return Check("inbox", WARNING, error.message, error.advice)
    except trio.TooSlowError:
        return Check("inbox", WARNING, "your home does not answer in time", "look again later")
    if aside:
        newest = aside[-1][1]
        said = f"{len(aside)} messages were set aside, the newest because: {newest}"
        return Check("inbox", WARNING, said, "nothing is lost; ask your friends whether they wrote")
    return Check("inbox", GOOD, "no message had to be set aside")


def _alarms(errors: list[Noted]) -> Check:
    alarms = [each.error for each in errors if isinstance(each.error, Forked | Forged | Stale)]
    if alarms:
        return Check("histories", BAD, alarms[-1].message, alarms[-1].advice)
    return Check("histories", GOOD, "no home showed an older or another history")
