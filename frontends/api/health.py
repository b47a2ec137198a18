"""What ``holdfast doctor`` and ``status`` ask of the person's side: home, inbox, alarms.

Imported only when somebody is signed in.
"""

from base64 import b64encode
from typing import Final

import trio

from client.drive.damage import LostLabels, damaged
from client.drive.drive import Drive
from client.drive.resolve import resolve
from client.identity.account import account
from client.mending import Mended, mend, mend_space
from client.session import Session
from client.sharing.apart import own_space
from client.sharing.mounts import shared_spaces
from client.social import forks
from client.social.inbox import set_aside
from client.social.store import look as look_social
from client.space.setting_back import Verdict, look
from formats.errors import Forged, Forked, HoldfastError, Stale
from frontends.api.account import standing
from frontends.api.reply import Json, Reply
from frontends.api.state import Noted, State
from frontends.checks import BAD, GOOD, WARNING, Check

PATIENCE: Final = 5.0
"""Seconds for each question to the home."""

MOST_PATHS: Final = 20
"""Damaged paths that are named."""

AT_ONCE: Final = 1.0
"""Seconds that ``status`` waits for a home."""


async def check_person(session: Session, drive: Drive, errors: list[Noted]) -> list[Check]:
    """The home answers, the inbox is in order, and nobody showed two histories."""
    home = await _home(session)
    checks = [home, await _inbox(session), await check_histories(session, errors)]
    if home.state == GOOD:
        checks += [await check_restored(session), await check_files(session, drive)]
    return checks


async def at_home(session: Session) -> dict[str, Json]:
    """Bytes used, the limit, and notices; nothing when the home does not say at once."""
    try:
        with trio.fail_after(AT_ONCE):
            return standing(await account(session))
    except (HoldfastError, trio.TooSlowError):
        return {"usage": None, "notices": []}


async def check_restored(session: Session) -> Check:
    """The home has what was seen of it, or something newer."""
    try:
        situation = await look(session.space.view)
    except HoldfastError as error:
        return Check("state", WARNING, error.message, error.advice)
    if situation.verdict is Verdict.FITS:
        at = situation.home.pointer.seq
        return Check("state", GOOD, f"your home has all that was seen of it, up to change {at}")
    seen = 0 if situation.seen is None else situation.seen.seq
    at = situation.home.pointer.seq
    said = (
        f"your home has change {at}, and {seen} was seen here: it went back, or shows another line"
    )
    return Check("state", BAD, said, "'holdfast restored' shows what it has and what to do")


async def check_files(session: Session, drive: Drive) -> Check:
    """Nothing is lost at the home; what is and was kept here is handed in first."""
    try:
        done, paths = await _mended(session, drive)
    except HoldfastError as error:
        return Check("files", WARNING, error.message, error.advice)
    if not done.left:
        given = f"; {done.given} lost pieces were given back to it" if done.given else ""
        return Check("files", GOOD, f"your home found nothing lost{given}")
    shown = ", ".join(paths[:MOST_PATHS]) or "none of the files that are there now"
    more = f" and {len(paths) - MOST_PATHS} more" if len(paths) > MOST_PATHS else ""
    said = f"your home lost {len(done.left)} pieces that nobody has kept; damaged: {shown}{more}"
    return Check("files", BAD, said, _DAMAGED)


async def _mended(session: Session, drive: Drive) -> tuple[Mended, list[str]]:
    """What came of it in each space of one's own, and the paths that are damaged for all that."""
    done = await mend(session)
    paths = await _damaged(drive, "", done)
    for id, path in (await shared_spaces(session)).items():
        kept = (await own_space(session, id)).view.kept
        its = await mend_space(session, id, kept)
        paths += await _damaged(drive, path, its)
        done = Mended(done.given + its.given, done.left + its.left)
    return done, paths


async def _damaged(drive: Drive, path: str, done: Mended) -> list[str]:
    if not done.left:
        return []
    labels = tuple((each.label, each.bits) for each in done.left if each.label is not None)
    return await damaged(await resolve(drive, drive.path(path)), LostLabels(labels))


_DAMAGED: Final = (
    "put those again that you have elsewhere; whoever runs your home may have a backup "
    "('holdfast node repair --from')"
)


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


async def proofs(session: Session) -> list[Json]:
    """Proofs that a home showed two histories, each as a file would hold it, in base64."""
    try:
        kept = await forks.kept(await look_social(session))
    except HoldfastError:
        return []  # ``histories`` says why
    return [
        {
            "whose": each.whose or session.name,
            "by": each.by,
            "time": each.time,
            "seen": each.seen,
            "proof": b64encode(each.proof).decode(),
        }
        for each in kept
    ]


async def acknowledge(state: State, _asked: object, _reply: Reply) -> Json:
    """The person has seen the proofs that are kept: they stay. How many were new."""
    return {"seen": await forks.acknowledge(state.session)}


async def check_histories(session: Session, errors: list[Noted]) -> Check:
    """No home showed two histories: by what is proven, and by what went wrong lately."""
    try:
        kept = await forks.kept(await look_social(session))
    except HoldfastError as error:
        return Check("histories", WARNING, error.message, error.advice)
    new = [each for each in kept if each.seen is None]
    if new:
        newest = new[-1]
        home = f"{newest.whose}'s home" if newest.whose else "your home"
        said = f"{home} showed one history here, and another one to {newest.by}: it is proven"
        return Check("histories", BAD, said, _PROVEN)
    since = max((each.seen or 0 for each in kept), default=0)
    alarms = [
        each.error
        for each in errors
        if each.time >= since and isinstance(each.error, Forked | Forged | Stale)
    ]
    if alarms:
        return Check("histories", BAD, alarms[-1].message, alarms[-1].advice)
    if kept:
        return Check("histories", GOOD, f"no new ones; proofs that you have seen: {len(kept)}")
    return Check("histories", GOOD, "no home showed an older or another history")


_PROVEN: Final = (
    "ask who runs it whether it was restored from a backup; if not, move away from it. "
    "'holdfast doctor --save-proof FILE' keeps what anybody can check; when you have dealt with "
    "it, 'holdfast doctor --acknowledge'"
)
