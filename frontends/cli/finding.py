"""Finding people and being found by them: whois, publish."""

import argparse
from typing import Final

from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import moment


def whois(context: Context, options: argparse.Namespace) -> None:
    """Say who somebody is, and where their home is."""
    shown = 0

    def show(_kind: str, fields: Fields) -> None:
        nonlocal shown
        shown += 1
        if shown > 1:
            context.output.line("")
        for line in person_lines(fields):
            context.output.line(line)

    context.call("whois", {"who": options.who}, show)
    if shown > 1 and not context.output.json:
        context.output.note("these contradict each other: ask that person for a contact card")


def person_lines(person: Fields) -> list[str]:
    """Handle, id, homes, and how this is known."""
    lines = [person.text("handle"), f"id     {person.text('id')}"]
    for home in person.objects("homes"):
        lines.append(f"{home.text('role'):<7}{home.text('peer')}")
        lines += [f"       {address}" for address in home.texts("addresses")]
    if person.has("contact"):
        lines.append(f"known  your contact '{person.text('contact')}'{_away(person)}")
    else:
        lines.append(f"known  published; seen {moment(person.number('time'))}")
    return lines + (_said(person.inner("says")) if person.has("says") else [])


def _said(says: Fields) -> list[str]:
    """What they say of themselves, which nobody else has confirmed."""
    lines: list[str] = []
    for field in ("name", "text", "links"):
        if says.has(field):
            first, *rest = says.text(field).split("\n")
            lines += [f"  {field:<6}{first}", *(f"        {line}" for line in rest)]
    if says.has("picture"):
        lines.append("  picture: --json has it")
    return ["says of themselves:", *lines] if lines else []


def _away(person: Fields) -> str:
    return "" if person.flag("confirmed") else "; their home does not answer, this is from before"


def publish(context: Context, options: argparse.Namespace) -> None:
    """Be found by strangers or not, or say how it stands."""
    public = {"on": True, "off": False, None: None}[options.choice]
    done = context.call("publish", {} if public is None else {"public": public})
    if context.output.json:
        return
    if not done.flag("public"):
        context.output.line("You are not published: who has a card of yours finds you.")
        if public is False:
            context.output.line("What other nodes still keep of you is gone in a day.")
        return
    context.output.line("You are published: whoever knows your handle finds you.")
    if not done.number("stored"):
        context.output.note("no other node keeps your record yet; your home goes on trying")
        return
    kept = f"{done.number('stored')} of {done.number('asked')} nodes"
    context.output.line(f"Your record is kept by {kept} (at {moment(done.number('time'))}).")


def _whois_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "who", metavar="WHO", help="a handle, an id of 64 hexadecimal digits, or a contact's name"
    )


def _publish_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "choice", nargs="?", choices=("on", "off"), metavar="on|off", help="without it, say which"
    )


COMMANDS: Final = (
    Command(
        "whois",
        "say who somebody is, and where their home is",
        whois,
        _whois_options,
        examples="holdfast whois alice~k7q2-xw9m-3tab-9c4d\nholdfast whois bob --json",
        more="Contacts are asked at their home; others are found if they are published\n"
        "('holdfast publish'). Whatever is shown was verified on this machine.",
    ),
    Command(
        "publish",
        "let strangers who know your handle find you, or not",
        publish,
        _publish_options,
        examples="holdfast publish on\nholdfast publish off\nholdfast publish",
        more="Off until you choose it. Your home then keeps your identity, name and addresses\n"
        "at other nodes, where anybody can read them who knows your handle or id.\n"
        "Nobody needs it who has a card of yours or is a contact.",
    ),
)
