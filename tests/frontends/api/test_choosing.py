"""What pages need beside the drive: judging a password, words by chance, QR codes."""

from typing import cast

import pytest
import segno

from client.identity.strength import ENOUGH
from formats.errors import TooLarge
from frontends.api import choosing, qr
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import State

NO_STATE, NO_REPLY = cast(State, None), cast(Reply, None)
"""These calls look at neither."""


async def judged(password: str, name: str = "") -> dict[str, Json]:
    asked = choosing.Judging(password, name)
    return cast(dict[str, Json], await choosing.verdict(NO_STATE, asked, NO_REPLY))


async def test_words_made_by_chance_are_strong_and_others_every_time() -> None:
    made = [await choosing.passphrase(NO_STATE, Nothing(), NO_REPLY) for _ in range(2)]
    first, second = (str(cast(dict[str, Json], each)["passphrase"]) for each in made)
    assert first != second
    assert (await judged(first))["weak"] is False


async def test_a_weak_password_is_told_with_what_to_do() -> None:
    found = await judged("sunshine")
    assert found["weak"] is True
    assert found["advice"]
    assert cast(float, found["guesses"]) < ENOUGH


async def test_the_name_of_the_account_is_guessed_first() -> None:
    named, other = await judged("wolpertinger", "wolpertinger"), await judged("wolpertinger")
    assert cast(float, named["guesses"]) < cast(float, other["guesses"])


async def test_an_empty_password_is_weak() -> None:
    assert (await judged(""))["weak"] is True


async def rows(text: str) -> list[str]:
    found = cast(dict[str, list[str]], await qr.qr(NO_STATE, qr.Coding(text), NO_REPLY))
    return found["rows"]


@pytest.mark.parametrize("text", ["x", "größe 写真 \N{GRINNING FACE}", "a" * 1500])
async def test_a_code_is_what_segno_draws(text: str) -> None:
    drawn = segno.make(text.encode(), error="l", micro=False, mode="byte")
    assert await rows(text) == ["".join(map(str, row)) for row in drawn.matrix]


async def test_a_code_holds_so_much_and_no_more() -> None:
    assert len(await rows("a" * qr.MOST)) == 177
    with pytest.raises(TooLarge):
        await rows("a" * (qr.MOST + 1))
