"""How easily a password is guessed: judged here alone, for accounts, links and recovery alike.

zxcvbn counts how many guesses somebody needs who knows the lists of leaked passwords, names,
keyboards and dates. A weak password is explained, and taken only from who says that they
want it all the same; nothing but an empty or endless one is refused for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import BadPassword
from crypto.passwords import prepared
from formats.errors import Usage

ENOUGH: Final = 8.0
"""Of guesses, the decimal logarithm. Each is an Argon2id over 256 MiB, most of a second of one
core: a hundred million of them keep a machine of 16 cores busy for seven weeks."""

_LOOKED_AT: Final = 64
"""Characters. What comes after is only more to guess, and judging takes longer than linear time."""

HOW: Final = "'holdfast passphrase' makes one that nobody guesses"
ANYWAY: Final = "or say that you want a weak one: --weak-password"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. ``guesses``: their decimal logarithm; ``advice``: sentences, perhaps none."""

    guesses: float
    advice: tuple[str, ...]

    @property
    def weak(self) -> bool:
        """Whether somebody who stole the home's disk would find it by guessing."""
        return self.guesses < ENOUGH

    @property
    def said(self) -> str:
        """What is wrong with a weak one, in a sentence."""
        few = "a thousand" if self.guesses < 3 else f"10^{int(self.guesses)}"
        return f"that is easily guessed: it takes about {few} tries"


def judge(password: str, about: Sequence[str] = ()) -> Verdict:
    """Look at a password; ``about``: words that a guesser tries first, such as the account's name.

    Takes a few milliseconds, and the first time a tenth of a second.
    """
    if not password:
        return Verdict(0.0, ())  # which zxcvbn does not look at
    # A megabyte of lists: only who judges loads them.
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]

    found = zxcvbn(password[:_LOOKED_AT], user_inputs=list(about), max_length=_LOOKED_AT)
    told = found["feedback"]
    said = [told["warning"], *told["suggestions"]]
    return Verdict(float(found["guesses_log10"]), tuple(each for each in said if each))


def check_new_password(password: str, about: Sequence[str] = (), weak: bool = False) -> None:
    """Return if this may become a password; raises Usage, which says why not and what to do.

    ``weak``: the person knows that it is easily guessed, and wants it.
    """
    try:
        prepared(password)
    except BadPassword as error:
        raise Usage(str(error)) from error
    if weak:
        return
    verdict = judge(password, about)
    if verdict.weak:
        raise Usage(verdict.said, hint=" ".join([*verdict.advice, f"{HOW}; {ANYWAY}"]))
