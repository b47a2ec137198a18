"""The site of content: a file with ranges, a zip, an account, by an address that was given out."""

import re
import unicodedata
from contextlib import aclosing
from typing import Final
from urllib.parse import quote

from client.drive.reader import FileReader, stream
from crypto.hashing import sha256
from formats.errors import Usage
from formats.limits import SEGMENT
from frontends.web.account import Account
from frontends.web.answer import Answer
from frontends.web.content import File, Given, Pack
from frontends.web.headers import Header, of_content
from frontends.web.ranges import NoSuchPart, Part, asked_part
from frontends.web.request import Request
from frontends.web.sites import Sites
from frontends.web.zipping import send_zip

UNKNOWN: Final = "application/octet-stream"
PLAIN: Final = "text/plain"
HTML: Final = "text/html"
GROWING: Final = (4 * SEGMENT, 8 * SEGMENT)
"""Bytes of the pieces after the first."""

_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}")


_ACTS: Final = (
    *("multipart/", "message/"),
    *("application/x-xpinstall", "application/x-x509-", "application/pkix-"),
)


async def show(sites: Sites, request: Request, given: Given) -> None:
    """Answer with what is at an address."""
    if not request.is_look:
        raise Usage("content is only to be looked at")
    if isinstance(given.what, Pack):
        await _zip(request.answer(of_content(sites, "application/zip")), given.what)
    elif isinstance(given.what, Account):
        await _account(request.answer(of_content(sites, UNKNOWN)), given.what)
    else:
        kind = kind_of(given.what.type, given.save)
        await _file(request, request.answer(of_content(sites, kind)), given, given.what, kind)


async def _file(request: Request, answer: Answer, given: Given, file: File, kind: str) -> None:
    reader = file.reader
    etag = f'"{sha256(reader.node.leaf.header or b"")[:16].hex()}"'
    about = _about(kind, _disposition(file.name, given.save), etag)
    if request.header(b"if-none-match") == etag:
        await answer.whole(304, b"", *about)
        return
    asked = request.header(b"range") if request.header(b"if-range") in ("", etag) else ""
    try:
        part = asked_part(asked, reader.size)
    except NoSuchPart:
        await answer.whole(416, b"", ("Content-Range", f"bytes */{reader.size}"), *about)
        return
    if part is None:
        await _send(answer, reader, Part(0, reader.size, reader.size), 200, about)
    else:
        await _send(answer, reader, part, 206, (("Content-Range", part.said), *about))


async def _send(
    answer: Answer, reader: FileReader, part: Part, status: int, headers: tuple[Header, ...]
) -> None:
    """A part of a file. What cannot be read at its beginning is an answer of its own."""
    until = min(part.end, (part.start // SEGMENT + 1) * SEGMENT)
    first = b"" if answer.bare else await reader.read(part.start, until - part.start)
    await answer.begin(status, *headers, length=part.end - part.start)
    await answer.data(first)
    if not answer.bare:
        await _rest(answer, reader, until, part.end)
    await answer.end()


async def _rest(answer: Answer, reader: FileReader, at: int, end: int) -> None:
    """What follows the first piece: larger ones, then all that can be under way at once.

    Whoever seeks in a film waits for the first, and often seeks again before they want more.
    """
    for size in GROWING:
        piece = await reader.read(at, min(size, end - at))
        await answer.data(piece)
        at += len(piece)
    async with stream(reader, at, end - at) as pieces:
        async for piece in pieces:
            await answer.data(piece)


async def _zip(answer: Answer, pack: Pack) -> None:
    about = ("Content-Type", "application/zip"), _disposition(pack.name, True)
    await answer.begin(200, *about)
    if not answer.bare:
        await send_zip(pack.drive, pack.paths, answer.data)
    await answer.end()


async def _account(answer: Answer, account: Account) -> None:
    """All of it, once. What the home refuses at the beginning is an answer of its own."""
    about = ("Content-Type", UNKNOWN), _disposition(account.name, True)
    if answer.bare:
        await answer.begin(200, *about)
    else:
        async with aclosing(account.pieces()) as pieces:
            beginning, records = await anext(pieces), await anext(pieces)
            await answer.begin(200, *about)
            await answer.data(beginning + records)
            async for piece in pieces:
                await answer.data(piece)
    await answer.end()


def _about(kind: str, disposition: Header, etag: str) -> tuple[Header, ...]:
    said = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    return (("Content-Type", said), disposition, ("ETag", etag), ("Accept-Ranges", "bytes"))


def kind_of(said: str, save: bool) -> str:
    """The type that a writer said, if it is one: it goes into a header.

    Of text, browsers show some kinds, store others and make something of a few: it is shown as
    it is written. What has parts with headers of their own, or what a browser offers to install,
    is bytes.
    """
    if not _TYPE.fullmatch(said) or said.startswith(_ACTS):
        return UNKNOWN
    return PLAIN if said.startswith("text/") and said != HTML and not save else said


def _disposition(name: str, save: bool) -> Header:
    """What the file is called where it is stored. Nothing that changes the direction of letters."""
    plain = "".join(
        "_" if unicodedata.category(each) in ("Cc", "Cf", "Cs") else each for each in name
    )
    latin = re.sub(r"[^ !#-\[\]-~]", "_", plain)
    how = "attachment" if save else "inline"
    exact = quote(plain, safe="")
    return "Content-Disposition", f"{how}; filename=\"{latin}\"; filename*=UTF-8''{exact}"
