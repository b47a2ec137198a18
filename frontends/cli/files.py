"""Your files, moved: put, get, cat; thumbnails."""

import argparse
import os
import sys
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.output import Output
from frontends.cli.progress import Progress
from frontends.cli.sizes import parse_size
from frontends.cli.terminal import counted, size
from frontends.cli.times import at_option, parse_when
from frontends.cli.tree import show_problem

PIPE: Final = "-"
"""Standard input of ``put``, standard output of ``get``."""


def put(context: Context, options: argparse.Namespace) -> None:
    """Put local files and folders into the drive."""
    sources, to = split_paths(options.path)
    if PIPE in sources:
        _put_pipe(context, options, sources, to)
        return
    asked: dict[str, object] = {
        "sources": [os.path.abspath(source) for source in sources],
        "to": remote_path(to or ""),
        "each": options.v,
        "update": options.update,
        "resume": options.resume,
        "check": options.check,
    }
    transfer = Transfer(context, "stored", options)
    context.call("put", asked, transfer.show, transfer.progress)


def _put_pipe(
    context: Context, options: argparse.Namespace, sources: list[str], to: str | None
) -> None:
    """Put standard input."""
    if to is None or len(sources) > 1:
        raise Usage(
            "'-' is standard input: put it alone, and name the file it becomes",
            hint="like 'tar c photos | holdfast put - photos.tar'; a file called '-' is './-'",
        )
    if sys.stdin is None:
        raise Usage("standard input is closed")
    if options.update or options.resume or options.check:
        raise Usage("standard input cannot be read again: no --update, --check or --resume")
    transfer = Transfer(context, "stored", options)
    asked: dict[str, object] = {"to": remote_path(to), "each": options.v}
    context.pipe_in("put/pipe", asked, transfer.show, transfer.progress)


def get(context: Context, options: argparse.Namespace) -> None:
    """Get files and folders out of a drive."""
    sources, to = split_paths(options.path)
    if to == PIPE:
        paths = [remote_path(source) for source in sources]
        context.pour("cat", {"paths": paths, "at": parse_when(options.at)})
        return
    asked: dict[str, object] = {
        "sources": [remote_path(source) for source in sources],
        "to": local_path(to or "."),
        "force": options.force,
        "each": options.v,
        "at": parse_when(options.at),
    }
    transfer = Transfer(context, "got", options)
    context.call("get", asked, transfer.show, transfer.progress)


def cat(context: Context, options: argparse.Namespace) -> None:
    """Write files to standard output."""
    asked: dict[str, object] = {"paths": [remote_path(path) for path in options.path]}
    asked |= {"at": parse_when(options.at), "offset": parse_size(options.offset)}
    if options.length is not None:
        asked["length"] = parse_size(options.length)
    context.pour("cat", asked)


def thumbnail(context: Context, options: argparse.Namespace) -> None:
    """Write the thumbnail of an image."""
    asked: dict[str, object] = {"path": remote_path(options.path), "at": parse_when(options.at)}
    if options.output in (None, PIPE):
        context.pour("thumbnail", asked)
        return
    picture = bytearray()
    context.pour("thumbnail", asked, picture.extend)
    try:
        with open(options.output, "wb") as file:
            file.write(picture)
    except OSError as error:
        raise Usage(f"{options.output}: {error.strerror}") from None


def split_paths(paths: list[str]) -> tuple[list[str], str | None]:
    """Sources and destination: of one path alone, the destination is None."""
    return (paths, None) if len(paths) == 1 else (paths[:-1], paths[-1])


def local_path(path: str) -> str:
    """Absolute; a slash at its end, which says that a folder is meant, stays."""
    return os.path.abspath(path) + (os.sep if path.endswith(os.sep) else "")


class Transfer:
    """Shows a put, get or cp: what was left out, each file with ``-v``, the sum."""

    def __init__(self, context: Context, verb: str, options: argparse.Namespace) -> None:
        again = " with --update" if verb == "stored" else ""
        resume = f"run the same command again{again} for the rest"
        if verb in ("stored", "got"):
            resume += "; 'holdfast transfers' lists large files that were cut off"
        self.progress = Progress(context.output, verb, resume=resume, always=options.progress)
        self._output = context.output
        self._verb = verb
        self._first: Fields | None = None

    def show(self, kind: str, fields: Fields) -> None:
        """One event. The only thing there was to do, if left out, is told by its own error."""
        if kind == "skipped" and self._first is None:
            self._first = fields
        elif kind == "skipped":
            self._show_skipped(fields)
        elif kind == "kept":
            show_kept(self._output, fields)
        elif kind == "file":
            self.progress.told()
            self._output.line(fields.text("path"))
        elif kind == "summary" and not _is_nothing(fields):
            self._show_skipped()
            self._output.line(summary_line(self._verb, fields))

    def _show_skipped(self, fields: Fields | None = None) -> None:
        for each in (self._first, fields):
            if each is not None and each.values:
                show_problem(self._output.note, each)
        self._first = Fields({})


