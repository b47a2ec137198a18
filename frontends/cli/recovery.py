"""The recovery kit: recovery kit, status, check; and coming back by it (``recovering.py``)."""

import argparse
from pathlib import Path
from typing import Final

from formats.errors import BadKit, BadName, Exists, HoldfastError, Usage
from formats.names import check_name
from frontends.cli.account import check_daemon
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.keepers import KEEPERS
from frontends.cli.paper import write_page, write_share
from frontends.cli.passwords import ask_password, password_option, prompt_hidden
from frontends.cli.people import draw
from frontends.cli.proving import proving
from frontends.cli.recovering import RECOVERING
from frontends.cli.terminal import moment

TRIES: Final = 3


def make(context: Context, options: argparse.Namespace) -> None:
    """Make a kit, and ask for three of its words."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    make_kit(context, ask_password(from_stdin), from_stdin, options.to, options.qr)


def make_kit(
    context: Context, password: str, from_stdin: bool, to: Path | None, qr: bool = False
) -> None:
    """A kit for who is signed in: shown, or written to ``to`` for printing, and asked about."""
    if to is not None and to.exists():  # before the kit until now becomes useless
        raise Exists(f"{to}: there is a file already", hint="name a new one")
    done = proving(context, "recovery/kit", {"password": password}, from_stdin)
    if to is not None:
        nodes = [_address(each) for each in done.objects("nodes")]
        write_page(to, done.text("handle"), done.text("words"), done.text("whole"), nodes)
    if context.output.json:
        return
    if to is None:
        _show(context, done, qr)
    else:
        context.output.line(f"Your recovery kit is in {to}: print it, then remove the file.")
    context.output.line("Any kit that was made before opens nothing any more.")
    if from_stdin:
        context.output.line("'holdfast recovery check' asks for three of its words.")
    else:
        _ask_until_right(context, done)


def _show(context: Context, done: Fields, qr: bool) -> None:
    line = context.output.line
    line("Your recovery kit. Write the words down, on paper: whoever has them can become you.")
    for number, word in enumerate(done.text("words").split(), 1):
        line(f"  {number:2}  {word}")
    line("And where your data is (no secret: anybody may keep it, a friend too):")
    line(f"  {done.text('text')}")
    if qr:
        line("Both in one code, for a camera; as secret as the words:")
        draw(context, done.text("whole"))


def _ask_until_right(context: Context, done: Fields) -> None:
    """Three words are asked for; whoever gives up has the kit all the same, and is told."""
    for _ in range(TRIES):
        words = prompt_hidden(_question(done))
        if not words.strip():
            break
        try:
            context.call("recovery/check", {"words": words})
        except (BadKit, Usage) as error:
            context.output.note(f"{error.message}: {error.advice}")
            continue
        context.output.line("Those are the words.")
        return
    context.output.note("Not checked yet: 'holdfast recovery check' asks again.")


def _question(done: Fields) -> str:
    first, second, third = done.numbers("places")
    return f"Words {first}, {second} and {third} (Enter: later): "


def check(context: Context, options: argparse.Namespace) -> None:
    """Ask for three words, or all of them."""
    standing = context.ask("recovery")
    if not standing.flag("kit"):
        context.call("recovery/check", {"words": ""})  # which says what to do
    words = ask_password(options.words_stdin, _question(standing))
    context.call("recovery/check", {"words": words})
    if not context.output.json:
        context.output.line("Those are the words.")


def split(context: Context, options: argparse.Namespace) -> None:
    """Write a share for each of some people."""
    people: list[str] = options.people
    folder: Path = options.to
    pages = [folder / f"{_person(name)}.html" for name in people]
    if len(set(pages)) < len(pages):
        raise Usage("somebody is named twice", hint="each person has one share")
    for page in pages:
        if page.exists():
            raise Exists(f"{page}: there is a file already", hint="name a new folder")
    check_daemon(context)
    words = ask_password(options.words_stdin, "The words of the kit: ")
    asked = {"words": words, "needed": options.any, "count": len(people)}
    done = context.call("recovery/split", asked)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, text, needed = done.text("handle"), done.text("text"), done.number("needed")
    for page, share in zip(pages, done.texts("shares"), strict=True):
        write_share(page, handle, share, text, needed)
    if not context.output.json:
        context.output.line(f"{len(pages)} pages are in {folder}: print each, or send it safely")
        context.output.line("to whom it is for, then remove the files.")
        context.output.line(f"Any {needed} of them bring you back; fewer open nothing.")
        context.output.line(
            "A new kit makes them useless. 'holdfast recovery rehearse --shares' tries them."
        )


def _person(name: str) -> str:
    try:
        return check_name(name)
    except BadName as error:
        raise Usage(f"'{name}' cannot be a file's name: {error.message}") from None


def status(context: Context, _options: argparse.Namespace) -> None:
    """Say how it stands."""
    done = context.look("recovery")
    if context.output.json:
        return
    if not done.flag("kit"):
        context.output.line("There is no recovery kit: 'holdfast recovery kit' makes one.")
        return
    context.output.line(f"made     {moment(done.number('made'))}")
    checked = moment(done.number("checked")) if done.has("checked") else "not yet"
    context.output.line(f"checked  {checked}")
    context.output.line("Whose it is and where to look (no secret; it changes with your nodes):")
    context.output.line(f"  {done.text('text')}")


def offer_kit(context: Context, password: str, options: argparse.Namespace) -> None:
    """After signing up: a kit, unless it is not wanted. The account is there, whatever comes."""
    from_stdin: bool = options.password_stdin
    named: str | None = options.kit
    if options.no_kit or (named is None and (from_stdin or context.output.json)):
        return
    try:
        make_kit(context, password, from_stdin, None if named is None else Path(named))
    except HoldfastError as error:
        context.output.note(f"no recovery kit yet: {error.message}; 'holdfast recovery kit'")


def _address(node: Fields) -> str:
    addresses, peer = node.texts("addresses"), node.text("peer")
    return f"{addresses[0]}/p2p/{peer}" if addresses else peer


def _make_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", metavar="FILE", type=Path, help="write it to a new HTML file, to be printed"
    )
    parser.add_argument("--qr", action="store_true", help="also draw it, for a camera")
    password_option(parser, "the password, then a code if one is asked,")


def _split_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("people", metavar="NAME", nargs="+", help="who gets a share")
    parser.add_argument(
        "--any", metavar="K", type=int, required=True, help="how many of them bring you back"
    )
    parser.add_argument(
        "--to", metavar="DIR", type=Path, required=True, help="where a page for each is written"
    )
    _words_option(parser)


def _words_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--words-stdin", action="store_true", help="read the words from standard input"
    )


COMMANDS: Final = (
    Command(
        "recovery",
        "your recovery kit: words on paper that bring you back, whatever was lost",
        more="With the words, and any node that has your data (a replica, a home restored from\n"
        "a backup), you are yourself again on a fresh node: files, friends, shares. The home\n"
        "that you had is asked for nothing.",
        below=(
            Command(
                "kit",
                "make a kit; the one before opens nothing any more",
                make,
                _make_options,
                examples="holdfast recovery kit\nholdfast recovery kit --to kit.html\n"
                "holdfast recovery kit --qr",
                more="You are asked for three of the words, to see that you have them. Renewing\n"
                "your keys or your password does not change the words.",
            ),
            Command(
                "status",
                "whether you have a kit, since when, and where it looks",
                status,
                examples="holdfast recovery status\nholdfast recovery status --json",
            ),
            Command(
                "check",
                "say three of the words, or all, to see that you have them",
                check,
                _words_option,
                examples="holdfast recovery check",
                more="All of them are tried as after a loss, at your home.",
            ),
            Command(
                "split",
                "split the kit among people, on paper; any K of them bring you back",
                split,
                _split_options,
                examples="holdfast recovery split --any 2 --to shares bob carol dave",
                more="For who would rather trust three friends than one drawer. A share is words\n"
                "on a page; its keeper needs no account and learns nothing (contacts can keep one\n"
                "without paper: 'recovery give'). Splitting again gives shares that do not mix\n"
                "with the first ones, which stay good until you make a new kit.",
            ),
            *KEEPERS,
            *RECOVERING,
        ),
    ),
)
