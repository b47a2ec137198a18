"""Profiles: what I say about myself, and to whom; what others say to me.

Each field is an ordinary file, ``.profile/<field>`` in the home, shared (or not) like any file
with contacts and circles, under the share name ``.profile.<field>``. So who sees which field is
what ``access`` says, and taking back, versions and quota just work. What others write is read
within limits, and said to be of no use where it goes beyond them.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from client.drive.change import mkdir
from client.drive.drive import Drive
from client.drive.pouring import pour_in
from client.drive.reader import stream
from client.drive.resolve import open_path
from client.session import Session
from client.sharing import access
from client.sharing.circles.share import is_circle, share_with_circle, unshare_with_circle
from client.sharing.place import Place
from client.sharing.profile_fields import (
    FIELDS,
    PICTURE,
    TEXTS,
    check_field,
    check_picture,
    check_text,
    size_limit,
)
from client.sharing.share import share, unshare
from client.social import circles, contacts
from client.social.store import look
from formats.errors import Denied, HoldfastError, Malformed, NotFound, TooLarge, Usage

FOLDER: Final = ".profile"
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Shown:
    """One field. ``value``: its text; of a picture the path. ``seen_by``: circles and contacts."""

    field: str
    value: str
    seen_by: tuple[str, ...] = ()


async def profile(session: Session, drive: Drive) -> list[Shown]:
    """My own, and who sees which field of it."""
    found = [await _read(drive, field, _own(session, field)) for field in FIELDS]
    return [
        Shown(each.field, each.value, await _seen_by(session, each.field))
        for each in found
        if each is not None
    ]


async def profile_of(
    session: Session, drive: Drive, person: str
) -> tuple[list[Shown], list[HoldfastError]]:
    """What a contact lets me see of theirs; what of it is of no use, and why. Raises NotFound."""
    person = (await contacts.contact(session, person)).name
    found: list[Shown] = []
    problems: list[HoldfastError] = []
    for field in FIELDS:
        try:
            shown = await _read(drive, field, f"/{person}/{_share_name(field)}")
        except (Malformed, TooLarge) as error:
            problems.append(error)
            continue
        if shown is not None:
            found.append(shown)
    return found, problems


async def set_text(session: Session, drive: Drive, field: str, value: str) -> Shown:
    """Write a field of text; who sees it stays. Raises Usage, Malformed, TooLarge."""
    if field not in TEXTS:
        raise Usage(f"'{field}' is no field of text", hint=f"there are: {', '.join(TEXTS)}")
    value = check_text(field, value)
    await _write(drive, field, value.encode())
    return Shown(field, value, await _seen_by(session, field))


async def set_picture(session: Session, drive: Drive, data: bytes) -> Shown:
    """Write the picture: PNG, JPEG or WebP, at most 1 MiB. Raises Malformed, TooLarge."""
    check_picture(data)
    await _write(drive, PICTURE, data)
    return Shown(PICTURE, _own(session, PICTURE), await _seen_by(session, PICTURE))


async def share_field(session: Session, field: str, who: Sequence[str]) -> Shown:
    """Let exactly these contacts and circles see a field; ``nobody`` alone is none of them.

    Who may not see it any more is refused first. Raises NotFound (also: the field was never
    set), Usage.
    """
    check_field(field)
    if NOBODY in who and len(who) > 1:
        raise Usage("'nobody' and somebody do not go together")
    wanted = [] if NOBODY in who else list(dict.fromkeys(who))
    path = _own(session, field)
    before = await _seen_by(session, field)
    for each in before:
        if each not in wanted:
            await _each(session, each, unshare_with_circle, unshare, path)
    for each in wanted:
        if each not in before:
            await _give(session, path, each, _share_name(field))
    return Shown(field, "", await _seen_by(session, field))


def _own(session: Session, field: str) -> str:
    return f"/{session.name}/{FOLDER}/{field}"


def _share_name(field: str) -> str:
    return f"{FOLDER}.{field}"


async def _read(drive: Drive, field: str, path: str) -> Shown | None:
    """A field as it is; None where it is not there, or is not for me."""
    try:
        file = await open_path(drive, path)
    except (NotFound, Denied):
        return None
    most = size_limit(field)
    if file.size > most:
        raise TooLarge(f"{path}: {file.size} bytes, at most {most}")
    async with stream(file) as pieces:
        data = b"".join([piece async for piece in pieces])
    if field == PICTURE:
        check_picture(data)
        return Shown(field, path)
    try:
        return Shown(field, check_text(field, data.decode()))
    except UnicodeDecodeError:
        raise Malformed(f"{path}: not valid UTF-8") from None


async def _write(drive: Drive, field: str, data: bytes) -> None:
    await mkdir(drive, FOLDER, parents=True)
    rest = [data]

    async def read() -> bytes:
        return rest.pop() if rest else b""

    await pour_in(drive, read, f"{FOLDER}/{field}")


async def _seen_by(session: Session, field: str) -> tuple[str, ...]:
    """The names of all who have a grant to the file of a field itself."""
    system = await look(session)
    try:
        place = await Place.find(system, (FOLDER, field))
    except NotFound:
        return ()
    shared = await access.get(system, place.entry.id)
    if shared is None:
        return ()
    people = {each.id: each.name for each in await contacts.everybody(system)}
    groups = (await circles.everything(system)).by_id
    named = [people.get(each.contact) for each in shared.grants]
    named += [groups[each.circle].name for each in shared.circles if each.circle in groups]
    return tuple(sorted(each for each in named if each is not None))


Verb = Callable[[Session, str, str], Awaitable[object]]


async def _each(session: Session, who: str, circle: Verb, contact: Verb, path: str) -> None:
    await (circle if await is_circle(session, who) else contact)(session, path, who)


async def _give(session: Session, path: str, who: str, name: str) -> None:
    if await is_circle(session, who):
        await share_with_circle(session, path, who, name)
    else:
        await share(session, path, who, name)
