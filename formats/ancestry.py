"""Ancestry: how pointer records reach back over any distance in a few steps.

Record n names record n-1 (``prev``) and the record whose number is n with its
lowest set bit cleared (``skip``). Going back from n to m takes ``skip`` while
that does not pass m, and ``prev`` otherwise: at most about (log2 n)^2 / 2
steps, 11 on average over the last hundred commits, 93 from the millionth to
any older one. (The numbering is that of a Fenwick tree.)

No bytes here: numbers, and hashes that somebody else computed.
"""

from dataclasses import dataclass


def skip_seq(seq: int) -> int:
    """The number that record ``seq`` (1 or more) skips to: its lowest set bit cleared."""
    if seq < 1:
        raise ValueError("the first record skips nowhere")
    return seq & (seq - 1)


def step(seq: int, target: int) -> int:
    """Where to go from ``seq`` on the way back to ``target``, which is below it."""
    return far if (far := skip_seq(seq)) >= target else seq - 1


def descent(newest: int, oldest: int) -> list[int]:
    """The numbers on the way from ``newest`` back to ``oldest``, both included."""
    if not 0 <= oldest <= newest:
        raise ValueError("a descent goes from newer to older")
    path = [newest]
    while path[-1] > oldest:
        path.append(step(path[-1], oldest))
    return path


@dataclass(frozen=True, slots=True)
class Spine:
    """What a writer keeps to name the next ``skip``: the records its newest one skips down over.

    ``links`` are (seq, hash), from record 0 up to the newest: at most 54 of them.
    """

    links: tuple[tuple[int, bytes], ...] = ()

    def skip_hash(self) -> bytes | None:
        """The hash that the record after the newest names as ``skip``; None for record 0."""
        if not self.links:
            return None
        wanted = skip_seq(self.links[-1][0] + 1)
        return dict(self.links)[wanted]

    def then(self, seq: int, record_hash: bytes) -> "Spine":
        """The spine once record ``seq``, the one after the newest, is there."""
        if seq != (self.links[-1][0] + 1 if self.links else 0):
            raise ValueError("a spine grows by one record")
        keep = skip_seq(seq) if seq else -1
        return Spine((*(link for link in self.links if link[0] <= keep), (seq, record_hash)))
