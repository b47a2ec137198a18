"""A node and how it is: up, serve, status, doctor, version."""

import argparse
from typing import Final

from formats.errors import NoDaemon, Partial
from frontends.checks import BAD, Check, check_place
from frontends.cli.account import usage_lines
from frontends.cli.command import Command
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.sizes import parse_size
from frontends.cli.terminal import moment, size
from frontends.version import PROGRAM, PROTOCOL, machine, python_version


def up(context: Context, options: argparse.Namespace) -> None:
    """Run a node and its owner's local API until Ctrl-C."""
    from frontends.daemon.up import up as run

    run(context.place, context.output, not options.no_browser)


def serve(context: Context, _options: argparse.Namespace) -> None:
    """Run a node without keys until Ctrl-C."""
    from frontends.daemon.up import serve as run

    run(context.place, context.output)


def version(context: Context, _options: argparse.Namespace) -> None:
    """Say which program this is. Needs no daemon."""
    facts = {
        "program": PROGRAM,
        "protocol": PROTOCOL,
        "python": python_version(),
        "platform": machine(),
    }
    if context.output.json:
        context.output.event("done", facts)
        return
    context.output.line(f"holdfast {PROGRAM}")
    context.output.line(f"protocol {PROTOCOL}, Python {facts['python']}, {facts['platform']}")


def status(context: Context, _options: argparse.Namespace) -> None:
    """Say how the daemon is; NoDaemon when there is none."""
    done = context.look("status")
    if context.output.json:
        return
    for line in status_lines(done):
        context.output.line(line)


def status_lines(done: Fields) -> list[str]:
    """What a person wants to know, one thing a line."""
    daemon, node = done.inner("daemon"), done.inner("node")
    lines = [
        f"daemon     {daemon.text('said')}, process {daemon.number('pid')}, "
        f"since {moment(daemon.number('started'))}",
        f"data       {daemon.text('home')}",
    ]
    person = done.inner("signed_in")
    lines.append(f"signed in  {person.text('name') or 'nobody'}")
    if person.has("usage"):
        lines += [f"usage      {line}" for line in usage_lines(person.inner("usage"))]
    lines += [
        f"notice     {moment(notice.number('time'))}  {notice.text('text')}"
        for notice in person.objects("notices")
    ]
    if node.has("peer"):
        lines.append(f"node       {node.text('peer')}")
    lines += [f"address    {address}" for address in node.texts("addresses")]
    if node.has("peer"):
        lines.append(f"backup     {_backup(node)}")
    lines += [
        f"news       {moment(news.number('time'))}  {news.text('said')}"
        for news in done.objects("news")
    ]
    lines += [
        f"error      {moment(error.number('time'))}  {error.text('message')}"
        for error in done.objects("errors")
    ]
    return lines


def _backup(node: Fields) -> str:
    """The last one, and whether it was found whole; or how to take one."""
    if not node.has("backup"):
        return "none was taken: 'holdfast node backup DIR', onto another disk"
    last = node.inner("backup")
    said = f"{moment(last.number('made'))}  {size(last.number('bytes'))} in {last.text('path')}"
    if last.number("lacking"):
        return f"{said}, lacks what the node had lost"
    if last.number("wrong"):
        return f"{said}, DAMAGED: take another"
    if last.has("checked"):
        return f"{said}, found whole on {moment(last.number('checked'))}"
    return f"{said}, not checked: 'holdfast node backup --check'"


def invite(context: Context, options: argparse.Namespace) -> None:
    """Make an invite, alone on the last line."""
    quota = None if options.quota is None else parse_size(options.quota)
    done = context.call("invite", {"quota": quota, "days": options.days})
    if not context.output.json:
        context.output.line(
            f"This makes one account on this node, within {done.number('days')} days:"
        )
        context.output.line("  holdfast signup NAME --at INVITE")
        context.output.line(done.text("invite"))


