"""``holdfast node config check``: whether a node would start with its settings. Needs no daemon."""

import argparse
import os
from pathlib import Path
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context


def check(context: Context, _options: argparse.Namespace) -> None:
    """Read the settings as the daemon would; BadConfig names what is wrong, and its line."""
    from node.config import load

    load(Path(context.place.home), os.environ)
    if context.output.json:
        context.output.event("done", {"file": context.place.config})
    else:
        context.output.line(f"{context.place.config}: in order")


CONFIG: Final = Command(
    "config",
    "its settings",
    below=(
        Command(
            "check",
            "see that the node would start with its settings",
            check,
            examples="holdfast node config check\nholdfast --home /srv/holdfast node config check",
            more="Reads config.toml of the data folder and the environment, as a start does. An\n"
            "unknown key or an impossible value is named with its line, and ends with 28.",
        ),
    ),
)
