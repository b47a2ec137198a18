"""An account in a file: export and import."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final

from client.archive.exporting import Export, Exported, Tell
from client.archive.importing import Archive, Shown, brought
from client.identity.account import account
from client.identity.attempt import Attempt
from client.identity.device_secret import DeviceSecret
from client.identity.password import STANDARD
from client.moving.house import Wish
from crypto.secret import random_bytes
from formats.errors import BadBlock, Damaged, Expired, Forged, Malformed, Unfit, Usage
from formats.handle import handle
from formats.paper import to_letters
from formats.whereabouts import Home
from frontends.api.around import surroundings
from frontends.api.handed import find, forget
from frontends.api.homes import parse_at
from frontends.api.moving import arrived, prove_where_it_is, show_step, shown
from frontends.api.network import own_home, own_invite
from frontends.api.proving import go_on
from frontends.api.reply import Json, Reply
from frontends.api.shapes import LocalPath, check_absolute
from frontends.api.state import State

SPARE: Final = 2
"""How many times the size of the file an account that comes to this node may have."""


@dataclass(frozen=True, slots=True)
class Exporting:
    """``path``: an absolute local path; empty: ``export/pour`` gives the bytes."""

    path: LocalPath
    password: str


@dataclass(frozen=True, slots=True)
class Poured:
    """The word that ``export`` answered."""

    ready: str


@dataclass(frozen=True, slots=True)
class Importing:
    """``path``: an absolute local path; or ``file``: the word that ``import/take`` answered.

    ``password``: that the account had when it was written.

    ``check``: only read and verify it. ``to``: an invite, the address of an open node, or ``here``.
    ``name``: of the account there, where it cannot be the same. ``device_secret``: its words,
    where the account had one. ``without_old_home``: go on from the file though the home answers.
    ``accept``: the code of what the file lacks, as it was shown. ``stay``: stay signed in.
    """

    password: str
    path: LocalPath = ""
    file: str = ""
    check: bool = False
    to: str = "here"
    name: str | None = None
    device_secret: str | None = None
    without_old_home: bool = False
    accept: str | None = None
    stay: bool = False


async def export(state: State, asked: Exporting, reply: Reply) -> Json:
    """All of your account into one sealed file; what was cut off is gone on with."""
    session = state.session
    if asked.path:
        check_absolute(asked.path)
    total = (await account(session)).usage.used

    async def then(attempt: Attempt, reply: Reply) -> Json:
        made = Export(session, attempt)
        if not asked.path:
            word = to_letters(random_bytes(12))
            state.exports.clear()  # one waits, and no longer than its person is signed in
            state.exports[word] = made
            return {"ready": word}
        tell = partial(show_export, reply, total)
        return _told(await made.into_file(asked.path, tell))

    return await go_on(state, await prove_where_it_is(session, asked.password), then, reply)


async def pour(state: State, asked: Poured, reply: Reply) -> Json:
    """The bytes of the file, once."""
    async with aclosing(pouring(state, asked.ready)) as pieces:
        async for data in pieces:
            await reply.data(data)
    return {}


def pouring(
    state: State, ready: str, tell: Tell = lambda _blocks, _bytes: None
) -> AsyncGenerator[bytes, None]:
    """The bytes of the file, which waits for nobody from here on. Raises Expired."""
    check_ready(state, ready)
    return state.exports.pop(ready).pieces(tell)


def check_ready(state: State, ready: str) -> None:
    """Return if an export of that word waits, of who is signed in; raises Expired."""
    made = state.exports.get(ready)
    if made is None or made.session is not state.session:
        raise Expired("that export is over", hint="begin again")


async def bring(state: State, asked: Importing, reply: Reply) -> Json:
    """An account out of a file to a node, which becomes its home; or only check the file."""
    if bool(asked.path) == bool(asked.file):
        raise Usage("name the file: by its path, or by the word for one that was handed in")
    if asked.path:
        check_absolute(asked.path)
        return await _of_file(state, asked, asked.path, reply)
    path = find(state.place, asked.file)
    try:
        done = await _of_file(state, asked, path, reply)
    except (BadBlock, Damaged, Forged, Malformed):
        forget(path)  # another copy may be whole
        raise
    if done.get("moved") is True:
        forget(path)
    return done


async def _of_file(state: State, asked: Importing, path: str, reply: Reply) -> dict[str, Json]:
    device = DeviceSecret.read(asked.device_secret) if asked.device_secret else None
    with Archive.opened(path) as archive:
        await archive.unlock(asked.password, STANDARD.floor, device)
        if asked.check:
            return await _checked(archive, reply)
        return await _bring(state, asked, archive, reply)


async def _checked(archive: Archive, reply: Reply) -> dict[str, Json]:
    done = await archive.check(partial(show_step, reply, archive.size))
    manifest = done.manifest
    return {
        "handle": handle(manifest.whereabouts.name, manifest.chain.id),
        "made": manifest.made,
        "spaces": len(manifest.spaces),
        "blocks": done.blocks,
        "bytes": done.bytes,
    }


async def _bring(state: State, asked: Importing, archive: Archive, reply: Reply) -> dict[str, Json]:
    manifest = await archive.manifest()
    if manifest.chain.id in state.people:
        raise Unfit(
            "you are signed in to this account here",
            hint="'holdfast logout' first; to move it to another node: 'holdfast move'",
        )
    await state.listening.wait()
    name = asked.name or manifest.whereabouts.name
    to, invite = await _target(state, asked.to, archive.size)
    tell = partial(show_step, reply, archive.size)
    async with state.signing:
        found = await brought(
            surroundings(state),
            archive,
            Wish(to, invite, name),
            asked.accept,
            tell,
            asked.without_old_home,
        )
        if isinstance(found, Shown):
            return shown(found.lacks)
        return {"moved": True, **await arrived(state, found, asked.stay)}


async def _target(state: State, to: str, size: int) -> tuple[Home, bytes | None]:
    """The node meant, and an invite's code. Whoever runs this node has room on it for the file."""
    if to.strip() != "here":
        return parse_at(to)
    node = await state.node.wait()
    quota = max(node.config.default_quota, SPARE * size)
    return await own_home(state), await own_invite(state, quota)


def show_export(reply: Reply, total: int, blocks: int, read: int) -> None:
    """How far an export is: blocks, and bytes that were read of about so many."""
    reply.progress({"step": "exporting", "files": blocks, "bytes": read, "total_bytes": total})


def _told(done: Exported) -> Json:
    return {"made": done.made, "spaces": done.spaces, "blocks": done.blocks, "bytes": done.bytes}