def doctor(context: Context, options: argparse.Namespace) -> None:
    """Check everything that can be checked; Partial when something is bad."""
    if options.check_proof is not None:
        from frontends.cli.proofs import check_proof

        check_proof(context, options.check_proof)
        return
    if options.save_proof is not None:
        from frontends.cli.proofs import save_proof

        save_proof(context, context.look("doctor"), options.save_proof)
        return
    if options.acknowledge:
        from frontends.cli.proofs import acknowledge

        acknowledge(context)
        return
    try:
        done = context.look("doctor")
        checks = [_check(fields) for fields in done.objects("checks")]
    except NoDaemon as error:
        checks = [*check_place(context.place), Check("daemon", BAD, error.message, error.advice)]
        if context.output.json:
            context.output.event("done", {"checks": [check.fields() for check in checks]})
    if not context.output.json:
        for check in checks:
            _show(context, check)
    bad = [check.name for check in checks if check.state == BAD]
    if bad == ["daemon"]:
        raise NoDaemon("no daemon answers, so the rest was not checked")
    if bad:
        raise Partial(f"not well: {', '.join(bad)}", hint="do what is said beside each")


def _check(fields: Fields) -> Check:
    return Check(*(fields.text(name) for name in Check._fields))


def _show(context: Context, check: Check) -> None:
    context.output.line(f"{check.state:<8} {check.name:<10} {check.said}")
    if check.hint:
        context.output.line(f"{'':<19} {check.hint}")


def up_options(parser: argparse.ArgumentParser) -> None:
    """Add what is done with the page."""
    parser.add_argument(
        "--no-browser", action="store_true", help="print the link to the page, and open nothing"
    )


def doctor_options(parser: argparse.ArgumentParser) -> None:
    """Add what is done with a proof, instead of checking."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--save-proof", metavar="FILE", help="write the proof that a home showed two histories"
    )
    either.add_argument(
        "--check-proof", metavar="FILE", help="say what such a proof shows; needs no daemon"
    )
    either.add_argument(
        "--acknowledge", action="store_true", help="you have dealt with what is proven"
    )


def invite_options(parser: argparse.ArgumentParser) -> None:
    """Add what an invite may say."""
    parser.add_argument("--quota", metavar="SIZE", help="room for the account, such as 50GiB")
    parser.add_argument("--days", metavar="N", type=int, help="how long it is good (7)")


COMMANDS: Final = (
    Command(
        "up",
        "run a node and the daemon that everything else talks to",
        up,
        up_options,
        examples="holdfast up\nholdfast up --no-browser\nholdfast --home /mnt/big/holdfast up",
        more="It runs in the foreground until Ctrl-C. It prints a link to your page, and opens it\n"
        "in a browser where there is a desktop. Its settings are in config.toml of the data\n"
        "folder, which need not be there.",
    ),
    Command(
        "serve",
        "run a node without keys, for others to live on",
        serve,
        examples="holdfast serve\nholdfast --home /srv/holdfast serve --json",
        more="The first time it prints an invite: with it somebody elsewhere can sign up.",
    ),
    Command(
        "status",
        "say how the daemon is",
        status,
        examples="holdfast status\nholdfast status --json",
        more="Ends with 17 when no daemon runs, and with 0 also before anybody signed in.",
    ),
    Command(
        "doctor",
        "check everything that can be checked",
        doctor,
        doctor_options,
        examples="holdfast doctor\nholdfast doctor --json\n"
        "holdfast doctor --save-proof two-histories.cbor\n"
        "holdfast doctor --check-proof two-histories.cbor\n"
        "holdfast doctor --acknowledge",
        more="A proof is two signed states of one space that cannot both be in one history.\n"
        "Whoever gets the file can check it, also without an account. What was acknowledged is\n"
        "bad no more, and kept; two histories that go on from there are told again.",
    ),
    Command(
        "invite",
        "make an invite: the right to one account on this node",
        invite,
        invite_options,
        examples="holdfast invite\nholdfast invite --quota 50GiB --days 30",
        more="It is alone on the last line. Give it to one person, who runs\n"
        "'holdfast signup NAME --at INVITE' on their own machine.",
    ),
    Command("version", "say which program this is", version, examples="holdfast version --json"),
)
