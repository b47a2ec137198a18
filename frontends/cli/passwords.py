"""Asking for a password: on the terminal without showing it, or one line of standard input."""

import argparse
import sys
from typing import Final

from formats.errors import Interrupted, Usage
from frontends.cli.output import Output

TRIES: Final = 3
MAX_LINE: Final = 4096
YES: Final = ("y", "yes")


def password_option(parser: argparse.ArgumentParser, what: str = "the password") -> None:
    """Add ``--password-stdin``."""
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help=f"read {what} from standard input instead of asking",
    )


def weak_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--weak-password``."""
    parser.add_argument(
        "--weak-password", action="store_true", help="take it even if it is easily guessed"
    )


def ask_password(from_stdin: bool, prompt: str = "Password: ") -> str:
    """A password that exists, or another secret: words, the text of a kit."""
    return read_line() if from_stdin else prompt_hidden(prompt)


class NewPassword:
    """A password to be of somebody: one line of input, or asked for until it will do."""

    def __init__(self, output: Output, name: str, options: argparse.Namespace) -> None:
        self._output: Final = output
        self._name: Final = name
        self._from_stdin: Final[bool] = options.password_stdin
        self._weak: Final[bool] = options.weak_password

    def ask(self, prompt: str) -> tuple[str, bool]:
        """The password, and whether a weak one was wanted; raises Usage."""
        if self._from_stdin:
            password = read_line()
            self._check(password)
            return password, self._weak
        self._offer()
        for _ in range(TRIES):
            password = prompt_hidden(prompt)
            weak = self._settled(password)
            if weak is None:
                continue
            if prompt_hidden("The same again: ") == password:
                return password, weak
            self._output.note("those were not the same")
        raise Usage("no password was chosen", hint="nothing was changed; try again")

    def _offer(self) -> None:
        from client.words.passphrase import passphrase

        self._output.note(f"One made by chance, if you want it: {passphrase()}")

    def _check(self, password: str) -> None:
        from client.identity.strength import check_new_password

        check_new_password(password, (self._name,), self._weak)

    def _settled(self, password: str) -> bool | None:
        """Whether it is taken as a weak one; None if another is to be chosen."""
        try:
            self._check(password)
        except Usage as error:
            self._output.note(f"{error.message}: {error.advice}")
            if not password:
                return None
            return True if self._wanted() else None
        return self._weak

    def _wanted(self) -> bool:
        return prompt_shown("Use it all the same? (yes, or Enter to choose another): ") in YES


def read_line() -> str:
    """One line of standard input, without its end."""
    password = read_plain_line()
    if not password:
        raise Usage("there is no password on standard input", hint="write it there as one line")
    return password


def read_plain_line() -> str:
    """The same, which may be empty."""
    line = sys.stdin.buffer.readline(MAX_LINE)
    try:
        return line.rstrip(b"\r\n").decode("utf-8")
    except UnicodeDecodeError:
        raise Usage("the password on standard input is not UTF-8") from None


def prompt_hidden(prompt: str) -> str:
    """What is typed on the terminal, not shown there; raises Usage where there is none."""
    from getpass import getpass

    check_terminal()
    try:
        return getpass(prompt)
    except EOFError:
        raise Interrupted("stopped", hint="nothing was changed") from None


def prompt_shown(prompt: str) -> str:
    """What is typed on the terminal, shown, in lower case; raises Usage where there is none."""
    check_terminal()
    with open("/dev/tty", "r+b", buffering=0) as terminal:
        terminal.write(prompt.encode())
        line = terminal.readline(MAX_LINE)
    if not line:
        raise Interrupted("stopped", hint="nothing was changed")
    return line.decode("utf-8", "replace").strip().casefold()


def check_terminal() -> None:
    """Return if there is a terminal to ask on; raises Usage."""
    try:
        with open("/dev/tty", "rb"):
            pass
    except OSError:
        raise Usage(
            "there is no terminal to ask for the password on",
            hint="give it as one line of standard input, with --password-stdin",
        ) from None
