"""post, comment, react: what you write for friends, and answer to them."""

import argparse
import sys
from pathlib import Path
from typing import Final

from formats.errors import TooLarge, Usage
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
    asked: dict[str, object] = {"text": _text(options.text), "to": options.to, "files": files}
    done = context.call("post/new", asked)
    if not context.output.json:
        context.output.line(f"Posted {done.text('id')[:SHORT]} to {', '.join(options.to)}.")


def edit(context: Context, options: argparse.Namespace) -> None:
    """Give a post another text."""
    done = context.call("post/edit", {"post": options.post, "text": _text(options.text)})
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

    context.call("post/show", _named(options), tell)


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


def comment(context: Context, options: argparse.Namespace) -> None:
    """Comment on a post."""
    asked = {**_named(options), "text": _text(options.text)}
    if options.under is not None:
        asked["under"] = options.under
    done = context.call("comment/add", asked)
    if not context.output.json:
        context.output.line(
            f"Commented ({done.text('id')[:SHORT]}): all see it whom the post of "
            f"{done.text('who')} is for."
        )


def edit_comment(context: Context, options: argparse.Namespace) -> None:
    """Give a comment another text."""
    asked = {**_named(options), "comment": options.comment, "text": _text(options.text)}
    done = context.call("comment/edit", asked)
    if not context.output.json:
        context.output.line(f"Changed {done.text('id')[:SHORT]}.")


def delete_comment(context: Context, options: argparse.Namespace) -> None:
    """Take a comment back, or away."""
    done = context.call("comment/delete", {**_named(options), "comment": options.comment})
    if not context.output.json:
        context.output.line(f"{done.text('id')[:SHORT]} is gone.")


def react(context: Context, options: argparse.Namespace) -> None:
    """React to a post or a comment."""
    if (options.what is None) != options.remove:
        raise Usage("say what, or --remove", hint="holdfast react POST EMOJI")
    asked = {**_named(options), "what": options.what or ""}
    if options.under is not None:
        asked["under"] = options.under
    context.call("react", asked)
    if not context.output.json:
        context.output.line("Your reaction is gone." if options.remove else "Done.")


def _named(options: argparse.Namespace) -> dict[str, object]:
    named: dict[str, object] = {"post": options.post}
    return named if options.who is None else {**named, "who": options.who}


def _text(word: str) -> str:
    """The text, from standard input for ``-``."""
    if word != "-":
        return word
    text = sys.stdin.read(MAX_TEXT + 1)
    if len(text) > MAX_TEXT:
        raise TooLarge("standard input is more than anybody posts")
    return text.rstrip("\n")


def _text_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="what to say; - reads standard input")


def _post_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("post", metavar="POST", help="its id, or the beginning of it")


def _of_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--of", dest="who", metavar="NAME", help="whose post it is: asks only them")


def _new_options(parser: argparse.ArgumentParser) -> None:
    _text_option(parser)
    parser.add_argument(
        "--to", metavar="NAME", nargs="+", required=True, help="contacts or circles; all-contacts"
    )
    parser.add_argument("--with", dest="files", metavar="FILE", nargs="+", help="files beside it")


def _edit_options(parser: argparse.ArgumentParser) -> None:
    _post_option(parser)
    _text_option(parser)


def _show_options(parser: argparse.ArgumentParser) -> None:
    _post_option(parser)
    _of_option(parser)


def _under_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--under", metavar="COMMENT", help="answer a comment instead of the post")


def _comment_options(parser: argparse.ArgumentParser) -> None:
    _edit_options(parser)
    _under_option(parser)
    _of_option(parser)


def _comment_option(parser: argparse.ArgumentParser) -> None:
    _post_option(parser)
    parser.add_argument("comment", metavar="COMMENT", help="its id, or the beginning of it")


def _edit_comment_options(parser: argparse.ArgumentParser) -> None:
    _comment_option(parser)
    _text_option(parser)
    _of_option(parser)


def _delete_comment_options(parser: argparse.ArgumentParser) -> None:
    _comment_option(parser)
    _of_option(parser)


def _react_options(parser: argparse.ArgumentParser) -> None:
    _post_option(parser)
    parser.add_argument("what", metavar="EMOJI", nargs="?", help="an emoji, or a word")
    parser.add_argument("--remove", action="store_true", help="take yours back")
    _under_option(parser)
    _of_option(parser)


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
                "holdfast post new - --to bob < letter.txt",
            ),
            Command(
                "edit",
                "give a post another text; what it said stays with it, for all to see",
                edit,
                _edit_options,
                examples='holdfast post edit 3fa2c1d9 "We are back!"',
            ),
            Command(
                "delete",
                "take a post away, with its files and comments: it goes to the trash",
                delete,
                _post_option,
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
    Command(
        "comment",
        "answer posts and comments",
        more="All see a comment whom the post is for, also those you do not know: its author\n"
        "lays it beside the post, signed by you.",
        below=(
            Command(
                "add",
                "comment on a post, or answer a comment",
                comment,
                _comment_options,
                examples='holdfast comment add 3fa2c1d9 "Welcome!"\n'
                'holdfast comment add 3fa2c1d9 "Me too" --under 77ab01ce',
            ),
            Command(
                "edit",
                "give a comment of yours another text",
                edit_comment,
                _edit_comment_options,
                examples='holdfast comment edit 3fa2c1d9 77ab01ce "Welcome back!"',
            ),
            Command(
                "delete",
                "take a comment of yours back, or another's away from your own post",
                delete_comment,
                _delete_comment_options,
                examples="holdfast comment delete 3fa2c1d9 77ab01ce",
            ),
        ),
    ),
    Command(
        "react",
        "react to a post or a comment with an emoji or a word",
        react,
        _react_options,
        examples="holdfast react 3fa2c1d9 yes\nholdfast react 3fa2c1d9 --remove",
    ),
)
