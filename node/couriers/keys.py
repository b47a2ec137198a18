"""The keys that envelopes are sealed to: in memory only, for half a day each.

A node that was started again has new ones: what somebody recorded opens for nobody then.
"""

from dataclasses import dataclass
from typing import Final

from crypto.hpke import SealKeyPair
from crypto.secret import Secret
from crypto.signing import LockKey
from formats.courier.record import CourierRecord

FRESH: Final = 12 * 3600 * 1000
"""How long a key is told to others, in milliseconds. It opens for as long again."""


@dataclass(frozen=True, slots=True)
class _Dated:
    pair: SealKeyPair
    since: int


class Keys:
    """One node's. ``seed``: of the node's own key; ``peer``: its peer id."""

    def __init__(self, seed: Secret, peer: bytes) -> None:
        self._sign: Final = LockKey.from_seed(seed)
        self._peer: Final = peer
        self._dated: list[_Dated] = []

    def pairs(self, now: int) -> list[SealKeyPair]:
        """Those that open at this time, the newest first."""
        self._renew(now)
        return [each.pair for each in self._dated]

    def record(self, now: int, bits: int, work_bits: int, passes: bool) -> bytes:
        """What this node says of itself now, signed."""
        self._renew(now)
        newest = self._dated[0]
        expires = newest.since + 2 * FRESH
        key = newest.pair.public
        return CourierRecord(self._peer, key, bits, work_bits, passes, now, expires).sign(
            self._sign
        )

    def _renew(self, now: int) -> None:
        self._dated = [each for each in self._dated if abs(now - each.since) < 2 * FRESH]
        if not self._dated or now - self._dated[0].since >= FRESH:
            self._dated.insert(0, _Dated(SealKeyPair.generate(), now))
