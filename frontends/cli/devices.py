"""Your devices: devices list, name, revoke."""

import argparse
from typing import Final

from frontends.cli.account import check_daemon
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.passwords import NewPassword, ask_password, password_option, weak_option
from frontends.cli.proving import proving
from frontends.cli.terminal import aligned, moment, safe

KEY: Final = 8
"""Digits of a key that are shown, and enough to name a device by; --json has all 64."""

STANDINGS: Final = {
    "here": "this one",
    "in": "signed in",
    "out": "has to sign in again",
    "revoked": "revoked",
}


def show(context: Context, _options: argparse.Namespace) -> None:
    """List them."""
    done = context.look("devices")
    if context.output.json:
        return
    rows = [["device", "", "first seen", "last seen", "key"]]
    rows += [_row(each) for each in done.objects("devices")]
    for row in aligned(rows):
        context.output.row(row)
    if done.has("renewal"):
        context.output.line(_under_way(done.inner("renewal")))


def name(context: Context, options: argparse.Namespace) -> None:
    """Call one something else."""
    done = context.call("devices/name", {"device": options.device, "name": options.name})
    if not context.output.json:
        context.output.line(f"That device is called {safe(done.text('name'))} now.")


def revoke(context: Context, options: argparse.Namespace) -> None:
    """Shut one out."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    asked: dict[str, object] = {"device": options.device, "password": ask_password(from_stdin)}
    if options.new_password:
        name = context.ask("whoami").text("name")
        new, weak = NewPassword(context.output, name, options).ask("The new password: ")
        asked |= {"new": new, "weak": weak}
    done = proving(context, "devices/revoke", asked, from_stdin)
    if context.output.json:
        return
    shut_out = f"{safe(done.text('name'))} is shut out: it can change and read nothing any more."
    context.output.line(shut_out)
    if done.has("renewal"):
        context.output.line(_under_way(done.inner("renewal")))
    context.output.line("Your other machines have to sign in again. Safety numbers stay the same.")
    context.output.line("What it did as you stays done: see 'holdfast shared' and your contacts.")
    if not options.new_password:
        context.output.line("If its owner may know your password: 'holdfast passwd'.")


def _under_way(renewal: Fields) -> str:
    """How far new secrets are: friends are waiting for them."""
    said = f"New secrets for everything: {renewal.number('done')} of {renewal.number('of')} done"
    spaces = renewal.number("spaces")
    if spaces:
        said += f", and {spaces} shared for writing to follow"
        if renewal.number("open"):
            said += f", {renewal.number('open')} of them open to the device until then"
    return f"{said}. Friends wait for it; 'holdfast devices list' says how far it is."


def _row(each: Fields) -> list[str]:
    standing = STANDINGS.get(each.text("standing"), each.text("standing"))
    if each.has("revoked"):
        standing = f"{standing} {moment(each.number('revoked'))}"
    return [
        safe(each.text("name")) or "(never said what it is)",
        standing,
        moment(each.number("since")) if each.has("since") else "?",
        moment(each.number("seen")) if each.has("seen") else "?",
        each.text("key")[:KEY],
    ]


def _name_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("device", metavar="DEVICE", help="its name, or the first digits of its key")
    parser.add_argument("name", metavar="NAME", help="what to call it")


def _revoke_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("device", metavar="DEVICE", help="its name, or the first digits of its key")
    parser.add_argument(
        "--new-password",
        action="store_true",
        help="have another password from now on, for when it was typed on that device",
    )
    password_option(parser, "the password, with --new-password the new one after it,")
    weak_option(parser)


COMMANDS: Final = (
    Command(
        "devices",
        "the machines you are signed in on: which there are, what they are called",
        below=(
            Command(
                "list",
                "your devices, when each was seen, and which is this one",
                show,
                examples="holdfast devices list\nholdfast devices list --json",
                more="Each signs what it changes with a key of its own, so 'holdfast log' says\n"
                "which one made a change. Times are a device's own word, the last one to the\n"
                "day. One that 'has to sign in again' was signed in before your keys were renewed.",
            ),
            Command(
                "name",
                "call a device something else",
                name,
                _name_options,
                examples="holdfast devices name laptop 'blue laptop'\n"
                "holdfast devices name 4be1f09a phone",
                more="Any of yours, from any of yours. No two that may write have the same name.\n"
                "'holdfast settings device' on the device itself does the same.",
            ),
            Command(
                "revoke",
                "shut a device out: one that was lost, stolen or given away",
                revoke,
                _revoke_options,
                examples="holdfast devices revoke phone\n"
                "holdfast devices revoke phone --new-password\n"
                "holdfast devices revoke 4be1f09a --password-stdin < password",
                more="One request, all of it or nothing: the device is no member of your spaces\n"
                "any more, your identity keys are others, as after 'holdfast identity rotate',\n"
                "and so is the secret that all your folders follow from. From then on your home\n"
                "takes nothing from it and gives it nothing, old or new. You are asked for your\n"
                "password; all your other machines sign in again.\n"
                "Then everything gets new secrets, in the background, on whichever machine of\n"
                "yours is there; 'holdfast devices list' says how far it is. What you change\n"
                "waits for it, and so do friends for what you share with them. They need do\n"
                "nothing.\n"
                "What friends share with you their machines give you anew, once they heard of it,\n"
                "and then the device has nothing of it either: a friend whose machines are all\n"
                "off does it when one is on again.\n"
                "What it does not do: what was on the device stays on it.",
            ),
        ),
    ),
)
