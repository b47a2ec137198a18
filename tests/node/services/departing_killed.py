"""A node whose accounts leave one after the other, until somebody kills it.

    python departing_killed.py FOLDER COUNT

Says "open" when all of them live there, then "0 n" for each that is deleted, and gives back what
they held in between, as the node's job does.
"""

import sys
from pathlib import Path

import trio

from formats.farewell import Farewell
from formats.invite import Invite
from formats.statement import Role
from node.build import Node, build
from node.config import Config
from node.jobs.retention import give_back
from protocols import accounts as a
from protocols.services import Doors
from tests.node.people import NOW, Clock, Person, label, leaf, lock_key, prove, secret, segment

CHANGES = 3


async def run(folder: Path, count: int) -> None:
    """All of it."""
    async with build(Config(folder, work_bits=4), clock=Clock(), key=secret("node")) as node:
        people = [Person(f"p{number}") for number in range(count)]
        doors = [await _arrived(node, known) for known in people]
        print("open", flush=True)
        for number, (known, each) in enumerate(zip(people, doors, strict=True)):
            said = Farewell.make(known.chain, 1, node.peer_id, NOW, known.daily)
            await each.accounts.depart(a.Depart(known.name, said.encoded))
            print(f"0 {number}", flush=True)
            await give_back(node.core)


async def _arrived(node: Node, known: Person) -> Doors:
    doors = node.open(node.caller(b"client", local=True))
    code = Invite.parse(await node.admin.invite()).code
    await known.sign_up(doors, code)
    for n in range(CHANGES):
        part = segment(known.name if n else "shared", n, size=70_000)
        photo = leaf(lock_key(n), segments=[part])
        await known.space.commit(doors, {label(n): photo}, segments=[part])
    await prove(doors, Role.SIGN_IN, known.name.encode(), known.sign_in)
    return doors


if __name__ == "__main__":
    trio.run(run, Path(sys.argv[1]), int(sys.argv[2]))
