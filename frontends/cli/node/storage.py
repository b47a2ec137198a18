"""``holdfast node storage``: where the store is, and bringing it to where the settings say."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from formats.errors import AlreadyRunning, Damaged, Interrupted
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.progress import Progress
from frontends.cli.terminal import counted, size

if TYPE_CHECKING:
    from node.storing.moving import Migrated


def show(context: Context, _options: argparse.Namespace) -> None:
    """Say where the store is, and where the settings want it. Needs no daemon."""
    from node.config import load
    from node.folder import NodeFolder
    from node.storing.place import StorePlace, place_in_use

    node = NodeFolder(Path(context.place.home))
    used = place_in_use(node)
    wanted = StorePlace(load(node.home, os.environ).store)
    there = used is None or used.where == wanted.where
    if context.output.json:
        said = {"used": None if used is None else str(used), "settings": str(wanted)}
        context.output.event("done", {**said, "moved": there})
        return
    context.output.line("There is no store yet." if used is None else f"The store is {used}.")
    if not there:
        context.output.line(f"The settings say {wanted}: run 'holdfast node storage migrate'.")


def migrate(context: Context, _options: argparse.Namespace) -> None:
    """Bring the store to where the settings say. Needs that no daemon runs."""
    import trio

    from frontends.daemon.folder import held
    from node.config import load
    from node.folder import NodeFolder
    from node.storing.moving import migrate as move

    home = Path(context.place.home)
    config = load(home, os.environ)
    steps = {verb: Progress(context.output, verb, "block") for verb in ("moved", "compared")}

    def step(what: str, blocks: int, moved: int, of_blocks: int, of: int) -> None:
        figures = {"files": blocks, "bytes": moved, "total_files": of_blocks, "total_bytes": of}
        steps[what].update(Fields(figures))

    try:
        with held(context.place):
            done = trio.run(move, NodeFolder(home), config.store, os.environ, step)
    except AlreadyRunning as error:
        raise AlreadyRunning(error.message, hint="stop it, and run this again") from None
    except KeyboardInterrupt:
        raise Interrupted(
            "stopped; the old store is in use as before",
            hint="run it again: it goes on from here, unless the node runs meanwhile",
        ) from None
    finally:
        for each in steps.values():
            each.clear()
    _tell(context, done)


def _tell(context: Context, done: "Migrated") -> None:
    mark = done.moved
    if context.output.json:
        said = {"from": str(done.before), "to": str(done.after), "left": str(done.left)}
        figures = {"blocks": mark.blocks, "bytes": mark.size}
        context.output.event(
            "done", {**said, **figures, "damaged": mark.damaged, "lost": mark.lost}
        )
    else:
        context.output.line(
            f"Moved {counted(mark.blocks, 'block')}, {size(mark.size)}; each was read back"
            " and compared."
        )
        context.output.line(f"The store is {done.after}.")
        context.output.line(
            f"The old one was {done.before}; it is untouched. When the node runs well, remove"
            f" {done.left}, and what it kept elsewhere."
        )
    if mark.damaged or mark.lost:
        raise Damaged(
            f"all is moved, but {counted(mark.damaged, 'block')} were damaged and"
            f" {mark.lost} lost before",
            hint="run 'holdfast node repair' when the node runs",
        )


STORAGE: Final = Command(
    "storage",
    "where it keeps everything",
    below=(
        Command(
            "show",
            "where the store is",
            show,
            examples="holdfast node storage show",
            more="Needs no daemon.",
        ),
        Command(
            "migrate",
            "bring the store to where the settings say",
            migrate,
            examples="holdfast node storage migrate\n"
            "holdfast --home /srv/holdfast node storage migrate",
            more="Say where it should be below [store] of config.toml, stop the node, and run\n"
            "this. It copies everything, reads it back, compares every row and the hash of\n"
            "every block, and only then is the new store in use. Stopped or killed, it goes on\n"
            "where it was. The old store is left as it is.",
        ),
    ),
)
