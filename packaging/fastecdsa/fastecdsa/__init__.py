"""A stand-in for fastecdsa 2.3.2: py-libp2p imports it, Holdfast never uses it.

The real package has no wheel and needs a C compiler and GMP. py-libp2p needs
it only for ECDSA P-256 keys and the old secio exchange, neither of which we
speak. Every use raises ``Unsupported``.

curve.py     the curve that is named at import time
keys.py      key making, refused
point.py     a point, refused
encoding/    SEC1 and integer helpers, refused
"""


class Unsupported(NotImplementedError):
    """ECDSA is not available: install the real fastecdsa (compiler and GMP) to use it."""


def refuse(*_args: object, **_kwargs: object) -> None:
    """Raise ``Unsupported``: nothing here may be used by accident."""
    raise Unsupported(Unsupported.__doc__)