def show_kept(output: Output, fields: Fields) -> None:
    """What was stored is beside the file that somebody else changed meanwhile."""
    output.note(f"kept beside: {fields.text('beside')}")


def _is_nothing(fields: Fields) -> bool:
    done = any(fields.number(name) for name in ("files", "folders", "links"))
    return fields.number("skipped") == 1 and not done


def summary_line(verb: str, fields: Fields) -> str:
    """``stored 12 files and 3 folders, 3.1 MiB; left out 2``."""
    parts = [
        counted(fields.number(name), one)
        for name, one in (("files", "file"), ("folders", "folder"), ("links", "link"))
        if fields.number(name) or name == "files"
    ]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    skipped = fields.number("skipped")
    rest = f"; left out {skipped}" if skipped else ""
    if same := fields.number("unchanged"):
        rest = f"; {same:,} unchanged{rest}"
    if resumed := fields.number("resumed"):
        rest = f" ({size(resumed)} of it was there already){rest}"
    return f"{verb} {listed}, {size(fields.number('bytes'))}{rest}"


def transfer_options(parser: argparse.ArgumentParser) -> None:
    """``-v`` and ``--progress``."""
    parser.add_argument("-v", action="store_true", help="say each file")
    parser.add_argument(
        "--progress", action="store_true", help="show progress also when nobody may be looking"
    )


def _put_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", metavar="SOURCE... DEST", nargs="+", help="local files and folders, then where to"
    )
    parser.add_argument(
        "--update",
        action="store_true",
        help="send only what changed; files of the same size and time have not",
    )
    parser.add_argument(
        "--check", action="store_true", help="the same, comparing the content of every file"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on also with what another device began"
    )
    transfer_options(parser)


def _get_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", metavar="SOURCE... DEST", nargs="+", help="paths in a drive, then a local path"
    )
    parser.add_argument("--force", action="store_true", help="overwrite local files")
    at_option(parser)
    transfer_options(parser)


def _cat_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="+")
    at_option(parser)
    parser.add_argument(
        "--offset", metavar="N", default="0", help="begin there: bytes, or like 10MiB (0)"
    )
    parser.add_argument("--length", metavar="N", help="at most so many bytes of each (all)")


def _thumbnail_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH")
    parser.add_argument(
        "-o", dest="output", metavar="FILE", help="write it there (standard output)"
    )
    at_option(parser)


COMMANDS: Final = (
    Command(
        "put",
        "put local files and folders into your drive",
        put,
        _put_options,
        examples="holdfast put notes.txt\n"
        "holdfast put photos/2026 photos\n"
        "holdfast put *.jpg /alice/photos\n"
        "tar c photos | holdfast put - backup/photos.tar\n"
        "holdfast put --update photos/2026 photos\n"
        "holdfast put --resume film.mkv videos",
        more="As cp -r does: into DEST when it is a folder, else under that name. One SOURCE\n"
        "alone goes to your home folder. A file that is there gets a new version; folders are\n"
        "merged. What cannot be read is said and left out, and the rest goes on. A file over\n"
        "64 MiB that was cut off goes on when the same is put again: see 'holdfast transfers'.\n"
        "Of a file that changed, --update sends the parts that did, by 256 KiB.\n"
        "SOURCE '-' is standard input, whose end is the end of the file, why ever it ended.",
    ),
    Command(
        "get",
        "get files and folders out of a drive",
        get,
        _get_options,
        examples="holdfast get notes.txt\n"
        "holdfast get /bob/holiday pictures/\n"
        "holdfast get backup/photos.tar - | tar x\n"
        "holdfast get --force notes.txt todo.txt desk",
        more="As cp -r does: into DEST when it is a folder, else under that name. One SOURCE\n"
        "alone goes to the current folder. Everything is verified before it gets its name, and\n"
        "no local file is overwritten without --force.",
    ),
    Command(
        "cat",
        "write files to standard output",
        cat,
        _cat_options,
        examples="holdfast cat notes.txt\nholdfast cat /bob/music/song.flac > song.flac\n"
        "holdfast cat --offset 1MiB --length 512 disk.img | xxd",
        more="If something goes wrong in the middle, what was written so far is right, and the\n"
        "exit code says that it is not all.",
    ),
    Command(
        "thumbnail",
        "write a small picture of an image",
        thumbnail,
        _thumbnail_options,
        examples="holdfast thumbnail photos/beach.jpg -o beach.webp\n"
        "holdfast thumbnail /bob/holiday/1.png > 1.webp",
        more="WebP, at most 400 by 400 pixels. It is made when a JPEG, PNG, WebP or GIF of up to\n"
        "32 MiB is put by a program that has the extra 'thumbnails' (docs/install.md); others\n"
        "have none.",
    ),
)
