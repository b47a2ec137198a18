"""Your account: signup, login, logout, passwd, whoami."""

import argparse
from typing import Final

from formats.errors import Usage
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.passwords import NewPassword, ask_password, password_option, weak_option
from frontends.cli.proving import proving
from frontends.cli.terminal import moment, size

MAKE_ROOM: Final = "'holdfast trash empty' makes room; the home's owner can allow more"


def signup(context: Context, options: argparse.Namespace) -> None:
    """Make an account and sign in to it."""
    name: str = options.name
    check_daemon(context)
    password, weak = NewPassword(context.output, name, options).ask("Choose a password: ")
    asked = {"name": name, "password": password, "at": options.at, "weak": weak}
    more = {"device_secret": options.device_secret, "stay": options.stay}
    done = context.call("signup", {**asked, **more})
    if not context.output.json:
        context.output.line(f"You are {done.text('handle')}, signed in.")
        context.output.line("Nobody can give you this password again: keep it safe.")
        if done.has("device_secret"):
            tell_device_secret(context, done.text("device_secret"))
        context.output.line("Next: 'holdfast put FILE', 'holdfast card' to meet a friend.")
    from frontends.cli.recovery import offer_kit

    offer_kit(context, password, options)


def login(context: Context, options: argparse.Namespace) -> None:
    """Sign in."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    password = ask_password(from_stdin)
    words = None if options.device_secret is None else ""
    if options.device_secret:
        words = ask_password(from_stdin, "The words of your device secret: ")
    asked = {"name": options.name, "password": password, "at": options.at}
    more = {"restored": options.restored, "device_secret": words, "stay": options.stay}
    done = proving(context, "login", {**asked, **more}, from_stdin)
    if not context.output.json:
        if done.flag("offline"):
            context.output.note("Your home cannot be reached: this is what is kept here.")
        context.output.line(f"You are {done.text('handle')}, signed in.")
        for line in _notices(done):
            context.output.line(line)


def logout(context: Context, _options: argparse.Namespace) -> None:
    """Sign out: the daemon forgets the keys."""
    done = context.call("logout", {})
    if not context.output.json:
        context.output.line(f"{done.text('name')} is signed out.")


def passwd(context: Context, options: argparse.Namespace) -> None:
    """Change the password."""
    from_stdin: bool = options.password_stdin
    who = context.ask("whoami")
    old = ask_password(from_stdin, "The password until now: ")
    asking = NewPassword(context.output, who.text("name"), options)
    new, weak = asking.ask("The new password: ")
    if old == new:
        raise Usage("that is the password it has already", hint="nothing was changed")
    asked: dict[str, object] = {"old": old, "new": new, "weak": weak, "rotate": options.rotate}
    proving(context, "passwd", asked, from_stdin)
    if not context.output.json:
        context.output.line("The password is changed. The old one opens nothing any more.")
        if options.rotate:
            context.output.line("Your other machines have to sign in again.")


def whoami(context: Context, _options: argparse.Namespace) -> None:
    """Say who is signed in."""
    done = context.look("whoami")
    if not context.output.json:
        for line in whoami_lines(done):
            context.output.line(line)


def whoami_lines(done: Fields) -> list[str]:
    """Handle, home and usage."""
    home, usage = done.inner("home"), done.inner("usage")
    where = home.texts("addresses")
    return [
        done.text("handle"),
        f"home   {home.text('peer')}",
        *(f"       {address}" for address in where),
        *(f"usage  {line}" for line in usage_lines(usage)),
        *_notices(done),
    ]


def _notices(done: Fields) -> list[str]:
    """What whoever runs the home says, a line each."""
    return [f"notice {moment(n.number('time'))}  {n.text('text')}" for n in done.objects("notices")]


def tell_device_secret(context: Context, words: str) -> None:
    """The words of a device secret, and what they are for."""
    context.output.line("To sign in on another machine you need these words besides your password:")
    context.output.line(f"  {words}")
    context.output.line("Write them down. 'holdfast device-secret show' shows them again, here.")


def usage_lines(usage: Fields) -> list[str]:
    """What an account uses of what it may; and a word when it is nearly full."""
    used, quota = usage.number("used") + usage.number("reserved"), usage.number("quota")
    lines = [f"{size(used)} of {size(quota)}" if quota else size(used)]
    if usage.number("warning"):
        lines.append(f"{used * 100 // max(1, quota)} % full: {MAKE_ROOM}")
    return lines


def check_daemon(context: Context) -> None:
    """Return if a daemon is there; NoDaemon before a password is asked for in vain."""
    context.ask("version")


def stay_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--stay``."""
    parser.add_argument(
        "--stay", action="store_true", help="stay signed in when the daemon starts again"
    )


