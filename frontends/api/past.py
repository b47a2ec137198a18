"""What was: versions, restoring them, snapshots, giving up old versions."""

from contextlib import aclosing
from dataclasses import dataclass

from client.drive.asof import Name, Number, Time, When, check_snapshot, drive_at
from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.log import Logged
from client.drive.log import log as all_changes
from client.drive.versions import Version, restore_version
from client.drive.versions import versions as all_versions
from client.identity.device_notes import names
from client.sharing.whose import members
from client.space.past import ALWAYS
from formats.errors import NotFound, Usage
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.api.telling import NS_A_MS, Transfer, summed


@dataclass(frozen=True, slots=True)
class Versions:
    """A file."""

    path: str


@dataclass(frozen=True, slots=True)
class GoingBack:
    """``at``: a state (``"57"``), a time (``"@"`` and milliseconds), or a snapshot's name."""

    path: str
    at: str
    each: bool = False


@dataclass(frozen=True, slots=True)
class Looking:
    """A file or folder; the home without. ``limit``: so many states at most."""

    path: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A name for the state that is; the date without."""

    name: str


@dataclass(frozen=True, slots=True)
class Forgetting:
    """``before``: what was superseded before that time, in milliseconds; all without."""

    before: int | None = None


def parse_when(text: str) -> When:
    """Which state is meant; raises Usage."""
    if text.isascii() and text.isdecimal() and len(text) < 17:
        return Number(int(text))
    if text.startswith("@"):
        if not (text[1:].isascii() and text[1:].isdecimal()) or len(text) > 17:
            raise Usage("at: not '@' and milliseconds since 1970")
        return Time(int(text[1:]))
    return Name(text)


async def as_of(state: State, at: str | None, path: str = "") -> Drive:
    """The drive, as it is or as it was; where the path leads into another space, that one."""
    if at is None:
        return state.drive
    return await drive_at(await inside(state.drive, path), parse_when(at))


async def versions(state: State, asked: Versions, reply: Reply) -> Json:
    """The versions of a file that are kept, the newest first."""
    found = await all_versions(state.drive, asked.path)
    whose = await members(state.session, state.drive, asked.path)
    called = await names(state.session)
    await reply.events("version", [_version(each, whose, called) for each in found])
    return {}


async def restore(state: State, asked: GoingBack, reply: Reply) -> Json:
    """Have a file or folder as it was, as a new version on top of what is there."""
    told = Transfer(reply, asked.each)
    when = parse_when(asked.at)
    return summed(await restore_version(state.drive, asked.path, when, told))


async def log(state: State, asked: Looking, reply: Reply) -> Json:
    """What changed, when, by which member and device; the newest first."""
    left, whose = asked.limit, await members(state.session, state.drive, asked.path)
    called = await names(state.session)
    async with aclosing(all_changes(state.drive, asked.path)) as found:
        async for each in found:
            if left == 0:
                break
            left = None if left is None else left - 1
            await reply.event("state", _logged(each, whose, called))
    return {}


async def snapshot(state: State, asked: Snapshot, _reply: Reply) -> Json:
    """Keep the state that is, under a name, until it is deleted."""
    name, past = check_snapshot(asked.name), state.drive.past
    if any(pin.name == name for pin in await past.pins()):
        raise Usage(f"there is a snapshot '{name}'", hint="choose another name, or delete it")
    newest = (await past.states())[0]
    await past.pin(newest.seq, name)
    return {"name": name, "state": newest.seq, "made": newest.made}


async def snapshots(state: State, _asked: object, reply: Reply) -> Json:
    """The snapshots there are, the newest first."""
    pins = await state.drive.past.pins()
    shown: list[Json] = [{"state": pin.seq, "name": pin.name, "pinned": pin.made} for pin in pins]
    await reply.events("snapshot", shown)
    return {}


async def delete_snapshot(state: State, asked: Snapshot, _reply: Reply) -> Json:
    """Keep it no longer than other states; by its name, or by the number of its state."""
    past = state.drive.past
    for pin in await past.pins():
        if asked.name in (pin.name, str(pin.seq)):
            await past.unpin(pin.seq)
            return {"name": pin.name, "state": pin.seq}
    raise NotFound(f"there is no snapshot '{asked.name}'")


async def forget(state: State, asked: Forgetting, _reply: Reply) -> Json:
    """Give up old versions now: of everything, but not what snapshots keep."""
    before = ALWAYS if asked.before is None else asked.before
    count = await state.drive.past.let_go(before)
    weight = await state.drive.past.weigh()
    return {"count": count, "states": weight.states, "bytes": weight.bytes}


def _logged(logged: Logged, whose: dict[bytes, str], called: dict[bytes, str]) -> Json:
    changes: list[Json] = [
        {
            "what": str(change.what),
            "path": str(change.path),
            "kind": str(change.kind),
            "size": change.size,
            "from": None if change.source is None else str(change.source),
        }
        for change in logged.changes
    ]
    return {
        "state": logged.seq,
        "made": logged.made,
        "member": logged.member.hex(),
        "who": whose.get(logged.member),
        "device": called.get(logged.member, logged.device),
        "states": logged.states,
        "changes": changes,
    }


def _version(version: Version, whose: dict[bytes, str], called: dict[bytes, str]) -> Json:
    return {
        "state": version.seq,
        "since": version.since,
        "until": version.until,
        "size": version.size,
        "modified": version.modified // NS_A_MS,
        "executable": version.executable,
        "who": whose.get(version.member),
        "device": called.get(version.member),
    }
