"""Shares of a kit among contacts: recovery give, holders, end; and kept, hand, drop."""

import argparse
import sys
from pathlib import Path
from typing import Final

from formats.errors import Exists
from frontends.cli.account import check_daemon
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.paper import write_share
from frontends.cli.passwords import ask_password, password_option, prompt_shown
from frontends.cli.people import draw
from frontends.cli.proving import proving
from frontends.cli.terminal import aligned, moment


def give(context: Context, options: argparse.Namespace) -> None:
    """Give each of some contacts a share."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    password = ask_password(from_stdin)
    asked = {"password": password, "needed": options.any, "people": options.people}
    done = proving(context, "recovery/give", asked, from_stdin)
    if context.output.json:
        return
    needed, holders = done.number("needed"), done.objects("holders")
    context.output.line(f"Any {needed} of these {len(holders)} bring you back; fewer open nothing:")
    _list(context, done)
    context.output.line("What was given before opens nothing any more; a kit on paper still does.")
    unsure = [each.text("name") for each in holders if not each.has("verified")]
    if unsure:
        context.output.note(
            f"not verified: {', '.join(unsure)}. Compare numbers with them: 'holdfast verify NAME'"
        )


def holders(context: Context, options: argparse.Namespace) -> None:
    """Say who keeps a share, and when they last showed it."""
    done = context.call("recovery/ask", {}) if options.ask else context.look("recovery/holders")
    if context.output.json:
        return
    if not done.flag("given"):
        context.output.line("Nobody keeps a share for you: see 'holdfast recovery give --help'.")
        return
    _list(context, done)
    if done.has("ended"):
        context.output.line(_why(done))
    elif options.ask:
        context.output.line(
            "They are asked. Their programs answer when they are on: 'holdfast recovery holders'."
        )
    else:
        context.output.line(f"Any {done.number('needed')} of them bring you back.")


def end(context: Context, _options: argparse.Namespace) -> None:
    """Make what contacts keep useless."""
    context.call("recovery/end", {})
    if not context.output.json:
        context.output.line("What your contacts keep opens nothing any more. They are told.")
        context.output.line("A kit on paper is as it was.")


def kept(context: Context, _options: argparse.Namespace) -> None:
    """List what you keep for others."""
    done = context.look("recovery/kept")
    if context.output.json:
        return
    rows = [_kept(each) for each in done.objects("kept")]
    for line in aligned(rows):
        context.output.line(line)
    if rows:
        context.output.line(
            "Alone each opens nothing. Hand one over to its owner alone, whom you see or hear: "
            "'holdfast recovery hand NAME'."
        )
    else:
        context.output.note("you keep nothing for anybody")


def hand(context: Context, options: argparse.Namespace) -> None:
    """Show a share that you keep, or write it down, for who has lost everything."""
    page: Path | None = options.to
    if page is not None and page.exists():
        raise Exists(f"{page}: there is a file already", hint="name a new one")
    checked: bool = options.checked or _was_seen(context, options.who)
    done = context.call("recovery/hand", {"who": options.who, "checked": checked})
    words, text, needed = done.text("words"), done.text("text"), done.number("needed")
    if page is not None:
        write_share(page, done.text("handle"), words, text, needed)
    if context.output.json:
        return
    line = context.output.line
    if page is not None:
        line(f"It is in {page}: print it, or carry it to them, then remove the file.")
        return
    line(f"For {done.text('handle')} alone, in person or on the phone:")
    for number, word in enumerate(words.split(), 1):
        line(f"  {number:2}  {word}")
    line("And where to look, which is no secret:")
    line(f"  {text}")
    if options.qr:
        line("Both in one code, for a camera:")
        draw(context, f"{text}\n{words}")
    line(f"They need {needed} of these: 'holdfast recovery restore --shares', on any machine.")


def drop(context: Context, options: argparse.Namespace) -> None:
    """Keep a share no longer."""
    done = context.call("recovery/drop", {"who": options.who})
    if not context.output.json:
        context.output.line(f"You keep nothing for {done.text('name')} any more. They are told.")


def _was_seen(context: Context, who: str) -> bool:
    """Ask the person; False where nobody can be asked, and the daemon says what to do."""
    if context.output.json or not sys.stdin.isatty():
        return False
    context.output.line(
        "Whoever asks for it has lost their keys: no message and no number shows that it is them."
    )
    said = prompt_shown(f"If you saw or heard {who} ask, type their name: ")
    return said.strip() == who


def _list(context: Context, done: Fields) -> None:
    for line in aligned([_holder(each) for each in done.objects("holders")]):
        context.output.line(line)


def _holder(each: Fields) -> tuple[str, ...]:
    return (each.text("name"), each.text("handle"), _how(each))


def _how(each: Fields) -> str:
    if each.has("gone"):
        return f"DOES NOT HAVE IT, said on {moment(each.number('gone'))}"
    if each.flag("waiting"):
        return "waits to be sent: their home was not there yet"
    shown = f"showed it on {moment(each.number('confirmed'))}" if each.has("confirmed") else ""
    if each.flag("answered"):
        return shown or "has it"
    asked = f"asked on {moment(each.number('asked'))}, no answer yet"
    return f"{shown}; {asked}" if shown else asked


def _why(done: Fields) -> str:
    when = moment(done.number("ended"))
    parted = f", when you parted from {done.text('parted')}" if done.has("parted") else ""
    return f"Ended on {when}{parted}: it opens nothing any more. 'holdfast recovery give' again."


def _kept(each: Fields) -> tuple[str, ...]:
    handed = f"handed over on {moment(each.number('handed'))}" if each.has("handed") else ""
    of = f"one of {each.number('count')}, {each.number('needed')} are needed"
    return (each.text("name"), each.text("handle"), of, moment(each.number("since")), handed)


def _give_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("people", metavar="NAME", nargs="+", help="a contact who gets a share")
    parser.add_argument(
        "--any", metavar="K", type=int, required=True, help="how many of them bring you back"
    )
    password_option(parser, "the password, then a code if one is asked,")


def _holders_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ask", action="store_true", help="ask each to show that they have it")


def _hand_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", help="whose share it is")
    parser.add_argument(
        "--checked", action="store_true", help="you saw or heard them ask for it, and know them"
    )
    parser.add_argument(
        "--to", metavar="FILE", type=Path, help="write it to a new HTML file, to be printed"
    )
    parser.add_argument("--qr", action="store_true", help="also draw it, for a camera")


def _who_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="NAME", help="whose share it is")


KEEPERS: Final = (
    Command(
        "give",
        "give contacts a share each of a kit; any K of them bring you back",
        give,
        _give_options,
        examples="holdfast recovery give --any 2 bob carol dave",
        more="Nothing is to be printed or kept: each contact's program keeps a share in their own\n"
        "space, and shows when asked that it has it still. It is a kit of its own: one on\n"
        "paper stays as it is. Giving again, or parting from somebody who keeps a share,\n"
        "makes all that was given before useless. Fewer than K together open nothing.",
    ),
    Command(
        "holders",
        "who keeps a share for you, and when each last showed it",
        holders,
        _holders_options,
        examples="holdfast recovery holders\nholdfast recovery holders --ask\n"
        "holdfast recovery holders --json",
        more="Asking now and then is the rehearsal: who lost it, or is gone, is seen in time.\n"
        "The share itself does not leave them; what they send shows that it is there.",
    ),
    Command(
        "end",
        "make what contacts keep for you useless",
        end,
        examples="holdfast recovery end",
    ),
    Command(
        "kept",
        "what you keep for others",
        kept,
        examples="holdfast recovery kept\nholdfast recovery kept --json",
    ),
    Command(
        "hand",
        "hand a share to who lost everything, after you saw or heard them",
        hand,
        _hand_options,
        examples="holdfast recovery hand alice\nholdfast recovery hand alice --checked --qr\n"
        "holdfast recovery hand alice --checked --to share.html",
        more="Whoever asks has no keys any more, so nothing on a screen shows that it is them:\n"
        "meet them, or call them in a way that you know. Read the words to them, or give\n"
        "them the page; send it to no address that came with the question.",
    ),
    Command(
        "drop",
        "keep somebody's share no longer; they are told",
        drop,
        _who_options,
        examples="holdfast recovery drop alice",
    ),
)
