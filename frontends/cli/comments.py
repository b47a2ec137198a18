"""comment, react: what you answer to posts."""

import argparse
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.feed import SHORT
from frontends.cli.posts import edit_options, named, of_option, post_option, text_of, text_option


def comment(context: Context, options: argparse.Namespace) -> None:
    """Comment on a post."""
    asked = {**named(options), "text": text_of(options.text)}
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
    asked = {**named(options), "comment": options.comment, "text": text_of(options.text)}
    done = context.call("comment/edit", asked)
    if not context.output.json:
        context.output.line(f"Changed {done.text('id')[:SHORT]}.")


def delete_comment(context: Context, options: argparse.Namespace) -> None:
    """Take a comment back, or away."""
    done = context.call("comment/delete", {**named(options), "comment": options.comment})
    if not context.output.json:
        context.output.line(f"{done.text('id')[:SHORT]} is gone.")


def react(context: Context, options: argparse.Namespace) -> None:
    """React to a post or a comment."""
    if (options.what is None) != options.remove:
        raise Usage("say what, or --remove", hint="holdfast react POST EMOJI")
    asked = {**named(options), "what": options.what or ""}
    if options.under is not None:
        asked["under"] = options.under
    context.call("react", asked)
    if not context.output.json:
        context.output.line("Your reaction is gone." if options.remove else "Done.")


def _under_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--under", metavar="COMMENT", help="answer a comment instead of the post")


def _comment_options(parser: argparse.ArgumentParser) -> None:
    edit_options(parser)
    _under_option(parser)
    of_option(parser)


def _comment_option(parser: argparse.ArgumentParser) -> None:
    post_option(parser)
    parser.add_argument("comment", metavar="COMMENT", help="its id, or the beginning of it")


def _edit_comment_options(parser: argparse.ArgumentParser) -> None:
    _comment_option(parser)
    text_option(parser)
    of_option(parser)


def _delete_comment_options(parser: argparse.ArgumentParser) -> None:
    _comment_option(parser)
    of_option(parser)


def _react_options(parser: argparse.ArgumentParser) -> None:
    post_option(parser)
    parser.add_argument("what", metavar="EMOJI", nargs="?", help="an emoji, or a word")
    parser.add_argument("--remove", action="store_true", help="take yours back")
    _under_option(parser)
    of_option(parser)


COMMANDS: Final = (
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
