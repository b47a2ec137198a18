"""Your people: card, follow, requests, accept, decline, contacts; and parting again."""

import argparse
import sys
from typing import Final

from formats.errors import BadCard
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import moment

MAX_CARD: Final = 64 * 1024


def card(context: Context, options: argparse.Namespace) -> None:
    """Make a contact card, alone on the last line."""
    done = context.call("card", {})
    if context.output.json:
        return
    uses, until = done.number("uses"), moment(done.number("expires"))
    context.output.line("This is your contact card. Give it to a friend, who runs")
    context.output.line(f"  holdfast follow CARD     (until {until}, at most {uses} times)")
    context.output.line("It says who and where you are, and opens nothing.")
    if options.qr:
        draw(context, done.text("card"))
    context.output.line(done.text("card"))


def draw(context: Context, text: str) -> None:
    """A QR code of half blocks, dark on light whatever the terminal's colours."""
    import segno

    code = segno.make(text, error="l", micro=False)
    matrix = [list(row) for row in code.matrix_iter(border=2)]
    if len(matrix) % 2:
        matrix.append([0] * len(matrix[0]))
    for upper, lower in zip(matrix[::2], matrix[1::2], strict=True):
        blocks = (BLOCKS[bool(up), bool(low)] for up, low in zip(upper, lower, strict=True))
        context.output.row("".join(blocks))


BLOCKS: Final = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""A light module is drawn in the text's colour: terminals are usually dark."""


def follow(context: Context, options: argparse.Namespace) -> None:
    """Ask somebody to let you see what they share with you."""
    asked: dict[str, object] = {"card": read_card(options.card)}
    if options.name is not None:
        asked["name"] = options.name
    done = context.call("follow", asked)
    if context.output.json:
        return
    name = done.text("name")
    if done.flag("following"):
        context.output.line(f"You follow {done.text('handle')} as '{name}' now.")
    else:
        context.output.line(f"{done.text('handle')} is asked; you call them '{name}'.")
    _say_waiting(context, done)


def read_card(text: str) -> str:
    """The card itself, or standard input for ``-``."""
    if text != "-":
        return text
    read = sys.stdin.buffer.read(MAX_CARD + 1)
    if len(read) > MAX_CARD or not read.isascii():
        raise BadCard("what is on standard input is no contact card")
    lines = read.decode("ascii").split("\n")
    return next((line for line in reversed(lines) if line.startswith("holdfast-card")), lines[0])


def requests(context: Context, _options: argparse.Namespace) -> None:
    """List who wants to follow you."""
    shown = 0

    def show(_kind: str, fields: Fields) -> None:
        nonlocal shown
        shown += 1
        when = moment(fields.number("time"))
        context.output.line(f"{fields.text('name'):<16}  {fields.text('handle'):<37}  {when}")

    context.call("requests", {}, show)
    if not shown and not context.output.json:
        context.output.note("nobody waits for an answer")


def accept(context: Context, options: argparse.Namespace) -> None:
    """Let somebody who asked see what you share with them."""
    asked: dict[str, object] = {"who": options.who, "back": options.back}
    if options.name is not None:
        asked["name"] = options.name
    done = context.call("accept", asked)
    if context.output.json:
        return
    name = done.text("name")
    both = ", and you follow them" if done.flag("following") else ""
    context.output.line(f"{done.text('handle')} follows you{both}; you call them '{name}'.")
    context.output.line(f"They see what you share: 'holdfast share PATH {name}'.")
    _say_waiting(context, done)


def decline(context: Context, options: argparse.Namespace) -> None:
    """Forget a follow request; nobody is told."""
    done = context.call("decline", {"who": options.who})
    if not context.output.json:
        context.output.line(
            f"The request of {done.text('handle')} is forgotten. They are not told."
        )


def contacts(context: Context, _options: argparse.Namespace) -> None:
    """List everybody you know."""
    shown = 0

    def show(_kind: str, fields: Fields) -> None:
        nonlocal shown
        shown += 1
        context.output.line(
            f"{fields.text('name'):<16}  {fields.text('handle'):<37}  {relation(fields)}"
        )

    context.call("contacts", {}, show)
    if not shown and not context.output.json:
        context.output.note("nobody yet: 'holdfast card' makes a card for a friend")


def unfollow(context: Context, options: argparse.Namespace) -> None:
    """See nothing of theirs any more."""
    done = context.call("unfollow", {"who": options.who})
    if not context.output.json:
        context.output.line(f"You do not follow {done.text('name')}.")


def remove_follower(context: Context, options: argparse.Namespace) -> None:
    """Let them see nothing of yours any more."""
    done = context.call("remove-follower", {"who": options.who})
    if not context.output.json:
        name = done.text("name")
        context.output.line(f"{name} does not follow you; nothing of yours is shared with them.")
        _tell_ended(context, done)


