"""Parts of your files: write, append, truncate."""

import argparse
from typing import Final

from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context, Show
from frontends.cli.fields import Fields
from frontends.cli.files import show_kept
from frontends.cli.sizes import parse_size
from frontends.cli.terminal import size


def write(context: Context, options: argparse.Namespace) -> None:
    """Write standard input into a file."""
    path, offset = remote_path(options.path), parse_size(options.offset)
    asked: dict[str, object] = {"path": path, "offset": offset, "cut": options.cut}
    _tell(context, context.pipe_in("write", asked, _show(context)))


def append(context: Context, options: argparse.Namespace) -> None:
    """Write standard input to the end of a file."""
    asked: dict[str, object] = {"path": remote_path(options.path)}
    _tell(context, context.pipe_in("append", asked, _show(context)))


def truncate(context: Context, options: argparse.Namespace) -> None:
    """Cut a file, or let it grow by zeros."""
    asked: dict[str, object] = {"path": remote_path(options.path), "size": parse_size(options.size)}
    _tell(context, context.call("truncate", asked, _show(context)))


def _show(context: Context) -> Show:
    def show(kind: str, fields: Fields) -> None:
        if kind == "kept":
            show_kept(context.output, fields)

    return show


def _tell(context: Context, done: Fields) -> None:
    if not context.output.json:
        context.output.line(f"{done.text('path')} has {size(done.number('size'))}")


def _write_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    parser.add_argument(
        "--offset", metavar="N", default="0", help="where to begin: bytes, or like 10MiB (0)"
    )
    parser.add_argument("--cut", action="store_true", help="let the file end where the input does")


def _append_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")


def _truncate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    parser.add_argument("size", metavar="SIZE", help="bytes, or like 10MiB")


_ONE_COMMIT: Final = (
    "All of it is saved at the end, in one commit, or nothing is. Only what changes is moved. If\n"
    "somebody else saved the file meanwhile, both are kept: yours beside theirs, and it is said."
)

COMMANDS: Final = (
    Command(
        "write",
        "write standard input into a file, at any offset",
        write,
        _write_options,
        examples="holdfast write notes.txt < notes.txt\n"
        "holdfast write --offset 1MiB disk.img < block\n"
        "date | holdfast write --cut last-run",
        more="What the file has before and after stays as it is, unless --cut is said. It is made\n"
        f"if it is not there.\n\n{_ONE_COMMIT}",
    ),
    Command(
        "append",
        "write standard input to the end of a file",
        append,
        _append_options,
        examples="date | holdfast append diary.txt\nholdfast append logs/all < logs/today",
        more=f"The file is made if it is not there.\n\n{_ONE_COMMIT}",
    ),
    Command(
        "truncate",
        "cut a file, or let it grow by zeros",
        truncate,
        _truncate_options,
        examples="holdfast truncate notes.txt 0\nholdfast truncate disk.img 10GiB",
        more=f"Zeros take no room where whole chunks of 5 MiB are.\n\n{_ONE_COMMIT}",
    ),
)
