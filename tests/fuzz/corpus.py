"""Inputs of decoders that are kept: each one goes a way through a decoder that no other goes.

    python -m tests.fuzz.corpus                      look for more, 3,000 inputs a decoder (minutes)
    python -m tests.fuzz.corpus --inputs 20000 --only "space record" pointer

A way is a step from one line of ours to the next. An input that takes a new one is made as small
as it gets without losing it, and kept: ``corpus/`` has a file for each decoder, an input a line,
in base64. ``make fuzz`` begins with them besides the vectors, ``make test`` reads them all.
What once failed is added there by hand.
"""

import argparse
import sys
from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence
from random import Random
from types import FrameType
from typing import Any, Final

from tests.architecture.tree import ROOT
from tests.fuzz.decoders import DECODERS, Decoder, Inputs, file_of, judge, kept

LONGEST: Final = 6000
"""Bytes of an input that is worth keeping."""

CUTS: Final = 400
"""How often an input is tried smaller."""

OURS: Final = tuple(f"{ROOT}/{folder}/" for folder in ("crypto", "formats", "client", "protocols"))

Way = tuple[str, int, int]
"""A file, a line of it, and the line that came after."""


def ways(decoder: Decoder, data: bytes) -> frozenset[Way]:
    """Every step that a decoder takes with this input."""
    found: set[Way] = set()
    last: dict[FrameType, int] = {}

    def line(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            found.add((frame.f_code.co_filename, last.get(frame, 0), frame.f_lineno))
            last[frame] = frame.f_lineno
        return line

    def call(frame: FrameType, _event: str, _: Any) -> Any:
        return line if frame.f_code.co_filename.startswith(OURS) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        judge(decoder, data)
    finally:
        sys.settrace(before)
    return frozenset(found)


def grow(decoder: Decoder, count: int, random: Random) -> list[bytes]:
    """The inputs that are kept, and those of so many new ones that go a way of their own."""
    inputs, chosen = Inputs(decoder, random), kept(decoder)
    known = {way for data in chosen for way in ways(decoder, data)}
    for _ in range(count):
        data = inputs.next()
        new = ways(decoder, data) - known if len(data) <= LONGEST else frozenset()
        if new:
            chosen.append(smaller(decoder, data, new))
            known |= ways(decoder, chosen[-1])
    return chosen


def smaller(decoder: Decoder, data: bytes, wanted: Collection[Way]) -> bytes:
    """As much of an input as it takes to go these ways."""
    tries, size = 0, len(data) // 2
    while size and tries < CUTS:
        for cut in _cut(data, size):
            tries += 1
            if tries < CUTS and ways(decoder, cut).issuperset(wanted):
                data = cut
                break
        else:
            size //= 2
    return data


def _cut(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[:at] + data[at + size :]


def main(words: Sequence[str] | None = None) -> int:
    """Look for more; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz.corpus",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--inputs", type=int, default=3000)
    parser.add_argument("--only", nargs="+", metavar="DECODER")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(words)
    for decoder in DECODERS:
        if options.only is None or decoder.name in options.only:
            found = grow(decoder, options.inputs, Random(f"{options.seed} {decoder.name}"))
            file_of(decoder).write_text("".join(f"{b64encode(data).decode()}\n" for data in found))
            print(f"{decoder.name}: {len(found)} inputs, {sum(map(len, found)):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
