"""Messages that were dealt with, and that their home may delete: told with the next question."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class DealtWith:
    """Their numbers, as one connection told them.

    A home that was set back may give a number to another message. It cannot do that while a
    connection lasts, so what was heard on another one is not named: it comes again, and is known.
    """

    nonce: bytes = b""
    seqs: set[int] = field(default_factory=set)

    def on(self, nonce: bytes, most: int) -> tuple[int, ...]:
        """What to name on the connection of this nonce."""
        if nonce != self.nonce:
            self.nonce, self.seqs = nonce, set()
        return tuple(sorted(self.seqs)[:most])
