"""Profiles: what I say about myself, and to whom; what others say to me.

Each field is an ordinary file, ``.profile/<field>`` in the home, shared (or not) like any file
with contacts and circles, under the share name ``.profile.<field>``. So who sees which field is
what ``access`` says, and taking back, versions and quota just work. What others write is read
within limits, and said to be of no use where it goes beyond them. A field that is ``public`` is
besides in a record that anybody may read (``public.py``).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from client.drive.drive import Drive
from client.session import Session
from client.sharing import access, public
from client.sharing.circles.share import is_circle, share_with_circle, unshare_with_circle
from client.sharing.place import Place
from client.sharing.profile_fields import (
    FIELDS,
    PICTURE,
    TEXTS,
    check_field,
    check_picture,
    check_text,
)
from client.sharing.profile_files import FOLDER, content, own_file, share_name, write
from client.sharing.share import share, unshare
from client.social import circles, contacts
from client.social.store import look
from formats.errors import HoldfastError, Malformed, NotFound, TooLarge, Usage

NOBODY: Final = "nobody"
PUBLIC: Final = "public"
"""Everybody who knows my handle, id or card."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One field. ``value``: its text; of a picture the path. ``seen_by``: circles and contacts."""

    field: str
    value: str
    seen_by: tuple[str, ...] = ()


async def profile(session: Session, drive: Drive) -> list[Shown]:
    """My own, and who sees which field of it."""
    found = [await _read(drive, field, own_file(session, field)) for field in FIELDS]
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
            shown = await _read(drive, field, f"/{person}/{share_name(field)}")
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
    await write(drive, field, value.encode())
    await _say_again(session, drive, field)
    return Shown(field, value, await _seen_by(session, field))


async def set_picture(session: Session, drive: Drive, data: bytes) -> Shown:
    """Write the picture: PNG, JPEG or WebP, at most 1 MiB. Raises Malformed, TooLarge."""
    check_picture(data)
    if PICTURE in await public.fields(session):
        public.check_size(data)
    await write(drive, PICTURE, data)
    await _say_again(session, drive, PICTURE)
    return Shown(PICTURE, own_file(session, PICTURE), await _seen_by(session, PICTURE))


async def share_field(session: Session, drive: Drive, field: str, who: Sequence[str]) -> Shown:
    """Let exactly these contacts and circles see a field; ``nobody`` alone is none of them.

    ``public`` among them: and everybody else who knows my handle, id or card. Who may not see
    it any more is refused first. Raises NotFound (also: the field was never set), Usage,
    TooLarge (a picture that is to be public).
    """
    check_field(field)
    if NOBODY in who and len(who) > 1:
        raise Usage("'nobody' and somebody do not go together")
    wanted = [] if NOBODY in who else list(dict.fromkeys(who))
    path = own_file(session, field)
    before = await _seen_by(session, field)
    if (PUBLIC in wanted) != (PUBLIC in before):
        await public.choose(session, drive, field, PUBLIC in wanted)
    for each in before:
        if each not in wanted and each != PUBLIC:
            await _each(session, each, unshare_with_circle, unshare, path)
    for each in wanted:
        if each not in before and each != PUBLIC:
            await _give(session, path, each, share_name(field))
    return Shown(field, "", await _seen_by(session, field))


async def _read(drive: Drive, field: str, path: str) -> Shown | None:
    """A field as it is; None where it is not there, or is not for me."""
    data = await content(drive, field, path)
    if data is None:
        return None
    if field == PICTURE:
        check_picture(data)
        return Shown(field, path)
    try:
        return Shown(field, check_text(field, data.decode()))
    except UnicodeDecodeError:
        raise Malformed(f"{path}: not valid UTF-8") from None


async def _say_again(session: Session, drive: Drive, field: str) -> None:
    """A field that is public is said anew."""
    if field in await public.fields(session):
        await public.settle(session, drive)


async def _seen_by(session: Session, field: str) -> tuple[str, ...]:
    """``public``, if it is, and the names of all who have a grant to the file of the field."""
    system = await look(session)
    everybody = (PUBLIC,) if field in await public.kept(system) else ()
    try:
        place = await Place.find(system, (FOLDER, field))
    except NotFound:
        return everybody
    shared = await access.get(system, place.entry.id)
    if shared is None:
        return everybody
    people = {each.id: each.name for each in await contacts.everybody(system)}
    groups = (await circles.everything(system)).by_id
    named = [people.get(each.contact) for each in shared.grants]
    named += [groups[each.circle].name for each in shared.circles if each.circle in groups]
    return (*everybody, *sorted(each for each in named if each is not None))


Verb = Callable[[Session, str, str], Awaitable[object]]


async def _each(session: Session, who: str, circle: Verb, contact: Verb, path: str) -> None:
    await (circle if await is_circle(session, who) else contact)(session, path, who)


async def _give(session: Session, path: str, who: str, name: str) -> None:
    if await is_circle(session, who):
        await share_with_circle(session, path, who, name)
    else:
        await share(session, path, who, name)
