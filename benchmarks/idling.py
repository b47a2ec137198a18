"""What finding people costs a node that does nothing else: ``python -m benchmarks.idling``.

Fifty real nodes in five processes (``tests/world/finding.py``) are a network. Two real
``holdfast serve`` are looked at from outside (Linux only): one takes part in it, the
other has ``find = false``. What they take:

    begun   processor seconds to start, join and look around once
    idle    processor seconds an hour, while nothing happens
    asked   processor seconds for as many questions as come in an hour: each node of the
            network looks around once

An hour is what is idle and what is asked, and a look around of its own, which is in
what it took more to begin.
"""

import argparse
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from benchmarks.serving import Serving
from benchmarks.standing import look, memory
from tests.world.finding import Process, crowd_of

NODES: Final = 50
PROCESSES: Final = 5
SETTLING: Final = 20.0
HOUR: Final = 3600.0

SETTINGS: Final = """[network]
find = {find}
bootstrap = [{bootstrap}]
local = false
map_port = false
"""


def settled(folder: Path, find: bool, bootstrap: str) -> Serving:
    """A daemon with these settings."""
    folder.mkdir(mode=0o700)
    words = {"find": str(find).lower(), "bootstrap": f'"{bootstrap}"' if find else ""}
    (folder / "config.toml").write_text(SETTINGS.format(**words))
    return Serving(folder)


async def served(folder: Path, find: bool, bootstrap: str) -> Serving:
    """The same, just started."""
    node = settled(folder, find, bootstrap)
    await node.start()
    return node


async def run(folder: Path, seconds: float) -> None:
    with ExitStack() as stack:
        crowd = crowd_of(stack, NODES, PROCESSES)
        nodes = {
            "takes part": await served(folder / "part", True, crowd[0].address),
            "find = false": await served(folder / "alone", False, ""),
        }
        try:
            await watch(nodes, crowd, seconds)
        finally:
            for node in nodes.values():
                await node.stop()


async def watch(nodes: dict[str, Serving], crowd: list[Process], seconds: float) -> None:
    def taken() -> dict[str, float]:
        return {name: look(node.pid).seconds for name, node in nodes.items()}

    await trio.sleep(SETTLING)
    for process in crowd:
        process.ask(refresh=True)  # once: all get to know each other
    begun = taken()
    began = time.monotonic()
    await trio.sleep(seconds)
    idle, took = taken(), time.monotonic() - began
    for process in crowd:
        process.ask(refresh=True)
    await trio.sleep(5)
    asked = taken()
    print("| node | begun, s | idle, s an hour | asked, s | MiB |")
    print("|---|---|---|---|---|")
    for name, node in nodes.items():
        print(
            f"| {name} | {begun[name]:.2f} | {(idle[name] - begun[name]) / took * HOUR:.1f} "
            f"| {asked[name] - idle[name]:.2f} | {memory(node.pid, 'VmRSS'):.0f} |",
            flush=True,
        )


def main() -> int:
    """Run it in a folder here that is removed afterwards."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=300.0, help="of idling")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="idling-", dir=".") as folder:
        trio.run(run, Path(folder).resolve(), options.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
