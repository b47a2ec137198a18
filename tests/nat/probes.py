"""What gets through, with plain sockets: who is seen, who is let in."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from tests.nat.internet import Machine

SOON: Final = 0.5
"""Seconds after which what did not come through is taken for lost. Lines here take microseconds."""

Where = tuple[str, int]


@dataclass(frozen=True)
class Speaker:
    """A UDP socket of a machine."""

    socket: socket.socket

    @property
    def port(self) -> int:
        """Its port there."""
        return int(self.socket.getsockname()[1])

    def says(self, text: bytes, to: Where) -> None:
        """Send a datagram."""
        self.socket.sendto(text, to)

    def hears(self) -> tuple[bytes, Where] | None:
        """The next datagram and who sent it; None if none comes."""
        try:
            data, who = self.socket.recvfrom(1500)
        except TimeoutError:
            return None
        return data, (who[0], who[1])

    def seen(self, by: "Speaker", at: str) -> Where:
        """As whom ``by`` (at that address) sees it."""
        self.says(b"who am I?", (at, by.port))
        heard = by.hears()
        assert heard is not None, "it does not get out"
        return heard[1]

    def lets_in(self, stranger: "Speaker", at: Where) -> bool:
        """Whether what the stranger sends to ``at`` arrives here."""
        stranger.says(b"hello", at)
        return self.hears() is not None


class Probes:
    """Sockets, closed at the end of a test."""

    def __init__(self, exits: ExitStack) -> None:
        self._exits = exits

    def udp(self, machine: Machine) -> Speaker:
        """A UDP socket there."""
        return Speaker(self._bound(machine, socket.SOCK_DGRAM, 0))

    def listener(self, machine: Machine) -> socket.socket:
        """A TCP listener there."""
        made = self._bound(machine, socket.SOCK_STREAM, 0)
        made.listen()
        return made

    def accepts(self, listener: socket.socket) -> Where:
        """Take the next connection; who it is from."""
        made, who = listener.accept()
        self._exits.callback(made.close)
        return who[0], who[1]

    def dials(self, machine: Machine, to: Where, port: int = 0) -> bool:
        """Whether a TCP connection from there is made. It stays open."""
        family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
        made = self._bound(machine, socket.SOCK_STREAM, port, family)
        try:
            made.connect(to)
        except OSError:
            return False
        return True

    def _bound(
        self,
        machine: Machine,
        kind: socket.SocketKind,
        port: int,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> socket.socket:
        made = machine.space.call(lambda: socket.socket(family, kind))
        self._exits.callback(made.close)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(("::" if family is socket.AF_INET6 else "0.0.0.0", port))
        made.settimeout(SOON)
        return made
