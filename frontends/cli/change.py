"""Your files, changed: mkdir, mv, cp, rm."""

import argparse
from typing import Final

from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.files import Transfer, transfer_options
from frontends.cli.tree import show_problem


def mkdir(context: Context, options: argparse.Namespace) -> None:
    """Make folders."""
    asked: dict[str, object] = {"paths": _paths(options.path), "parents": options.p}
    context.call("mkdir", asked, _Quiet(context).show)


def mv(context: Context, options: argparse.Namespace) -> None:
    """Move or rename."""
    *sources, to = _paths(options.path)
    asked: dict[str, object] = {"sources": sources, "to": to, "force": options.force}
    context.call("mv", asked, _Quiet(context).show)


def cp(context: Context, options: argparse.Namespace) -> None:
    """Copy within the drive."""
    *sources, to = _paths(options.path)
    asked: dict[str, object] = {
        "sources": sources,
        "to": to,
        "recursive": options.r,
        "force": options.force,
        "each": options.v,
    }
    transfer = Transfer(context, "copied", options)
    context.call("cp", asked, transfer.show, transfer.progress)


def reseal(context: Context, options: argparse.Namespace) -> None:
    """Seal contents anew."""
    seal_anew(context, options.path, options)


def seal_anew(context: Context, path: str, options: argparse.Namespace) -> None:
    """Have the contents of a file, or below a folder, sealed anew, with progress."""
    asked: dict[str, object] = {"path": remote_path(path), "each": options.v}
    transfer = Transfer(context, "sealed anew", options)
    context.call("reseal", asked, transfer.show, transfer.progress)


def rm(context: Context, options: argparse.Namespace) -> None:
    """Remove."""
    asked: dict[str, object] = {
        "paths": _paths(options.path),
        "recursive": options.r,
        "forever": options.forever,
    }
    done = context.call("rm", asked, _Quiet(context).show)
    if done.has("unfinished") and not context.output.json:
        why = done.inner("unfinished").text("message")
        context.output.note(f"they are gone; clearing what they held goes on later ({why})")


class _Quiet:
    """Says only what could not be done, as mkdir and mv do."""

    def __init__(self, context: Context) -> None:
        self._output = context.output

    def show(self, kind: str, fields: Fields) -> None:
        """One event."""
        if kind == "problem":
            show_problem(self._output.note, fields)


def _paths(words: list[str]) -> list[str]:
    return [remote_path(word) for word in words]


def _mkdir_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="+")
    parser.add_argument("-p", action="store_true", help="those above too; fine if it is there")


def _mv_options(parser: argparse.ArgumentParser) -> None:
    _sources_and_target(parser)
    parser.add_argument("--force", action="store_true", help="replace a file that has the name")


def _cp_options(parser: argparse.ArgumentParser) -> None:
    _sources_and_target(parser)
    parser.add_argument("-r", action="store_true", help="folders too")
    parser.add_argument(
        "--force", action="store_true", help="give a file that is there a new version"
    )
    transfer_options(parser)


def _reseal_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    transfer_options(parser)


def _sources_and_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="SOURCE... DEST", nargs="+", action=_AtLeastTwo)


class _AtLeastTwo(argparse.Action):
    """Takes two words or more."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Called by argparse with the words."""
        if not isinstance(values, list) or len(values) < 2:
            parser.error("SOURCE and DEST are needed")
        setattr(namespace, self.dest, values)


def _rm_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="+")
    parser.add_argument("-r", action="store_true", help="folders and all that is in them too")
    parser.add_argument("--forever", action="store_true", help="not into the trash")


COMMANDS: Final = (
    Command(
        "mkdir",
        "make folders",
        mkdir,
        _mkdir_options,
        examples="holdfast mkdir photos\nholdfast mkdir -p photos/2026/summer",
    ),
    Command(
        "mv",
        "move or rename files and folders",
        mv,
        _mv_options,
        examples="holdfast mv notes.txt todo.txt\nholdfast mv a.jpg b.jpg photos",
        more="Into DEST when it is a folder, else under that name; all of it or nothing. However\n"
        "large a folder is, moving it takes a moment.",
    ),
    Command(
        "cp",
        "copy files and folders within your drive, or from a friend's",
        cp,
        _cp_options,
        examples="holdfast cp notes.txt old-notes.txt\nholdfast cp -r /bob/holiday photos",
        more="Into DEST when it is a folder, else under that name. A copy within your drive\n"
        "shares the stored contents, so it takes a moment and next to no room.",
    ),
    Command(
        "reseal",
        "seal the contents of files anew, under other keys",
        reseal,
        _reseal_options,
        examples="holdfast reseal photos/2026",
        more="Whoever you took access back from may have kept keys. No honest home hands out\n"
        "what they open; after this they are of no use to a thief of its disk either. All of it\n"
        "is sent again. Versions of before are kept as ever: 'holdfast forget' ends that.",
    ),
    Command(
        "rm",
        "move files and folders to the trash",
        rm,
        _rm_options,
        examples="holdfast rm notes.txt\nholdfast rm -r photos/2019\n"
        "holdfast rm --forever secret.txt",
        more="All of it or nothing, and however large a folder is, in a moment. Whoever you\n"
        "shared it with cannot read it any more. 'holdfast trash restore PATH' brings it back.",
    ),
)
