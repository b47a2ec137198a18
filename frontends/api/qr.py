"""QR codes, for pages: a card to hold before a friend's camera, the secret of an app."""

from dataclasses import dataclass
from typing import Final

import trio

from formats.errors import TooLarge
from frontends.api.reply import Json, Reply
from frontends.api.state import State

MOST: Final = 2_900
"""Bytes of UTF-8: what the largest code holds, at its least correction, is 2,953."""


@dataclass(frozen=True, slots=True)
class Coding:
    """What the code is to say."""

    text: str


async def qr(_state: State, asked: Coding, _reply: Reply) -> Json:
    """A text as a QR code: rows of ``1`` for dark and ``0`` for light, without a border."""
    if len(asked.text.encode("utf-8", "surrogatepass")) > MOST:
        raise TooLarge(f"a QR code holds {MOST} bytes", hint="send it as text instead")
    return {"rows": await trio.to_thread.run_sync(_rows, asked.text)}


def _rows(text: str) -> list[Json]:
    import segno

    code = segno.make(text.encode("utf-8", "surrogatepass"), error="l", micro=False, mode="byte")
    return ["".join("1" if each else "0" for each in row) for row in code.matrix]
