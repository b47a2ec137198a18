"""What can go wrong here, and no more detail than a stranger may have.

An error says *that* something did not open or verify, never which byte, which half of a hybrid,
or anything about the key. Misuse by our own code (a short key, a too small buffer) is a
`ValueError` or a `TypeError`: nobody should catch it.
"""


class CryptoError(Exception):
    """Base of every refusal of this folder."""


class OpenFailed(CryptoError):
    """Sealed bytes did not open: altered, for another key or place, or not sealed bytes."""


class BadShare(CryptoError):
    """Words that are no share of a secret, or shares that do not fit together."""


class BadSignature(CryptoError):
    """A signature does not belong to this key, purpose and body."""


class BadKey(CryptoError):
    """Bytes that should be a public key are not one."""


class BadPassword(CryptoError):
    """A password that cannot be used at all (empty, too long, not text); never "the wrong one"."""


class BadParameters(CryptoError):
    """Password parameters outside what anybody may ask for, or weaker than this side accepts."""
