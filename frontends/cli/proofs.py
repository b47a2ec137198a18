"""Proofs that a home showed two histories: saved by who was told, checked by anybody."""

from base64 import b64decode
from pathlib import Path

from formats.errors import Exists, Malformed, NotFound, StorageFailed
from frontends.cli.context import Context
from frontends.cli.fields import Fields
from frontends.cli.terminal import counted, moment


def save_proof(context: Context, done: Fields, file: str) -> None:
    """Write the newest proof that ``doctor`` told of to a new file."""
    found = done.objects("proofs")
    if not found:
        raise NotFound("no proof is kept: nobody showed two histories", hint="nothing to do")
    data = b64decode(found[-1].text("proof"))
    try:
        with Path(file).open("xb") as new:
            new.write(data)
    except FileExistsError:
        raise Exists(f"{file} is there already", hint="choose another name") from None
    except OSError as error:
        raise StorageFailed(f"{file}: {error.strerror}") from error
    if not context.output.json:
        context.output.line(f"{file}: 'holdfast doctor --check-proof {file}' says what it proves")


def acknowledge(context: Context) -> None:
    """Say that the proofs that are kept were seen."""
    done = context.call("doctor/acknowledge", {})
    if not context.output.json:
        new = counted(done.number("seen"), "proof")
        context.output.line(f"{new} acknowledged. 'holdfast doctor --save-proof' still has them.")


def check_proof(context: Context, file: str) -> None:
    """Say what a proof shows; raises Malformed, Forged or Stale. Needs no daemon, no account."""
    from formats.fork import MAX_PROOF, ForkProof

    try:
        with Path(file).open("rb") as opened:
            data = opened.read(MAX_PROOF + 1)
    except FileNotFoundError:
        raise NotFound(f"there is no {file}") from None
    except OSError as error:
        raise Malformed(f"{file}: {error.strerror}", hint="choose a file") from error
    proof = ForkProof.decode(data)
    proof.verify()
    pointers = {"newer": proof.newer.pointer, "older": proof.older.pointer}
    facts = {
        name: {
            "seq": each.seq,
            "hash": each.hash.hex(),
            "member": each.member.hex(),
            "time": each.time,
        }
        for name, each in pointers.items()
    }
    newer = proof.newer.pointer
    if context.output.json:
        owner, space = newer.owner.hex(), newer.space.hex()
        context.output.event("done", {"owner": owner, "space": space, **facts})
        return
    context.output.line("proven: this space has two histories, and members signed both")
    context.output.line(f"owner    {newer.owner.hex()}")
    context.output.line(f"space    {newer.space.hex()}")
    for name, each in pointers.items():
        when = moment(each.time)
        context.output.line(f"{name}    change {each.seq}, {each.hash.hex()}")
        context.output.line(f"         signed by {each.member.hex()}, by its clock at {when}")
