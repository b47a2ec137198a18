"""The numbers of finding nodes on the local network. Seconds, unless said otherwise."""

from typing import Final

BEAT: Final = 60.0
"""A node says that it is there so often. Nothing else wakes it up when nobody speaks."""

FORGET: Final = 200.0
"""Whoever was not heard for so long is forgotten: three beats may be lost."""

CHECK_AGAIN: Final = 3600.0
"""After which an address is dialled once more: another machine may have it by now."""

FAILED: Final = 300.0
"""After which an address where that node was not is dialled again."""

ASKING: Final = (0.0, 1.0, 3.0)
"""When a node that starts, or comes to another network, asks who is there: datagrams get lost."""

PAUSE: Final = 1.0
"""Least time between two announcements, whoever asks for them."""

MOST: Final = 64
"""Neighbours that are known. Who comes later waits until one is forgotten."""

ADDRESSES: Final = 4
"""Of one neighbour, the newest: a machine may be here by cable and by radio, with IPv4 and IPv6."""

DIALS_A_MINUTE: Final = 64
"""Of what is heard, in all: anybody on the network can invent nodes."""

DIALS_OF_HOST: Final = 16
"""Of them, at one address: several nodes may run on one machine."""

DIALS_AT_ONCE: Final = 4

REMEMBERED: Final = 256
"""Failures that are remembered."""

DATAGRAMS: Final = 100
"""Heard within a second; then nothing is read until it is over, and the kernel drops the rest."""

MAX_DATAGRAM: Final = 1472
"""Bytes: what fits into one Ethernet frame. Longer ones are passed over."""
