"""Coming back by a recovery kit: recovery rehearse, recovery restore."""

import argparse
from pathlib import Path
from typing import Final

from formats.errors import StorageFailed, Usage
from frontends.cli.account import as_option, check_daemon, secret_option, tell_device_secret
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.passwords import (
    NewPassword,
    ask_password,
    prompt_hidden,
    read_plain_line,
    weak_option,
)
from frontends.cli.terminal import counted, moment

MAX_FILE: Final = 1 << 20


def rehearse(context: Context, options: argparse.Namespace) -> None:
    """Try a kit; changes nothing."""
    check_daemon(context)
    done = context.call("recovery/rehearse", _asked(options, own=options.kit is None))
    if context.output.json:
        return
    for each in done.objects("nodes"):
        context.output.line(f"{each.text('peer')}  {_how(each)}")
    for number in done.numbers("wrong_shares"):
        context.output.note(f"share {number} is not what was handed out: ask who has it")
    context.output.line(
        f"The kit brings back {done.text('handle')}, as of {moment(done.number('time'))}. "
        "Nothing was changed."
    )


def restore(context: Context, options: argparse.Namespace) -> None:
    """Come back."""
    from formats.kit import KitText

    check_daemon(context)
    asked = _asked(options, own=False)
    name = options.as_name or KitText.parse(str(asked["kit"])).name
    password, weak = NewPassword(context.output, name, options).ask("Choose a new password: ")
    more: dict[str, object] = {
        "password": password,
        "weak": weak,
        "to": options.to,
        "name": options.as_name,
        "as_it_is": options.as_it_is,
        "device_secret": options.device_secret,
    }
    done = context.call("recovery/restore", {**asked, **more})
    if not context.output.json:
        for line in _restored(done):
            context.output.line(line)
        if done.has("device_secret"):
            tell_device_secret(context, done.text("device_secret"))


def _restored(done: Fields) -> list[str]:
    lacking = done.number("lacking")
    lines = [
        f"You are {done.text('handle')} again, with all that there was at "
        f"{moment(done.number('time'))}.",
        f"You live at {done.inner('home').text('peer')}, and the new password is yours.",
        "Friends hear of it by themselves; what you share with each other stays as it is.",
    ]
    if lacking:
        lines.append(f"{counted(lacking, 'folder')} that others change, too, did not come along.")
    if done.flag("renewed"):
        lines.append("Your identity keys are renewed: what was lost opens nothing any more.")
        lines.append("Machines that you still have are new ones when you sign in on them.")
    else:
        lines.append("Your identity keys are the old ones still, and what was lost can read on:")
        lines.append("'holdfast passwd --rotate' renews them.")
    lines.append("The words stay good; 'holdfast recovery kit' makes a paper with today's nodes.")
    return lines + [f"later: {each.text('message')}" for each in done.objects("problems")]


def _how(each: Fields) -> str:
    if each.flag("opens"):
        return f"opens: as of {moment(each.number('time'))}"
    return f"no: {each.inner('problem').text('message')}"


def _asked(options: argparse.Namespace, own: bool) -> dict[str, object]:
    """The kit's text and words; ``own``: the text is that of who is signed in."""
    from formats.kit import KitText

    from_stdin: bool = options.password_stdin
    text = None if own else KitText.parse(_text(options, from_stdin))
    kit = None if text is None else text.text
    asked: dict[str, object] = {"kit": kit, "at": options.at or []}
    if options.shares:
        return {**asked, "shares": _shares(from_stdin)}
    if text is not None and text.code is not None:
        return asked
    return {**asked, "words": ask_password(from_stdin, "The words of the kit: ")}


def _shares(from_stdin: bool) -> list[str]:
    """Shares until an empty line."""
    found: list[str] = []
    while True:
        prompt = f"Share {len(found) + 1} (Enter: no more): "
        line = read_plain_line() if from_stdin else prompt_hidden(prompt)
        if not line.strip():
            return found
        found.append(line)


def _text(options: argparse.Namespace, from_stdin: bool) -> str:
    from formats.kit import find_kit

    path: Path | None = options.kit
    if path is None:
        return ask_password(from_stdin, "The text on the kit (holdfast-kit1:...): ")
    try:
        if path.stat().st_size > MAX_FILE:
            raise Usage(f"{path} is no recovery kit")
        return find_kit(path.read_text("utf-8", "replace"))
    except OSError as error:
        if str(path).startswith("holdfast-kit"):
            raise Usage("--kit names a file", hint="without it, the text is asked for") from None
        raise StorageFailed(f"{path}: {error.strerror}") from None


def _kit_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kit",
        metavar="FILE",
        type=Path,
        help="a file with the text of the kit in it, such as the page that was printed",
    )
    parser.add_argument(
        "--at",
        metavar="NODE",
        action="append",
        help="a node that has the data, too: its address, or an invite of it",
    )

    parser.add_argument(
        "--shares",
        action="store_true",
        help="by shares of the kit instead of its words: as many as it takes, or more",
    )


def _rehearse_options(parser: argparse.ArgumentParser) -> None:
    _kit_options(parser)
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the words, or the shares and an empty line, from standard input",
    )


def _restore_options(parser: argparse.ArgumentParser) -> None:
    _kit_options(parser)
    parser.add_argument(
        "--to",
        metavar="NODE",
        default="here",
        help="where to live: an invite, a node's address, one of those that have the data, or "
        "'here' for this node (the default)",
    )
    as_option(parser)
    parser.add_argument(
        "--as-it-is",
        action="store_true",
        help="go on from what is there, though this machine has seen more",
    )
    weak_option(parser)
    secret_option(parser, "have a device secret (usual on another's node)", "have none")
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the text of the kit (without --kit), its words (where the text has no "
        "code) or the shares and an empty line, and the new password from standard input, a line "
        "each",
    )


RECOVERING: Final = (
    Command(
        "rehearse",
        "see that the words bring you back, at each node; changes nothing",
        rehearse,
        _rehearse_options,
        examples="holdfast recovery rehearse\nholdfast recovery rehearse --kit kit.html\n"
        "holdfast recovery rehearse --shares\n"
        "holdfast recovery rehearse --at /ip4/192.0.2.7/tcp/4061/p2p/12D3KooW...",
        more="Without --kit it is the kit of who is signed in, and the words are asked for.\n"
        "Every node that is known to have your data is asked as after a loss.",
    ),
    Command(
        "restore",
        "come back by the words, on this node or another, with a new password",
        restore,
        _restore_options,
        examples="holdfast recovery restore\nholdfast recovery restore --kit kit.txt\n"
        "holdfast recovery restore --kit bob.html --shares\n"
        "holdfast recovery restore --to holdfast-invite1:...",
        more="The newest copy that any node has is taken, and checked; your keys are renewed,\n"
        "and friends are told. For when the home is gone, and for when the password is:\n"
        "with the home there, '--to' a part of its peer id keeps you there. Cut off\n"
        "anywhere, do it again.",
    ),
)