def as_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--as``, of an account that comes to another node."""
    parser.add_argument(
        "--as", metavar="NAME", dest="as_name", help="the account's name there, if yours is taken"
    )


def _name_and_password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a-z, 0-9, _ and -, up to 32 letters")
    password_option(parser)
    stay_option(parser)


def secret_option(parser: argparse.ArgumentParser, on: str, off: str) -> None:
    """Add ``--device-secret`` and its contrary; None when neither was said."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--device-secret", action="store_true", default=None, help=on)
    either.add_argument(
        "--no-device-secret", dest="device_secret", action="store_false", default=None, help=off
    )


def _signup_options(parser: argparse.ArgumentParser) -> None:
    _name_and_password(parser)
    weak_option(parser)
    secret_option(parser, "have a device secret (usual on another's node)", "have none")
    _kit_options(parser)
    parser.add_argument(
        "--at", metavar="INVITE", help="on the node that gave this invite, instead of this one"
    )


def _kit_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``signup`` says of the kit."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--kit",
        metavar="FILE",
        help="write the recovery kit to a new file, to be printed, instead of showing it",
    )
    either.add_argument("--no-kit", action="store_true", help="make no recovery kit now")


def _login_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="the account's name, or the handle of who is published"
    )
    password_option(parser)
    stay_option(parser)
    parser.add_argument(
        "--at",
        metavar="NODE",
        help="the account's node, the first time here: an invite of it (a used one will do), or "
        "its address with /p2p/PEER at the end",
    )
    secret_option(parser, "ask for the words of your device secret", "there is none any more")
    parser.add_argument(
        "--restored", action="store_true", help="the node went back to a backup, and you know it"
    )


def _passwd_options(parser: argparse.ArgumentParser) -> None:
    password_option(parser, "two lines, the old and the new password,")
    weak_option(parser)
    parser.add_argument(
        "--rotate",
        action="store_true",
        help="renew your identity keys too, for when somebody may have had the old password",
    )


COMMANDS: Final = (
    Command(
        "signup",
        "make an account and sign in to it",
        signup,
        _signup_options,
        examples="holdfast signup alice\n"
        "holdfast signup carol --at holdfast-invite1:omF2AWRjb2Rl\n"
        "pass show holdfast | holdfast signup alice --password-stdin",
        more="On your own node the first account needs no invite. Nobody can reset the password:\n"
        "it is what opens your keys. So a recovery kit is made, too, and three of its words are\n"
        "asked for; with --password-stdin or --json it is made only with --kit.",
    ),
    Command(
        "login",
        "sign in to an account",
        login,
        _login_options,
        examples="holdfast login alice\nholdfast login alice~k7q2-xw9m-3tab-9c4d\n"
        "pass show holdfast | holdfast login alice --password-stdin",
        more="The daemon keeps your keys in memory until 'holdfast lock', 'holdfast logout' or\n"
        "until it stops; with --stay they are also sealed under a key in the data folder. Others\n"
        "who are signed in here stay so: 'holdfast accounts list'. Where your home cannot be\n"
        "reached, the password opens what is kept here.\n"
        "With --password-stdin: the password, then the words of --device-secret, then a code of a\n"
        "second factor, each as one line, where they are asked for.",
    ),
    Command(
        "logout",
        "sign out; the daemon forgets your keys",
        logout,
        examples="holdfast logout",
        more="Nothing is kept here with which your account could be opened without its home.",
    ),
    Command(
        "passwd",
        "change the password of your account",
        passwd,
        _passwd_options,
        examples="holdfast passwd\nholdfast passwd --rotate\n"
        "cat both-passwords | holdfast passwd --password-stdin",
        more="An honest home lets nobody in by the old one any more. A dishonest one may have\n"
        "kept what the old one opens: with --rotate that is of no use to anybody. Everything\n"
        "gets new secrets then, as after 'holdfast devices revoke', friends' shares too.",
    ),
    Command(
        "whoami",
        "say who is signed in, where they live and what they use",
        whoami,
        examples="holdfast whoami\nholdfast whoami --json",
    ),
)
