"""The parts of our pages that are made from the program.

``python -m tests.daemons.pages`` writes the commands into ``docs/cli.md`` and the calls
into ``docs/spec/local_api.md``, each between its two comments, and all of
``docs/openapi.json``; a test says when that is due.
"""

import argparse
import re
import typing
from dataclasses import MISSING, fields
from typing import Final

from formats.errors import HoldfastError
from frontends.api.routes import Route
from frontends.api.table import OPERATOR, personal_routes
from frontends.cli.command import Command, make_parser
from frontends.cli.families import families
from tests.daemons import openapi
from tests.daemons.processes import ROOT

CLI_PAGE: Final = ROOT / "docs" / "cli.md"
API_PAGE: Final = ROOT / "docs" / "spec" / "local_api.md"


def exit_codes() -> str:
    """One row for each kind of error, by exit code."""
    kinds = sorted(HoldfastError.__subclasses__(), key=lambda kind: kind.exit_code)
    rows = ["| exit | kind | what happened |", "|---|---|---|"]
    rows += [f"| {kind.exit_code} | `{kind.__name__}` | {_first(kind)} |" for kind in kinds]
    return "\n".join(rows)


def commands() -> str:
    """A section for each command, by family."""
    parts = []
    for family in families():
        parts.append(f"## {family.title[0].upper()}{family.title[1:]}")
        for command in family.commands:
            parts += [_command(name, leaf) for name, leaf in command.leaves()]
    return "\n\n".join(parts)


def calls() -> str:
    """One row for each call of the local API."""
    rows = ["| call | request | what it does |", "|---|---|---|"]
    for route in OPERATOR + personal_routes():
        headless = " (also headless)" if route in OPERATOR else ""
        rows.append(
            f"| `{route.method} {route.path}` | {_request(route)} | {_what(route)}{headless} |"
        )
    return "\n".join(rows)


def filled(page: str, name: str, text: str) -> str:
    """``page`` with ``text`` between the comments of that name."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{text}\n\n{end}{after}"


def cli_page() -> str:
    """``docs/cli.md`` as it should be."""
    page = CLI_PAGE.read_text("utf-8")
    return filled(filled(page, "exit codes", exit_codes()), "commands", commands())


def api_page() -> str:
    """``docs/spec/local_api.md`` as it should be."""
    return filled(API_PAGE.read_text("utf-8"), "calls", calls())


def _first(kind: type) -> str:
    return (
        (kind.__doc__ or "")
        .split("\n\n")[0]
        .replace("\n    ", " ")
        .replace("``", "`")
        .removesuffix(".")
    )


def _command(name: str, command: Command) -> str:
    parser = _parser_of(name)
    first = command.help[0].upper() + command.help[1:] + "."
    more = f" {command.more}" if command.more else ""
    rows = [_option(action) for action in parser._actions if _is_own(action)]
    table = "\n".join(["| | |", "|---|---|", *rows]) + "\n\n" if rows else ""
    text = f"{first}{more}".replace("\n", " ")
    return f"### {name}\n\n{text}\n\n{table}```\n{command.examples.strip()}\n```"


def _parser_of(name: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = make_parser(families())
    for word in name.split():
        below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        parser = below[0].choices[word]
    return parser


def _is_own(action: argparse.Action) -> bool:
    return not {"-h", "--home", "--json"} & set(action.option_strings)


def _option(action: argparse.Action) -> str:
    words = ", ".join(action.option_strings)
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    if action.choices and not action.metavar:
        value = "\\|".join(map(str, action.choices))
    return f"| `{' '.join(part for part in (words, str(value)) if part)}` | {action.help or ''} |"


def _request(route: Route) -> str:
    hints = typing.get_type_hints(route.shape)
    parts = []
    for field in fields(route.shape):
        kind = str(hints[field.name]) if not isinstance(hints[field.name], type) else ""
        kind = kind or hints[field.name].__name__
        kind = kind.replace("tuple[str, ...]", "[str]").replace(" | None", "")
        needed = field.default is MISSING
        parts.append(f"`{field.name}`: {kind}" + ("" if needed else "?"))
    return ", ".join(parts)


def _what(route: Route) -> str:
    text = re.sub(r"\s+", " ", route.what)
    return text.removesuffix(".")


def main() -> None:
    """Bring the pages up to date."""
    pages = (CLI_PAGE, cli_page()), (API_PAGE, api_page()), (openapi.FILE, openapi.text())
    for path, page in pages:
        path.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
