"""``holdfast node config check``: whether a node would start with its settings. Needs no daemon."""

import argparse
import os
from pathlib import Path
from typing import Final

from crypto.secret import Secret
from frontends.cli.command import Command
from frontends.cli.context import Context


def check(context: Context, _options: argparse.Namespace) -> None:
    """Read the settings as the daemon would; BadConfig names what is wrong, and its line."""
    from node.config import load, settings
    from node.storing.opening import check_keys

    config = load(Path(context.place.home), os.environ)
    check_keys(config.store, os.environ)
    told = {name: plain(value) for name, value in settings(config)}
    if context.output.json:
        context.output.event("done", {"file": context.place.config, "settings": told})
        return
    context.output.line(f"{context.place.config}: in order")
    for name, value in told.items():
        context.output.line(f"{name:<30} {_shown(value)}")


def plain(value: object) -> object:
    """A setting as JSON has it; a key is not shown."""
    if isinstance(value, Secret):
        return "set"
    return list(value) if isinstance(value, tuple) else value


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


CONFIG: Final = Command(
    "config",
    "its settings",
    below=(
        Command(
            "check",
            "see that the node would start with its settings, and list them",
            check,
            examples="holdfast node config check\nholdfast --home /srv/holdfast node config check",
            more="Reads config.toml of the data folder and the environment, as a start does. An\n"
            "unknown key or an impossible value is named with its line, and ends with 28.",
        ),
    ),
)
