"""Numbers as CAR files, Protocol Buffers and libp2p write them: seven bits a byte, lowest first.

Whoever reads them has limits of their own, and reads them from something of their own.
"""

from typing import Final

_SHIFT: Final = 7
_MORE: Final = 1 << _SHIFT


def varint(value: int) -> bytes:
    """Unsigned LEB128, in its shortest form."""
    out = bytearray()
    while value >= _MORE:
        out.append(value % _MORE + _MORE)
        value >>= _SHIFT
    out.append(value)
    return bytes(out)
