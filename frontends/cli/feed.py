"""feed: what friends post and share; notifications: who answered."""

import argparse
from collections.abc import Callable
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import counted, moment, safe, size
from frontends.cli.tree import show_problem

SHORT: Final = 8
"""Letters of an id that are shown: enough to name a post among the newest."""
INDENT: Final = "  "


def feed(context: Context, options: argparse.Namespace) -> None:
    """Show a page of the feed, or what comes in."""
    if options.seen:
        _mark(context, "feed/seen", "Everything in the feed counts as seen now.")
    elif options.hide is not None or options.unhide is not None:
        _hide(context, options)
    elif options.watch:
        context.call("feed/watch", {}, lambda kind, fields: _came(context, kind, fields))
    else:
        _page(context, options)


def _page(context: Context, options: argparse.Namespace) -> None:
    asked: dict[str, object] = {"count": options.count, "hidden": options.hidden}
    if options.before is not None:
        asked["before"] = options.before
    if options.who is not None:
        asked["who"] = options.who
    shown, done = _each(context, "feed", asked, show_item)
    if context.output.json:
        return
    if not shown:
        context.output.note("nothing yet: 'holdfast post new TEXT --to NAME' posts something")
    elif done.text("after"):
        context.output.note(f"more: holdfast feed --before {done.text('after')}")


def _each(
    context: Context,
    call: str,
    asked: dict[str, object],
    show: Callable[[Context, Fields], None],
) -> tuple[int, Fields]:
    """Show what comes one by one, and problems beside it; how many there were, and the end."""
    shown = 0

    def came(kind: str, fields: Fields) -> None:
        nonlocal shown
        if kind == "problem":
            show_problem(context.output.note, fields)
            return
        shown += 1
        show(context, fields)

    done = context.call(call, asked, came)
    return shown, done


def _hide(context: Context, options: argparse.Namespace) -> None:
    hidden = options.hide is not None
    post = options.hide if hidden else options.unhide
    done = context.call("feed/hide", {"post": post, "hidden": hidden})
    if not context.output.json:
        what = "is hidden, on all your devices" if hidden else "is shown again"
        context.output.line(f"{done.text('id')[:SHORT]} {what}.")


def _came(context: Context, kind: str, fields: Fields) -> None:
    if kind == "item":
        show_item(context, fields)
    elif kind == "notification":
        _show_notice(context, fields)


def show_item(context: Context, fields: Fields) -> None:
    """A post, or something that was shared, in a few lines."""
    marks = "".join(f"  ({word})" for word in _marks(fields))
    id = fields.text("id")[:SHORT]
    head = f"{moment(fields.number('time'))}  {fields.text('who')}  {id}{marks}"
    context.output.row(safe(head))
    if fields.has("kind"):
        kind = "folder" if fields.text("kind") == "folder" else size(fields.number("size"))
        context.output.row(safe(f"{INDENT}shares {fields.text('path')}  ({kind})"))
        return
    more = " ..." if fields.flag("cut") else ""
    show_text(context, fields.text("text") + more, INDENT)
    show_media(context, fields)
    said = [counted(fields.number("comments"), "comment")] if fields.number("comments") else []
    said += [f"{each.text('what')} {each.number('count')}" for each in fields.objects("reactions")]
    if said:
        context.output.row(safe(f"{INDENT}[{', '.join(said)}]"))


def _marks(fields: Fields) -> list[str]:
    marks = ["new"] if fields.flag("new") else []
    if fields.has("edits") and fields.number("edits"):
        marks.append("changed")
    if fields.has("hidden"):
        marks.append("hidden")
    if fields.has("older"):
        marks.append("an older version than you saw")
    return marks


def show_text(context: Context, text: str, indent: str) -> None:
    """What somebody wrote, line by line: nothing in it moves the cursor, also through a pipe."""
    for line in text.split("\n"):
        context.output.row(f"{indent}{safe(line.expandtabs(4))}".rstrip())


def show_media(context: Context, fields: Fields) -> None:
    """The files beside a post, as 'holdfast get' takes them."""
    for each in fields.objects("media"):
        about = f"{each.text('name')}, {size(each.number('size'))}"
        context.output.row(safe(f"{INDENT}+ {each.text('path')}  ({about})"))


def notifications(context: Context, options: argparse.Namespace) -> None:
    """Show who answered what you wrote, and who asks to follow you."""
    if options.seen:
        _mark(context, "notifications/seen", "All notifications count as seen now.")
        return
    asked: dict[str, object] = {"count": options.count}
    if options.before is not None:
        asked["before"] = _number(options.before)
    shown, done = _each(context, "notifications", asked, _show_notice)
    if context.output.json:
        return
    if not shown:
        context.output.note("none")
    elif done.has("after"):
        context.output.note(f"more: holdfast notifications --before {done.number('after')}")


def _show_notice(context: Context, fields: Fields) -> None:
    new = "  (new)" if fields.flag("new") else ""
    who, said = fields.text("who"), fields.text("said").replace("\n", " ")
    head = f"{moment(fields.number('time'))}  "
    kind = fields.text("kind")
    if kind == "follow":
        text = f"{said} wants to follow you: holdfast accept {who}"
    else:
        verb = "reacted with" if kind == "reaction" else "wrote"
        text = f"{who} {verb} '{said}' about {fields.text('post')[:SHORT]}"
    context.output.row(safe(f"{head}{text}{new}"))


def _mark(context: Context, verb: str, words: str) -> None:
    context.call(verb, {})
    if not context.output.json:
        context.output.line(words)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 17):
        raise Usage(f"'{text}' is no place among the notifications")
    return int(text)


def _feed_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="who", metavar="NAME", help="of one contact, or of you")
    parser.add_argument("--count", metavar="N", type=int, default=20, help="so many (20)")
    parser.add_argument("--before", metavar="PLACE", help="go on where a page ended")
    parser.add_argument("--hidden", action="store_true", help="also what you hid")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--seen", action="store_true", help="everything so far was seen")
    one.add_argument("--hide", metavar="POST", help="leave something out from now on")
    one.add_argument("--unhide", metavar="POST", help="show it again")
    one.add_argument("--watch", action="store_true", help="show what is new, as it comes")


def _notification_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", metavar="N", type=int, default=50, help="so many (50)")
    parser.add_argument("--before", metavar="PLACE", help="go on where a page ended")
    parser.add_argument("--seen", action="store_true", help="all of them were seen")


COMMANDS: Final = (
    Command(
        "feed",
        "what friends post and share with you, the newest first",
        feed,
        _feed_options,
        examples="holdfast feed\nholdfast feed --from bob\nholdfast feed --watch\n"
        "holdfast feed --seen\nholdfast feed --hide 3fa2c1d9",
        more="A post stands where its author says, but not after you first saw it. What you saw\n"
        "and hid is the same on all your devices.",
    ),
    Command(
        "notifications",
        "who answered what you wrote, and who asks to follow you",
        notifications,
        _notification_options,
        examples="holdfast notifications\nholdfast notifications --seen\n"
        "holdfast notifications --json",
    ),
)
