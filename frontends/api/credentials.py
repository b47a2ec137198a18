"""Who is at the other end of the Unix socket: only the person whose daemon this is may speak.

The socket is 0600 in a folder of 0700, which is enough on its own; asking the
kernel as well covers a folder whose permissions somebody loosened. Where the
system cannot say who is calling, the permissions stand alone.
"""

import os
import socket
import struct
from typing import Final

import trio

from formats.errors import Denied

_UCRED: Final = struct.Struct("3i")
"""Linux: process id, user id, group id."""


def check_caller(stream: trio.SocketStream) -> None:
    """Return if the caller is this process's own user; raises Denied."""
    user = caller_user(stream)
    if user is not None and user != os.geteuid():
        raise Denied(
            "this daemon belongs to somebody else",
            hint="start one of your own with 'holdfast up'",
        )


def caller_user(stream: trio.SocketStream) -> int | None:
    """The user id at the other end, as the kernel knows it; None where it does not say."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    answer = stream.getsockopt(socket.SOL_SOCKET, option, _UCRED.size)
    _process, user, _group = _UCRED.unpack(answer)
    return int(user)
