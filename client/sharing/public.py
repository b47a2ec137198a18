"""What I say to everybody: which fields of my profile are public, and the record that says them.

Which fields are public is kept sealed, ``system/public``; the record (``formats.profile``) is
made of their files, signed, and kept by my home, which shows it to whoever knows my id. The
note comes first and the record follows it: so whatever was cut off, ``settle`` makes the
record what the note says, and a field that was taken back does not come back.
"""

from collections.abc import Mapping
from typing import Final

from client.drive.drive import Drive
from client.home import Connected, HomeLine
from client.marks import Mark, Marks
from client.session import Session, Surroundings
from client.sharing.place import own_parts
from client.sharing.profile_fields import FIELDS, PICTURE, check_picture, check_text
from client.sharing.profile_files import FOLDER, content, own_file
from client.social.store import System, change, look
from client.space.reading import Changing
from formats.errors import Denied, HoldfastError, Malformed, NotFound, TooLarge
from formats.fields import Fields
from formats.identity import IdentityChain
from formats.profile import MAX_PICTURE, PublicFields, PublicProfile
from formats.whereabouts import Home, primary
from protocols.directory import AskProfile, ShowProfile

LIFE: Final = 90 * 24 * 3600 * 1000
"""How long a record holds, in milliseconds; it is made anew when half of it is over."""

_FILE: Final = "public"
_SAID: Final = b"public profile".ljust(32, b"\0")
"""What stands for somebody's profile among the marks of their spaces, whose ids are random."""


async def kept(system: System) -> Mapping[str, int]:
    """The fields that are public, and since when (ms)."""
    found = await system.get((_FILE,), _FILE)
    return {} if found is None else _read(found)


async def fields(session: Session) -> Mapping[str, int]:
    """The same, of the newest state."""
    return await kept(await look(session))


async def since(session: Session, path: str) -> int | None:
    """Since when (ms) something of mine is said to everybody; None if it is not."""
    parts = own_parts(session, path)
    if len(parts) != 2 or parts[0] != FOLDER:
        return None
    return (await fields(session)).get(parts[1])


async def choose(session: Session, drive: Drive, field: str, public: bool) -> None:
    """Make a field public, or no more; raises NotFound (never set), TooLarge, Unreachable."""
    if public:
        data = await content(drive, field, own_file(session, field))
        if data is None:
            raise NotFound(f"your profile has no '{field}'", hint="set it first")
        if field == PICTURE:
            check_size(data)

    async def operation(changing: Changing) -> None:
        system = System(session, changing)
        now = {each: since for each, since in (await kept(system)).items() if each != field}
        if public:
            now[field] = (await kept(system)).get(field, system.now)
        await system.put((_FILE,), {"fields": dict(now)})
        await system.flush()

    await change(session, operation)
    await settle(session, drive)


def check_size(picture: bytes) -> None:
    """Whether a picture may be public; raises TooLarge."""
    if len(picture) > MAX_PICTURE:
        raise TooLarge(
            f"a public picture has at most {MAX_PICTURE} bytes, this one {len(picture)}",
            hint="set a smaller one, or share it with contacts only",
        )


async def settle(session: Session, drive: Drive) -> bool:
    """Make the record what is kept here says, if it is another; whether it was.

    Also when half its life is over, or my keys changed. Raises Unreachable.
    """
    wanted, now = await _wanted(session, drive), session.around.now()
    known = await _at_home(session)
    if known is None and wanted.is_empty:
        return False
    if known is not None and known.fields == wanted and _holds(known, session.chain, now):
        return False
    mark = session.marks.get(session.id, _SAID)
    before = (0 if known is None else known.seq, 0 if mark is None else mark.seq)
    seq = max(now, max(before) + 1)  # above all that was ever said, whatever the home shows
    fresh = PublicProfile.make(session.chain, seq, wanted, now + LIFE, session.bundle.daily)
    session.marks.put(session.id, _SAID, Mark(seq, fresh.hash, 0, session.chain.seq))

    async def ask(connected: Connected) -> None:
        await connected.doors.directory.show(ShowProfile(session.id, fresh.encoded))

    await session.line.call(ask)
    return True


async def said_by(
    around: Surroundings, chain: IdentityChain, homes: tuple[Home, ...], marks: Marks | None = None
) -> PublicFields:
    """What somebody says to everybody, as their home shows it; verified, and only what is fit.

    ``marks``: to refuse an older record than one that was seen here before. Raises Forged,
    Stale, Forked, Expired, Malformed, Unreachable; nothing said is no error.
    """
    line = HomeLine(around.network, [primary(homes)])

    async def ask(connected: Connected) -> bytes:
        return (await connected.doors.directory.profile(AskProfile(chain.id))).profile

    try:
        found = PublicProfile.decode(await line.call(ask))
    except Denied:
        return PublicFields()
    finally:
        await line.aclose()
    found.verify(chain, around.now())
    if marks is not None:
        _check_newest(marks, found)
    return _fit(found.fields)


def _check_newest(marks: Marks, found: PublicProfile) -> None:
    mark = marks.get(found.id, _SAID)
    if mark is not None:
        found.extends(mark.seq, mark.hash)
    marks.put(found.id, _SAID, Mark(found.seq, found.hash, 0, found.identity_seq))


def _fit(said: PublicFields) -> PublicFields:
    """Without the fields that hold what a profile must not."""
    picture = said.picture
    if picture is not None:
        try:
            check_picture(picture)
        except Malformed:
            picture = None
    return PublicFields(
        _text("name", said.name), _text("text", said.text), _text("links", said.links), picture
    )


def _text(field: str, value: str | None) -> str | None:
    try:
        return None if value is None else check_text(field, value)
    except (Malformed, TooLarge):
        return None


async def _wanted(session: Session, drive: Drive) -> PublicFields:
    """What the files of the fields that are public hold now."""
    found: dict[str, bytes] = {}
    for field in await fields(session):
        data = await content(drive, field, own_file(session, field))
        if data is not None:
            found[field] = data
    picture = found.pop(PICTURE, None)
    texts = {field: data.decode("utf-8", "replace") for field, data in found.items()}
    return _fit(PublicFields(**texts, picture=picture))


async def _at_home(session: Session) -> PublicProfile | None:
    """The record that my home shows; None if it has none, or one that is not mine."""

    async def ask(connected: Connected) -> bytes:
        return (await connected.doors.directory.profile(AskProfile(session.id))).profile

    try:
        return PublicProfile.decode(await session.line.call(ask))
    except (Denied, Malformed):
        return None


def _holds(known: PublicProfile, chain: IdentityChain, now: int) -> bool:
    """Whether it is mine, of the keys in force, and has half of its life to go."""
    try:
        known.verify(chain, now + LIFE // 2)
    except HoldfastError:
        return False
    return True


def _read(found: Fields) -> dict[str, int]:
    names = Fields(found.map_("fields"), _FILE)
    return {field: since for field in FIELDS if (since := names.optional_uint(field)) is not None}
