"""post: what you write for friends; and what they wrote, with its comments."""

import argparse
import sys
from pathlib import Path
from typing import Final

from formats.errors import TooLarge
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.feed import INDENT, SHORT, show_media, show_text
from frontends.cli.fields import Fields
from frontends.cli.terminal import moment, safe
from frontends.cli.tree import show_problem

MAX_TEXT: Final = 64 * 1024


def new(context: Context, options: argparse.Namespace) -> None:
    """Write a post."""
    files = [str(Path(each).absolute()) for each in options.files or ()]
    asked: dict[str, object] = {
        "text": text_of(options.text),
        "to": options.to,
        "files": files,
        "copies": options.copies or [],
    }
    done = context.call("post/new", asked)
    if not context.output.json:
        context.output.line(f"Posted {done.text('id')[:SHORT]} to {', '.join(options.to)}.")


def edit(context: Context, options: argparse.Namespace) -> None:
    """Give a post another text."""
    done = context.call("post/edit", {"post": options.post, "text": text_of(options.text)})
    if not context.output.json:
        context.output.line(f"Changed {done.text('id')[:SHORT]}; what it said stays with it.")


def delete(context: Context, options: argparse.Namespace) -> None:
    """Take a post away."""
    done = context.call("post/delete", {"post": options.post})
    if not context.output.json:
        context.output.line(f"{done.text('id')[:SHORT]} is in the trash; nobody else sees it.")


def show(context: Context, options: argparse.Namespace) -> None:
    """Show a post with everything about it."""

    def tell(kind: str, fields: Fields) -> None:
        if kind == "problem":
            show_problem(context.output.note, fields)
        elif kind == "post":
            _show_post(context, fields)
        elif kind == "comment":
            _show_comment(context, fields)
        elif kind == "reaction":
            context.output.row(safe(f"{INDENT}{fields.text('who')}: {fields.text('text')}"))

    context.call("post/show", named(options), tell)


def _show_post(context: Context, fields: Fields) -> None:
    who, id = fields.text("who"), fields.text("id")
    context.output.row(safe(f"{moment(fields.number('time'))}  {who}  {id}"))
    show_text(context, fields.text("text"), INDENT)
    show_media(context, fields)
    for each in fields.objects("before"):
        context.output.row(f"{INDENT}until {moment(each.number('until'))} it said:")
        show_text(context, each.text("text"), 2 * INDENT)


def _show_comment(context: Context, fields: Fields) -> None:
    indent = INDENT * (1 + min(fields.number("depth"), 8))
    waiting = "  (not taken in by the author yet)" if fields.flag("waiting") else ""
    changed = "  (changed)" if fields.number("edits") else ""
    who, id = fields.text("who"), fields.text("id")[:SHORT]
    head = f"{moment(fields.number('time'))}  {who}  {id}"
    context.output.row(indent + safe(head + changed + waiting))
    show_text(context, fields.text("text"), indent + INDENT)


def named(options: argparse.Namespace) -> dict[str, object]:
    """Which post is meant."""
    named: dict[str, object] = {"post": options.post}
    return named if options.who is None else {**named, "who": options.who}


def text_of(word: str) -> str:
    """What to say, from standard input for ``-``."""
    if word != "-":
        return word
    text = sys.stdin.read(MAX_TEXT + 1)
    if len(text) > MAX_TEXT:
        raise TooLarge("standard input is more than anybody posts")
    return text.rstrip("\n")


def text_option(parser: argparse.ArgumentParser) -> None:
    """What to say."""
    parser.add_argument("text", metavar="TEXT", help="what to say; - reads standard input")


def post_option(parser: argparse.ArgumentParser) -> None:
    """Which post."""
    parser.add_argument("post", metavar="POST", help="its id, or the beginning of it")


def of_option(parser: argparse.ArgumentParser) -> None:
    """Whose post it is."""
    parser.add_argument("--of", dest="who", metavar="NAME", help="whose post it is: asks only them")


def _new_options(parser: argparse.ArgumentParser) -> None:
    text_option(parser)
    parser.add_argument(
        "--to", metavar="NAME", nargs="+", required=True, help="contacts or circles; all-contacts"
    )
    parser.add_argument("--with", dest="files", metavar="FILE", nargs="+", help="files beside it")
    parser.add_argument(
        "--copy", dest="copies", metavar="PATH", nargs="+", help="copies of files of your drive"
    )


def edit_options(parser: argparse.ArgumentParser) -> None:
    """A post, and a text."""
    post_option(parser)
    text_option(parser)


def _show_options(parser: argparse.ArgumentParser) -> None:
    post_option(parser)
    of_option(parser)


COMMANDS: Final = (
    Command(
        "post",
        "write for contacts and circles; what friends wrote, with comments",
        more="A post is a file in '.feed' of your home, shared with whom it is for: so it counts\n"
        "in your quota, and 'holdfast access' says who sees it.",
        below=(
            Command(
                "new",
                "write a post, with files or without",
                new,
                _new_options,
                examples='holdfast post new "We are back" --to family bob\n'
                'holdfast post new "The lake" --to all-contacts --with lake.jpg\n'
                'holdfast post new "The harbour" --to bob --copy photos/harbour.jpg\n'
                "holdfast post new - --to bob < letter.txt",
            ),
            Command(
                "edit",
                "give a post another text; what it said stays with it, for all to see",
                edit,
                edit_options,
                examples='holdfast post edit 3fa2c1d9 "We are back!"',
            ),
            Command(
                "delete",
                "take a post away, with its files and comments: it goes to the trash",
                delete,
                post_option,
                examples="holdfast post delete 3fa2c1d9",
                more="What others copied while they could read it stays theirs.",
            ),
            Command(
                "show",
                "show a post: all of it, what it said before, comments and reactions",
                show,
                _show_options,
                examples="holdfast post show 3fa2c1d9\nholdfast post show 3fa2c1d9 --of bob",
            ),
        ),
    ),
)
