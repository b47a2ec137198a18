"""Your files and what others share with you, found by what you remember of them: search."""

import argparse
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command, remote_path
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.sizes import parse_size
from frontends.cli.times import parse_moment
from frontends.cli.tree import long_line, show_problem

LIMIT: Final = 200


def search(context: Context, options: argparse.Namespace) -> None:
    """Find things by what is remembered of them."""

    def show(kind: str, fields: Fields) -> None:
        if kind == "problem":
            show_problem(context.output.note, fields)
        elif options.l:
            context.output.line(f"{long_line(fields)}  {fields.text('path')}")
        else:
            context.output.line(fields.text("path"))

    least, most = sizes(options.size)
    asked: dict[str, object] = {
        "words": [remote_path(word) for word in options.word],
        "type": options.type,
        "min_size": least,
        "max_size": most,
        "since": None if options.since is None else parse_moment(options.since),
        "until": None if options.until is None else parse_moment(options.until),
        "below": remote_path(options.in_) or None,
        "limit": options.limit,
    }
    given = {key: value for key, value in asked.items() if value is not None}
    done = context.call("search", given, show)
    if done.flag("more") and not context.output.json:
        context.output.note(f"holdfast: there is more: --limit {options.limit * 10} shows it")


def sizes(text: str | None) -> tuple[int | None, int | None]:
    """The least and the most of ``10MiB`` (at least), ``..1MiB``, ``1MiB..10MiB``."""
    if text is None:
        return None, None
    least, between, most = text.partition("..")
    if not least and not most:
        raise Usage(f"'{text}' is no size", hint="write it like 10MiB, ..1MiB or 1MiB..10MiB")
    return (parse_size(least) if least else None), (parse_size(most) if between and most else None)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("word", metavar="WORD", nargs="*", help="letters of a name, or '*.jpg'")
    parser.add_argument("--type", metavar="TYPE", help="folder, image, application/pdf, ...")
    parser.add_argument("--size", metavar="SIZE", help="at least 10MiB; ..1MiB; 1MiB..10MiB")
    parser.add_argument("--since", metavar="TIME", help="changed at 2026-11-23 or later, or 2w ago")
    parser.add_argument("--until", metavar="TIME", help="changed at 2026-11-23 or before")
    parser.add_argument("--in", dest="in_", metavar="PATH", default="", help="only below it")
    parser.add_argument("--limit", metavar="N", type=int, default=LIMIT, help="at most N (200)")
    parser.add_argument("-l", action="store_true", help="as ls -l shows them, with the path")


COMMANDS: Final = (
    Command(
        "search",
        "find things in your files and in what others share with you",
        search,
        _options,
        examples="holdfast search holiday 2026\n"
        "holdfast search '*.jpg' --since 2026-11-01 --in photos\n"
        "holdfast search --type video --size 1GiB -l",
        more="Words fit whatever their case and accents, each in the name or in the folders\n"
        "above; one of them must be in the name. TYPE is file, folder, link; image, video,\n"
        "audio, text, document, archive; or a content type such as application/pdf. The best\n"
        "come first. No server is asked what you look for: the index is in your daemon's memory.",
    ),
)