def block(context: Context, options: argparse.Namespace) -> None:
    """Neither see nor be seen nor hear of somebody."""
    done = context.call("block", {"who": options.who})
    if not context.output.json:
        context.output.line(f"{done.text('name')} is blocked. They are not told.")
        _tell_ended(context, done)


def _tell_ended(context: Context, done: Fields) -> None:
    """Where they kept a share of a recovery kit: all shares of it ended."""
    if done.flag("shares_ended"):
        context.output.note(
            f"{done.text('name')} kept a share of your recovery kit: what your contacts keep opens "
            "nothing any more. 'holdfast recovery give' gives new ones"
        )


def unblock(context: Context, options: argparse.Namespace) -> None:
    """Hear of them again."""
    done = context.call("unblock", {"who": options.who})
    if not context.output.json:
        context.output.line(f"{done.text('name')} may ask to follow you again.")


def relation(fields: Fields) -> str:
    """What there is between you and a contact, in words."""
    if fields.number("alarm"):
        return "STOPPED: their keys have two histories, see 'holdfast verify'"
    if fields.flag("blocked"):
        return "blocked"
    if fields.number("left"):
        return f"{_follows(fields)}, left their home on {moment(fields.number('left'))}"
    return _follows(fields) + (", verified" if fields.number("verified") else "")


def _follows(fields: Fields) -> str:
    following, follower = fields.flag("following"), fields.flag("follower")
    if following and follower:
        return "you follow each other"
    if following:
        return "you follow them"
    asked = "; you asked, no answer yet" if fields.flag("asked") else ""
    return ("they follow you" if follower else "a contact") + asked


def _say_waiting(context: Context, done: Fields) -> None:
    if done.flag("waiting"):
        context.output.note("their home does not answer now; the daemon tells them when it is back")


def _card_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--qr", action="store_true", help="also draw it, for a camera")


def _follow_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "card",
        metavar="CARD|HANDLE",
        help="the line your friend gave you (- reads it), or the handle of who is published",
    )
    parser.add_argument("--as", dest="name", metavar="NAME", help="what you want to call them")


def _accept_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "who", metavar="NAME", help="as 'holdfast requests' shows it, or the handle"
    )
    parser.add_argument("--back", action="store_true", help="follow them as well")
    parser.add_argument("--as", dest="name", metavar="NAME", help="what you want to call them")


def _who_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", help="a contact")


def _block_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", help="a contact, or who asked to follow you")


def _decline_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "who", metavar="NAME", help="as 'holdfast requests' shows it, or the handle"
    )


COMMANDS: Final = (
    Command(
        "card",
        "make a contact card to give to a friend",
        card,
        _card_options,
        examples="holdfast card\nholdfast card --qr\nholdfast card | tail -1 > card.txt",
        more="The card is alone on the last line.",
    ),
    Command(
        "follow",
        "ask the person of a card or a handle to let you see what they share",
        follow,
        _follow_options,
        examples="holdfast follow holdfast-card1:p2J1c2VzFGRoZWFk\n"
        "holdfast follow --as bob - < card.txt\n"
        "holdfast follow alice~k7q2-xw9m-3tab-9c4d",
    ),
    Command(
        "requests",
        "list who wants to follow you",
        requests,
        examples="holdfast requests\nholdfast requests --json",
    ),
    Command(
        "accept",
        "let somebody who asked see what you share with them",
        accept,
        _accept_options,
        examples="holdfast accept bob --back\nholdfast accept bob~k7q2-xw9m-3tab-9c4d --as bo",
    ),
    Command(
        "decline",
        "forget a follow request; nobody is told",
        decline,
        _decline_options,
        examples="holdfast decline mallory",
    ),
    Command(
        "unfollow",
        "see nothing of theirs any more; takes back a request, too",
        unfollow,
        _who_options,
        examples="holdfast unfollow bob",
        more="They keep seeing what you share with them: see 'holdfast remove-follower'.",
    ),
    Command(
        "remove-follower",
        "let somebody see nothing of yours any more, at once",
        remove_follower,
        _who_options,
        examples="holdfast remove-follower bob",
        more="Every share with them ends, and they leave every circle. They may ask again.",
    ),
    Command(
        "block",
        "neither see nor be seen nor hear of somebody; they are not told",
        block,
        _block_options,
        examples="holdfast block mallory",
        more="All that 'unfollow' and 'remove-follower' do, and what they send is dropped unread.",
    ),
    Command(
        "unblock",
        "let somebody ask to follow you again",
        unblock,
        _who_options,
        examples="holdfast unblock mallory",
        more="Nothing that ended comes back by itself.",
    ),
    Command("contacts", "list everybody you know", contacts, examples="holdfast contacts --json"),
)
