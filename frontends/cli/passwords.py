"""Asking for a password: on the terminal without showing it, or one line of standard input."""

import argparse
import sys
from typing import Final

from formats.errors import Interrupted, Usage
from frontends.cli.output import Output
from frontends.password import check_new_password

TRIES: Final = 3
MAX_LINE: Final = 4096


def password_option(parser: argparse.ArgumentParser, what: str = "the password") -> None:
    """Add ``--password-stdin``."""
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help=f"read {what} from standard input instead of asking",
    )


def ask_password(from_stdin: bool, prompt: str = "Password: ") -> str:
    """A password that exists."""
    return read_line() if from_stdin else _prompt(prompt)


def ask_new_password(from_stdin: bool, output: Output, name: str, prompt: str) -> str:
    """A password to be: asked for twice, until it will do."""
    if from_stdin:
        password = read_line()
        check_new_password(name, password)
        return password
    for _ in range(TRIES):
        password = _prompt(prompt)
        try:
            check_new_password(name, password)
        except Usage as error:
            output.note(f"{error.message}: {error.advice}")
            continue
        if _prompt("The same again: ") == password:
            return password
        output.note("those were not the same")
    raise Usage("no password was chosen", hint="nothing was changed; try again")


def read_line() -> str:
    """One line of standard input, without its end."""
    line = sys.stdin.buffer.readline(MAX_LINE)
    try:
        password = line.rstrip(b"\r\n").decode("utf-8")
    except UnicodeDecodeError:
        raise Usage("the password on standard input is not UTF-8") from None
    if not password:
        raise Usage("there is no password on standard input", hint="write it there as one line")
    return password


def _prompt(prompt: str) -> str:
    from getpass import getpass

    try:
        with open("/dev/tty", "rb"):
            pass
    except OSError:
        raise Usage(
            "there is no terminal to ask for the password on",
            hint="give it as one line of standard input, with --password-stdin",
        ) from None
    try:
        return getpass(prompt)
    except EOFError:
        raise Interrupted("stopped", hint="nothing was changed") from None
