"""Codes that an authenticator app shows: TOTP (RFC 6238) over HMAC-SHA-1, 6 digits, 30 seconds.

That is what every app knows; SHA-1 is sound inside HMAC. A code says that somebody holds a secret
which the other side holds too: it opens and signs nothing.
"""

import hmac
from typing import Final

STEP: Final = 30
"""Seconds for which a code is shown."""

DIGITS: Final = 6
SECRET_SIZE: Final = 20


def totp(secret: bytes, step: int) -> str:
    """The code of one step: the number of whole periods of `STEP` seconds since 1970."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
