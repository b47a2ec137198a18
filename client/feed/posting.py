"""Posts of one's own: written, changed, taken away.

Each is one commit, in which the post, the list of the newest and the notes to tell everybody
change together. Files beside a post go up before it: cut off there, nobody is shown anything.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import trio

from client.drive.copying import cp
from client.drive.drive import Drive
from client.drive.edit import TreeEdit
from client.drive.folder import FolderEdit
from client.drive.listing import ls
from client.drive.resolve import resolve
from client.drive.target import home_edit
from client.drive.trash import to_trash
from client.drive.upload import upload
from client.feed.channels import ANSWERS, FOLDER, MAX_A_MONTH, Channel, channel_for
from client.feed.files import write_file
from client.feed.items import ITEM, MAX_MEDIA, MAX_POST, Head, Medium, Post, check_text
from client.feed.names import month_of, read_stem, stem
from client.feed.posts import Own, OwnPosts
from client.session import Session
from client.sharing.circles.telling import tell
from client.sharing.jobs import commit_settled
from client.social.store import System
from client.space.reading import Changing
from crypto.secret import random_bytes
from formats.errors import TooMany, Usage

MAX_SUFFIX: Final = 16
"""Letters of the ending of a file's name that its name beside a post keeps."""


async def post(
    session: Session,
    drive: Drive,
    text: str,
    who: Sequence[str],
    files: Sequence[str] = (),
    copies: Sequence[str] = (),
    and_tell: bool = True,
) -> Post:
    """Write a post for contacts and circles.

    ``files``: absolute local paths to go with it; ``copies``: files of the drive, which stay where
    they are. With ``and_tell`` they are told before this returns, as far as their homes are there.
    Raises Malformed, TooLarge, TooMany, NotFound, Usage (for nobody), Unfit (blocked).
    """
    now = session.around.now()
    new = Post(random_bytes(ITEM), now, check_text(text, MAX_POST))
    count = len(files) + len(copies)
    if count > MAX_MEDIA:
        raise TooMany(f"{count} files, at most {MAX_MEDIA} go with a post")
    if count:
        new = replace(new, media=await _with_files(session, drive, new, who, files, copies))

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        channel = await channel_for(system, who)
        await _write(channel, new)
        index = await channel.index()
        await channel.write_index(index.with_post(Head.of(new)))
        await channel.tell()
        await system.flush()

    await commit_settled(session, operation)
    if and_tell:
        await tell(session)
    return new


async def edit(session: Session, id: bytes, text: str, and_tell: bool = True) -> Post:
    """Give a post another text; what it said stays with it. Raises NotFound, TooLarge."""
    check_text(text, MAX_POST)

    async def operation(changing: Changing) -> Post:
        system = System(session, changing)
        own = await (await OwnPosts.of(system)).need(id)
        changed = (await own.read()).changed(text, system.now)
        await _write(own.channel, changed)
        index = await own.channel.index()
        old = index.post(id) or Head.of(changed)
        head = Head.of(changed, old.comments, old.reactions, old.answers)
        await own.channel.write_index(index.with_post(head))
        await own.channel.tell()
        await system.flush()
        return changed

    changed = await commit_settled(session, operation)
    if and_tell:
        await tell(session)
    return changed


async def delete(session: Session, drive: Drive, id: bytes, and_tell: bool = True) -> None:
    """Take a post away, with the files beside it and what others answered: it goes to the trash.

    From this commit on nobody else is served any of it. Raises NotFound.
    """

    async def operation(changing: Changing) -> None:
        edit = home_edit(drive, changing)
        system = System(session, changing, edit)
        own = await (await OwnPosts.of(system)).need(id)
        above = await edit.chain((FOLDER, own.channel.entry.name, month_of(_time(own))))
        for each in (await own.month.listing()).entries:
            if each.name.startswith(own.entry.name):  # the post, and the files beside it
                await _trash(drive, edit, above, each.name)
        await _trash(drive, edit, above[:-1], ANSWERS + id.hex())
        await own.channel.write_index((await own.channel.index()).without_post(id))
        await own.channel.tell()
        await edit.flush()

    await commit_settled(session, operation)
    if and_tell:
        await tell(session)


def _time(own: Own) -> int:
    named = read_stem(own.entry.name)
    return 0 if named is None else named[0]


async def _write(channel: Channel, new: Post) -> None:
    month = await channel.month(month_of(new.time), make=True)
    assert month is not None, "it was made"  # for the type checker
    name = stem(new.time, new.id)
    if await month.get(name) is None and len((await month.listing()).entries) >= MAX_A_MONTH:
        raise TooMany(
            f"there are {MAX_A_MONTH} posts and files of this month, which is the most",
            hint="share a folder instead",
        )
    await write_file(channel.edit, month, name, new.encoded, channel.system.now)


async def _trash(drive: Drive, edit: TreeEdit, above: Sequence[FolderEdit], name: str) -> None:
    """Move a name to the trash; one that is not there is passed over."""
    parent = above[-1]
    entry = await parent.get(name)
    if entry is None:
        return
    parts = (*(each.what.rpartition("/")[2] for each in above[1:]), name)
    await to_trash(drive, edit, entry, parts, [each.node.header.id for each in above])
    await parent.remove(name)


async def _with_files(
    session: Session,
    drive: Drive,
    new: Post,
    who: Sequence[str],
    files: Sequence[str],
    copies: Sequence[str],
) -> tuple[Medium, ...]:
    """Put files beside a post that is still to be written."""

    async def operation(changing: Changing) -> str:
        system = System(session, changing)
        channel = await channel_for(system, who)
        await channel.month(month_of(new.time), make=True)
        await system.flush()
        return channel.entry.name

    for path in files:
        if not path.startswith("/") or not await trio.Path(path).is_file():
            raise _no_file(path)
    for path in copies:
        if (await resolve(drive, drive.path(path))).is_folder:
            raise _no_file(path)
    folder = f"{FOLDER}/{await commit_settled(session, operation)}/{month_of(new.time)}"
    sources = [*files, *copies]
    names = [_name(new, at, path) for at, path in enumerate(sources, 1)]
    for at, (name, path) in enumerate(zip(names, sources, strict=True)):
        if at < len(files):
            await upload(drive, [path], f"{folder}/{name}")
        else:
            await cp(drive, [path], f"{folder}/{name}")
    there = {each.name: each for each in (await ls(drive, folder)).entries}
    return tuple(
        Medium(name, os.path.basename(path), there[name].size, there[name].type)
        for name, path in zip(names, sources, strict=True)
    )


def _no_file(path: str) -> Usage:
    return Usage(f"{path}: not a file", hint="folders are shared with 'holdfast share'")


def _name(new: Post, at: int, path: str) -> str:
    suffix = os.path.splitext(path)[1]
    fits = len(suffix) <= MAX_SUFFIX and suffix[1:].isascii() and suffix[1:].isalnum()
    return f"{stem(new.time, new.id)}-{at}{suffix.lower() if fits else ''}"
