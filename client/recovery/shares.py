"""The kit split among people: any so many of the shares are the kit, fewer are nothing.

What each person keeps is words on paper, and the text that says whose it is. They need
no account, and cannot use it alone. A share that somebody made up is told from the others as
soon as there is one more than it takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

from client.recovery.words import RecoveryKit
from client.words.listed import typed
from crypto.errors import BadShare
from crypto.passwords import KIT_CODE_SIZE
from crypto.threshold import LEAST, MOST, Share, join, split
from formats.errors import BadKit, Usage

TRIES: Final = 2000
"""Choices of shares that are tried when there are more than it takes, and some do not fit."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A kit out of shares; ``wrong``: which of them (from 1) are not what was handed out."""

    kit: RecoveryKit
    wrong: tuple[int, ...]


def shares_of(kit: RecoveryKit, needed: int, count: int) -> tuple[str, ...]:
    """The words of each share; raises Usage. Done again, the shares are of another set."""
    check_numbers(needed, count)
    return tuple(share.words for share in split(kit.code, needed, count))


def check_numbers(needed: int, count: int) -> None:
    """Return if so many people may have a share, any ``needed`` of whom suffice; raises Usage."""
    if not LEAST <= needed <= count <= MOST:
        raise Usage(
            f"{needed} of {count}: it takes at least {LEAST} people, and {MOST} may have a share",
            hint="as many as you are sure to find again; more than could agree behind your back",
        )


def joined(texts: Sequence[str]) -> Joined:
    """The kit, of as many shares as it takes or more; raises BadKit."""
    shares = [_read(number, text) for number, text in enumerate(texts, 1)]
    if not shares:
        raise BadKit("there are no shares")
    for number, share in enumerate(shares, 1):
        if (share.set, share.needed) != (shares[0].set, shares[0].needed):
            raise BadKit(f"share {number} is of another set than the first", hint=_SET)
    different = {share.words: share for share in shares}
    if len(different) < shares[0].needed:
        raise BadKit(
            f"{len(different)} shares are there, and {shares[0].needed} are needed",
            hint="ask one more of those who have one",
        )
    fitting = _fitting(list(different.values()), shares[0].needed)
    kit = RecoveryKit(join(fitting))
    wrong = [n for n, share in enumerate(shares, 1) if not _fits(share, fitting)]
    return Joined(kit, tuple(wrong))


def _read(number: int, text: str) -> Share:
    try:
        return Share.read(" ".join(typed(text)))
    except BadShare:
        raise BadKit(
            f"share {number} is not whole: a word is wrong or lacking", hint=_WORDS
        ) from None


def _fitting(shares: Sequence[Share], needed: int) -> tuple[Share, ...]:
    """Some that are of one secret; raises BadKit."""
    for chosen in islice(combinations(shares, needed), TRIES):
        if _is_kit(chosen):
            return chosen
    raise BadKit("these shares do not fit together: one is not what was handed out", hint=_MORE)


def _fits(share: Share, fitting: Sequence[Share]) -> bool:
    return share in fitting or _is_kit((share, *fitting[1:]))


def _is_kit(shares: Sequence[Share]) -> bool:
    try:
        return len(join(shares)) == KIT_CODE_SIZE
    except BadShare:
        return False


_SET: Final = "shares of two splittings do not mix: compare the first two words, which are alike"
_WORDS: Final = "compare with the paper, word by word"
_MORE: Final = "with one share more it can be told which"
