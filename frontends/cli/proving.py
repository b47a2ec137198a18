"""Calls that take the password: what the account asks besides is asked here, and shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from formats.errors import Usage, WrongPassword
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.passwords import prompt_hidden, prompt_shown, read_line
from frontends.cli.progress import Progress

if TYPE_CHECKING:
    from frontends.security_keys import Answered

DIGITS: Final = 6


def proving(
    context: Context,
    verb: str,
    arguments: dict[str, object],
    from_stdin: bool,
    progress: Progress | None = None,
) -> Fields:
    """Ask the daemon to do ``verb``, and show it a second factor if the home wants one.

    ``from_stdin``: a code is one more line of standard input.
    """
    done = context.call(verb, arguments, progress=progress)
    while done.has("asked"):
        done = _show(context, done.inner("asked"), from_stdin, progress)
    return done


def _show(context: Context, asked: Fields, from_stdin: bool, progress: Progress | None) -> Fields:
    left = 1 if from_stdin else asked.number("tries")
    while True:
        left -= 1
        try:
            return _shown(context, asked, from_stdin, progress)
        except WrongPassword as error:
            if left <= 0:
                raise
            context.output.note(f"{error.message}: {error.advice}")


def _shown(context: Context, asked: Fields, from_stdin: bool, progress: Progress | None) -> Fields:
    word = {"attempt": asked.text("attempt")}
    said = read_line() if from_stdin else prompt_shown(_question(asked))
    if not said:
        return context.call("factor/key", {**word, **_key(context, asked)}, progress=progress)
    digits = "".join(said.split())
    if len(digits) == DIGITS and digits.isdecimal():
        return context.call("factor/code", {**word, "code": digits}, progress=progress)
    return context.call("factor/backup", {**word, "code": said}, progress=progress)


def _question(asked: Fields) -> str:
    ways = []
    if asked.texts("keys"):
        ways.append("Enter to use your security key")
    if asked.flag("code"):
        ways.append("the code of your app")
    if asked.number("backups"):
        ways.append("a backup code")
    return f"Second factor ({', or '.join(ways)}): "


def _key(context: Context, asked: Fields) -> dict[str, object]:
    from frontends.security_keys import present, show

    have = [letters(each) for each in asked.texts("keys")]
    if not have:
        raise Usage("nothing was typed, and the account has no security key")
    answer = show(present(), letters(asked.text("challenge")), have, *people(context))
    own: dict[str, object] = {"credential": text(answer.credential)}
    return {**own, **answered(answer), "signature": text(answer.signature)}


def people(context: Context) -> tuple[Callable[[], None], Callable[[], str | None]]:
    """What a key has a person do: touch it, type its PIN."""

    def touch() -> None:
        context.output.note("Touch your security key.")

    def pin() -> str | None:
        return prompt_hidden("PIN of the security key: ") or None

    return touch, pin


def answered(answer: "Answered") -> dict[str, object]:
    """What a key answered, for the daemon."""
    return {"client_data": text(answer.client_data), "said": text(answer.said)}


def text(data: bytes) -> str:
    """Base64url without padding."""
    from formats.paper import to_letters

    return to_letters(data)


def letters(written: str) -> bytes:
    """Bytes from base64url without padding, as the daemon wrote it."""
    from formats.paper import from_letters

    return from_letters(written)
