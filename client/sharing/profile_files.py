"""The files of a profile: one for each field, below ``.profile`` of the home."""

from typing import Final

from client.drive.change import mkdir
from client.drive.drive import Drive
from client.drive.pouring import pour_in
from client.drive.reader import stream
from client.drive.resolve import open_path
from client.session import Session
from client.sharing.profile_fields import size_limit
from formats.errors import Denied, NotFound, TooLarge

FOLDER: Final = ".profile"


def own_file(session: Session, field: str) -> str:
    """The path of a field of mine."""
    return f"/{session.name}/{FOLDER}/{field}"


def share_name(field: str) -> str:
    """What a field is shared as."""
    return f"{FOLDER}.{field}"


async def content(drive: Drive, field: str, path: str) -> bytes | None:
    """A field as it is; None where it is not there, or is not for me. Raises TooLarge."""
    try:
        file = await open_path(drive, path)
    except (NotFound, Denied):
        return None
    most = size_limit(field)
    if file.size > most:
        raise TooLarge(f"{path}: {file.size} bytes, at most {most}")
    async with stream(file) as pieces:
        return b"".join([piece async for piece in pieces])


async def write(drive: Drive, field: str, data: bytes) -> None:
    """Write a field of mine; who sees it stays."""
    await mkdir(drive, FOLDER, parents=True)
    rest = [data]

    async def read() -> bytes:
        return rest.pop() if rest else b""

    await pour_in(drive, read, f"{FOLDER}/{field}")
