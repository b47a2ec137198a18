"""Second factors: factors list, add, backups, remove."""

import argparse
from typing import Final

from frontends.cli.account import check_daemon
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.passwords import ask_password, password_option, prompt_shown, read_line
from frontends.cli.people import draw
from frontends.cli.proving import answered, letters, people, proving
from frontends.cli.terminal import aligned, counted, moment, safe

KINDS: Final = {"app": "authenticator app", "key": "security key"}
GROUP: Final = 4


def show(context: Context, _options: argparse.Namespace) -> None:
    """List them."""
    done = context.look("factors")
    if not context.output.json:
        _list(context, done)


def add_app(context: Context, options: argparse.Namespace) -> None:
    """Add an authenticator app: show its secret, take its first code."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    password = ask_password(from_stdin)
    fresh = context.ask("factors/secret")
    _tell_secret(context, fresh)
    code = read_line() if from_stdin else prompt_shown("The code that it shows now: ")
    asked: dict[str, object] = {"name": options.name, "secret": fresh.text("secret")}
    done = proving(
        context, "factors/app", {**asked, "code": code, "password": password}, from_stdin
    )
    _added(context, done)


def _tell_secret(context: Context, fresh: Fields) -> None:
    if context.output.json:
        context.output.event("secret", fresh.values)
        return
    written = fresh.text("secret")
    groups = [written[at : at + GROUP] for at in range(0, len(written), GROUP)]
    context.output.line("Have your authenticator app read this, or type what stands below:")
    draw(context, fresh.text("uri"))
    context.output.line(" ".join(groups))


def add_key(context: Context, options: argparse.Namespace) -> None:
    """Add the security key that is plugged in."""
    from frontends.security_keys import add, present

    from_stdin: bool = options.password_stdin
    check_daemon(context)
    device = present()
    asked: dict[str, object] = {"name": options.name, "password": ask_password(from_stdin)}
    begun = proving(context, "factors/key/begin", asked, from_stdin)
    drawn, account = letters(begun.text("challenge")), begun.text("account")
    answer = add(device, drawn, account, [], *people(context))
    word = {"attempt": begun.text("attempt")}
    _added(context, context.call("factors/key", {**word, **answered(answer)}))


def backups(context: Context, options: argparse.Namespace) -> None:
    """Make new backup codes."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    done = proving(context, "factors/backups", {"password": ask_password(from_stdin)}, from_stdin)
    if context.output.json:
        return
    context.output.line("Each lets you in once instead of your app or key. Write them down:")
    for code in done.texts("codes"):
        context.output.line(f"  {code}")
    context.output.line("Codes that you had before are worth nothing now.")


def remove(context: Context, options: argparse.Namespace) -> None:
    """Remove one."""
    from_stdin: bool = options.password_stdin
    check_daemon(context)
    asked = {"number": options.number, "password": ask_password(from_stdin)}
    done = proving(context, "factors/remove", asked, from_stdin)
    if not context.output.json:
        _list(context, done)


def _added(context: Context, done: Fields) -> None:
    if context.output.json:
        return
    context.output.line("It is asked for from now on, after your password.")
    if not done.number("backups"):
        context.output.line("Next: 'holdfast factors backups', for the day you lose it.")


def _list(context: Context, done: Fields) -> None:
    found = done.objects("factors")
    if not found:
        context.output.line("There is no second factor: name and password are enough.")
        return
    for row in aligned([_row(each) for each in found]):
        context.output.row(row)
    left = counted(done.number("backups"), "backup code")
    context.output.line(f"{left} left")
    if done.number("wrong"):
        wrong = counted(done.number("wrong"), "wrong code")
        context.output.line(
            f"{wrong} since {moment(done.number('since'))}: if that was not you, somebody has "
            "your password; change it with 'holdfast passwd'"
        )


def _row(each: Fields) -> list[str]:
    used = f"last used {moment(each.number('used'))}" if each.has("used") else "never used"
    kind = KINDS.get(each.text("kind"), each.text("kind"))
    return [
        str(each.number("number")),
        kind,
        safe(each.text("name")),
        f"added {moment(each.number('added'))}",
        used,
    ]


def _name_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what you call it, such as 'phone'")
    password_option(parser, "the password, then a code,")


def _remove_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", type=int, metavar="NUMBER", help="as 'factors list' shows it")
    password_option(parser, "the password, then a code,")


def _backups_options(parser: argparse.ArgumentParser) -> None:
    password_option(parser, "the password, then a code,")


_ADD: Final = (
    Command(
        "app",
        "add an authenticator app (TOTP)",
        add_app,
        _name_options,
        examples="holdfast factors add app phone",
        more="It shows a QR code for the app, and takes the first code from it.",
    ),
    Command(
        "key",
        "add a security key or passkey (WebAuthn)",
        add_key,
        _name_options,
        examples="holdfast factors add key 'blue key'",
        more="The key that is plugged in. You may add several.",
    ),
)

COMMANDS: Final = (
    Command(
        "factors",
        "what signing in takes besides the password",
        more="Your home asks for one of them before it hands out your sealed keys. That stops who\n"
        "knows your password; it does not stop who has your home's disk: for that there is\n"
        "'holdfast device-secret'.",
        below=(
            Command(
                "list",
                "which there are, and when they were last used",
                show,
                examples="holdfast factors list\nholdfast factors list --json",
            ),
            Command("add", "add one", below=_ADD),
            Command(
                "backups",
                "make ten single-use codes for the day you lose the others",
                backups,
                _backups_options,
                examples="holdfast factors backups",
            ),
            Command(
                "remove",
                "remove one",
                remove,
                _remove_options,
                examples="holdfast factors remove 2",
                more="With the last app or key the backup codes go too.",
            ),
        ),
    ),
)
