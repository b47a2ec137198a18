"""An encrypted connection: what libp2p's handshake of Noise agreed on, many messages at a time.

libp2p's own session reads twice and writes once for each message of 64 KiB, and hands
every yamux frame over alone. This one uses the same ciphers, through that session,
and nothing differs on the wire: a message is two bytes of length and the sealed bytes.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, cast

from libp2p.abc import ISecureConn

from formats.errors import Unreachable

MESSAGE: Final = 65_519
"""Bytes that one message carries: its length has two bytes, and sixteen are its seal."""

AHEAD: Final = 256 * 1024
"""Bytes that are read at once."""

SEAL: Final = 16
LENGTH: Final = 2

_FORGED: Final = "what came over the connection was not sealed by who it is with"


class Ciphers(Protocol):
    """What is used of libp2p's session: sealing and opening one message, in order."""

    def encrypt(self, data: bytes) -> bytes:
        """The sealed message; counts up."""
        ...

    def decrypt(self, data: bytes) -> bytes:
        """The message; counts up."""
        ...


class Wire(Protocol):
    """Bytes in both directions, in order: a socket, or what stands for one."""

    is_initiator: bool
    """Whether our end dialled."""

    @property
    def local(self) -> bool:
        """Whether the other end is on this machine."""
        ...

    @property
    def address(self) -> str:
        """Where the other end comes from, as a multiaddress."""
        ...

    @property
    def port_here(self) -> int:
        """The TCP port at this end, 0 if it is not TCP."""
        ...

    async def receive_some(self, most: int = AHEAD) -> bytes:
        """At least one byte, about ``most`` at most; none at the end. Raises Unreachable."""
        ...

    async def send_all(self, data: bytes) -> None:
        """Return when all of it is on its way. Raises Unreachable."""
        ...

    async def close(self) -> None:
        """Close it now. Raises nothing."""
        ...


def ciphers(session: ISecureConn) -> Ciphers:
    """The ciphers inside a session that libp2p's Noise transport has made."""
    return cast(Ciphers, session.conn)  # type: ignore[attr-defined]  # its reader and writer


class Session:
    """One end. One task reads and one writes; both raise Unreachable when it is over."""

    def __init__(self, wire: Wire, sealing: Ciphers) -> None:
        self._wire = wire
        self._seal: Final[Callable[[bytes], bytes]] = sealing.encrypt
        self._open: Final[Callable[[bytes], bytes]] = sealing.decrypt
        self._held = b""
        self._ahead = b""
        self.sending = False
        """Whether a write is under way, or was given up in the middle."""

    # --- as multistream reads and writes

    async def read(self, n: int = 1) -> bytes:
        """At most ``n`` bytes, none at the end."""
        if not self._ahead:
            self._ahead = b"".join(await self.receive())
        data, self._ahead = self._ahead[:n], self._ahead[n:]
        return data

    async def write(self, data: bytes) -> None:
        """All of it."""
        await self.send([data])

    # --- as the muxer does

    async def receive(self, most: int = AHEAD) -> list[bytes]:
        """What arrived: all messages that are whole, of about so many bytes; none at the end."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return [ahead]
        while data := await self._wire.receive_some(most):
            messages = self._opened(self._held + data if self._held else data)
            if messages:
                return messages
        return []

    async def send(self, pieces: Sequence[bytes | memoryview]) -> None:
        """All of these, sealed together. Unreachable if an earlier write was not finished."""
        if self.sending:
            raise Unreachable("a write was given up in the middle")
        self.sending = True
        sealed = self._sealed(b"".join(pieces))
        await self._wire.send_all(sealed)
        self.sending = False

    def _sealed(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        for at in range(0, len(data), MESSAGE):
            sealed = self._seal(data[at : at + MESSAGE])
            parts += (len(sealed).to_bytes(LENGTH, "big"), sealed)
        return b"".join(parts)

    def _opened(self, data: bytes) -> list[bytes]:
        """The messages that are whole; the rest is held."""
        found, at, end = [], 0, len(data)
        while end - at >= LENGTH:
            size = data[at] << 8 | data[at + 1]
            if end - at < LENGTH + size:
                break
            at += LENGTH
            message = self._message(data[at : at + size])
            if message:
                found.append(message)
            at += size
        self._held = data[at:]
        return found

    def _message(self, sealed: bytes) -> bytes:
        if len(sealed) < SEAL:
            raise Unreachable(_FORGED)
        try:
            return self._open(sealed)
        except Exception:  # noqa: BLE001  whatever a library below libp2p calls it
            raise Unreachable(_FORGED) from None
