"""What a command is, and the parser that is made of all of them.

A family of commands is one file with a tuple ``COMMANDS``. Each command has a
sentence, options, examples that a test parses, and one function that runs it; or,
instead of these, commands of its own below it, as ``holdfast node`` has.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, NoReturn

from formats.errors import BadName, Usage
from frontends.cli.context import Context


class Command(NamedTuple):
    """One command: ``options`` adds its options to its parser, ``run`` does it.

    One with commands ``below`` only groups them, and has no ``run``.
    """

    name: str
    help: str
    run: Callable[[Context, argparse.Namespace], None] | None = None
    options: Callable[[argparse.ArgumentParser], None] | None = None
    examples: str = ""
    more: str = ""
    below: "tuple[Command, ...]" = ()

    def leaves(self, above: str = "") -> "Iterator[tuple[str, Command]]":
        """Every command that can be run, by its whole name (``node invite new``)."""
        name = f"{above} {self.name}".strip()
        if not self.below:
            yield name, self
        for command in self.below:
            yield from command.leaves(name)


class Family(NamedTuple):
    """Commands that belong together in ``holdfast --help``."""

    title: str
    commands: tuple[Command, ...]


class Parser(argparse.ArgumentParser):
    """argparse, with our words for what does not fit."""

    def error(self, message: str) -> NoReturn:
        """Raise Usage instead of ending the process."""
        raise Usage(message, hint=f"see '{self.prog} --help'")


def make_parser(families: Sequence[Family]) -> Parser:
    """The parser of the whole command line."""
    common = _common()
    parser = Parser(
        prog="holdfast",
        description="A peer-to-peer, end-to-end encrypted home for your files.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_overview(families),
        usage="holdfast [--home DIR] [--json] COMMAND ...",
        allow_abbrev=False,
        parents=[common],
    )
    choices = _choices(parser)
    for family in families:
        for command in family.commands:
            _add(choices, command, common, f"holdfast {command.name}")
    return parser


def parse(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """What these words say; raises Usage, which names the help to look at."""
    options, rest = parser.parse_known_args(words)
    if rest:
        raise Usage(
            f"that does not belong here: {' '.join(rest)}",
            hint=f"see '{options.prog} --help'",
        )
    return options


def _common() -> Parser:
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--home", metavar="DIR", help="the data folder (HOLDFAST_HOME, ~/.holdfast)"
    )
    common.add_argument("--json", action="store_true", help="answer in JSON lines")
    return common


def _choices(parser: Parser) -> "argparse._SubParsersAction[Parser]":
    return parser.add_subparsers(
        dest="command", metavar="COMMAND", help=argparse.SUPPRESS, required=True
    )


def _add(
    choices: "argparse._SubParsersAction[Parser]", command: Command, common: Parser, prog: str
) -> None:
    sub = choices.add_parser(
        command.name,
        prog=prog,
        description=_description(command),
        epilog=_listed(command) if command.below else _examples(command),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        parents=[common],
    )
    if command.options is not None:
        command.options(sub)
    if command.below:
        below = _choices(sub)
        for each in command.below:
            _add(below, each, common, f"{prog} {each.name}")
    else:
        sub.set_defaults(run=command.run, prog=prog)


def _description(command: Command) -> str:
    first = command.help[0].upper() + command.help[1:] + "."
    return f"{first}\n\n{command.more}" if command.more else first


def _examples(command: Command) -> str:
    return "examples:\n" + "\n".join(f"  {line}" for line in command.examples.strip().split("\n"))


def _listed(command: Command) -> str:
    rows = [f"  {name:<18} {leaf.help}" for each in command.below for name, leaf in each.leaves()]
    return "\n".join(["commands:", *rows])


def _overview(families: Iterable[Family]) -> str:
    lines = []
    for family in families:
        lines.append(f"{family.title}:")
        lines += [f"  {command.name:<10} {command.help}" for command in family.commands]
        lines.append("")
    return "\n".join([*lines, "'holdfast COMMAND --help' shows options and examples."])


def remote_path(text: str) -> str:
    """A path in a drive as it was typed; raises BadName when it is not UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        raise BadName(f"the path '{shown}' is not UTF-8") from None
    return text
