"""Runs of chunks that are zero and not stored, as a header has them: changed by few chunks at once.

A run is (first chunk, number of chunks); runs rise and do not touch. There may be
many chunks and there are few runs, so nothing here counts chunk by chunk.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import TypeAlias

Runs: TypeAlias = tuple[tuple[int, int], ...]


def within(runs: Runs, chunks: int) -> Runs:
    """The runs as far as they lie before chunk number ``chunks``."""
    cut = ((first, min(count, chunks - first)) for first, count in runs if first < chunks)
    return tuple(cut)


def joined(runs: Iterable[tuple[int, int]]) -> Runs:
    """Runs in order, those that touch or overlap made one, empty ones left out."""
    found: list[tuple[int, int]] = []
    for first, count in sorted(run for run in runs if run[1] > 0):
        if found and first <= sum(found[-1]):
            start = found[-1][0]
            found[-1] = start, max(sum(found[-1]), first + count) - start
        else:
            found.append((first, count))
    return tuple(found)


def without(runs: Runs, chunks: Iterable[int]) -> Runs:
    """The runs without these chunks."""
    left = sorted(chunks)
    found: list[tuple[int, int]] = []
    for first, count in runs:
        start = first
        for chunk in left[bisect_left(left, first) : bisect_left(left, first + count)]:
            found.append((start, chunk - start))
            start = chunk + 1
        found.append((start, first + count - start))
    return joined(found)


def shortest(runs: Runs, most: int) -> list[int]:
    """The chunks to store so that at most ``most`` runs are left: those of the shortest ones."""
    over = sorted(runs, key=lambda run: run[1])[: max(0, len(runs) - most)]
    return [chunk for first, count in over for chunk in range(first, first + count)]
