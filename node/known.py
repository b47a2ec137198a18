"""Machines that an account's owner signed in from before: known by what they were given then.

    known = 16 random bytes | MAC(server secret, "known", name, id, those bytes)

Nothing is kept here. It opens nothing: who shows it is told apart from others who try that
account's password, so that those cannot make the owner wait (``guesses.py``).
"""

from typing import Final

from crypto.kdf import mac
from crypto.purposes import KdfPurpose
from crypto.secret import Secret, random_bytes, same

_RANDOM: Final = 16


def make_known(secret: Secret, name: str, id: bytes) -> bytes:
    """What a machine is given when its person has signed in: 48 bytes."""
    drawn = random_bytes(_RANDOM)
    return drawn + mac(secret, KdfPurpose.KNOWN, name.encode(), id, drawn)


def known_as(secret: Secret, name: str, id: bytes, shown: bytes) -> str | None:
    """What the machine is called among guesses; None if this home never gave it that."""
    drawn, proof = shown[:_RANDOM], shown[_RANDOM:]
    good = same(proof, mac(secret, KdfPurpose.KNOWN, name.encode(), id, drawn))
    return f"known:{drawn.hex()}" if good else None
