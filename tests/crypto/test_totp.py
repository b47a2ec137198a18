"""Codes of authenticator apps, against the vectors of RFC 6238."""

import pytest

from crypto.totp import DIGITS, STEP, totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "eight"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_the_rfc(seconds: int, eight: str) -> None:
    """Appendix B has 8 digits; 6 are their end."""
    assert totp(SECRET, seconds // STEP) == eight[-DIGITS:]
