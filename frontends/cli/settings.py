"""What a person can set."""

import argparse
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.times import parse_age


def settings(context: Context, options: argparse.Namespace) -> None:
    """Show what is set, or set something."""
    if options.what is None:
        done = context.look("settings")
    elif options.value is None:
        raise Usage(f"set {options.what} to what?", hint="see 'holdfast settings --help'")
    else:
        done = context.call("settings/change", _asked(options.what, options.value))
    if not context.output.json:
        for line in settings_lines(done):
            context.output.line(line)


def _asked(what: str, value: str) -> dict[str, object]:
    if what == "device":
        return {"device": value}
    return {"retention": -1 if value == "default" else parse_age(value)}


def settings_lines(done: Fields) -> list[str]:
    """One setting a line."""
    retention = done.inner("retention")
    kept, wanted = age(retention.number("kept")), age(retention.number("wanted"))
    line = kept if retention.has("wanted") else f"{kept} (default)"
    if retention.has("wanted") and kept != wanted:
        line = f"{kept} (you asked for {wanted}; your node decides within its limits)"
    return [f"retention  {line}", f"device     {done.text('device')}"]


def age(seconds: int) -> str:
    """``30 d``, ``12 h``, ``10 min``, ``45 s``: in the largest unit without a rest."""
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds and not seconds % unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("retention", "device"), help="all without")
    parser.add_argument(
        "value", metavar="VALUE", nargs="?", help="an age such as 30d or 'default'; a name"
    )


COMMANDS: Final = (
    Command(
        "settings",
        "show or change what you can set",
        settings,
        _options,
        examples="holdfast settings\n"
        "holdfast settings retention 90d\n"
        "holdfast settings retention default\n"
        "holdfast settings device 'blue laptop'",
        more="retention is how long old versions are kept, within what your node allows; at least\n"
        "ten minutes, since others may be reading them. device is what this machine is called in\n"
        "the names of conflicting copies and in your log; your node does not see it.",
    ),
)
