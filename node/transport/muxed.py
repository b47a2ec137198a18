"""One libp2p connection: TCP, encrypted by Noise, cut into streams by yamux.

Built from libp2p's parts, without its host: that one keeps a task and one of
250 places for every connection it ever accepted, shares connections between
callers (what ours prove belongs to one connection), and remembers failures for
a minute (decision 0060). The handshake of Noise is libp2p's; what follows
is ours, unless the fallback to libp2p's yamux is asked for (decision 0250).
On the wire both are plain libp2p.

Everything libp2p raises becomes Unreachable here; nothing of it passes this folder.
"""

from typing import Final

import trio
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.x25519 import create_new_key_pair as create_noise_key_pair
from libp2p.peer.id import ID
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE_ID
from libp2p.security.noise.transport import Transport as Noise

from crypto.secret import Secret
from formats.errors import HoldfastError, Unreachable
from node.logs import Log
from node.transport import multistream
from node.transport.muxer import Muxer
from node.transport.noise import Session, ciphers
from node.transport.relayed import Relayed
from node.transport.sockets import Socket
from node.transport.stock import Stock
from node.transport.yamux.frames import PROTOCOL as YAMUX

NOISE: Final = str(NOISE_ID)

Muxed = Muxer | Stock
"""A connection: ``carrier.Connection`` and ``carrier.Incoming``. Somebody must run ``run``."""

_log: Final = Log("transport")


class Identity:
    """A libp2p identity: who is at our end of a connection. Without a seed, a fresh one.

    ``stock``: its connections are cut into streams by libp2p's yamux, not by ours.
    """

    def __init__(self, seed: Secret | None = None, *, stock: bool = False) -> None:
        pair = create_new_key_pair(None if seed is None else seed.reveal())
        self.peer: Final = ID.from_pubkey(pair.public_key).to_bytes()
        self.public: Final = pair.public_key
        self._private = pair.private_key
        self.noise: Final = Noise(pair, create_noise_key_pair().private_key)
        self.stock: Final = stock

    def sign(self, data: bytes) -> bytes:
        """A signature as libp2p's own protocols have it. What is ours is signed elsewhere."""
        return self._private.sign(data)


async def accepted(stream: trio.SocketStream | Relayed, identity: Identity) -> Muxed:
    """The connection that somebody makes to us over this socket. Raises Unreachable.

    Set a time limit. If this does not return a connection, the socket is closed.
    """
    return await _secured(stream, identity, None)


async def dialled(stream: trio.SocketStream | Relayed, identity: Identity, peer: bytes) -> Muxed:
    """Our connection over this socket to the node ``peer``, and to no other. As ``accepted``."""
    return await _secured(stream, identity, peer)


async def _secured(
    stream: trio.SocketStream | Relayed, identity: Identity, peer: bytes | None
) -> Muxed:
    try:
        return await _upgraded(Socket(stream, peer is not None), identity, peer)
    except HoldfastError as error:
        await trio.aclose_forcefully(stream)
        raise Unreachable(f"no connection: {error.message}") from None
    except Exception as error:  # noqa: BLE001  a stranger's handshake may break libp2p anyhow
        await trio.aclose_forcefully(stream)
        _log.debug("handshake", kind=type(error).__name__)
        raise Unreachable("no connection: the handshake failed") from None
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise


async def _upgraded(raw: Socket, identity: Identity, peer: bytes | None) -> Muxed:
    if peer is None:
        await multistream.agree(raw, {NOISE})
        secure = await identity.noise.secure_inbound(raw)
    else:
        await multistream.choose(raw, NOISE)
        secure = await identity.noise.secure_outbound(raw, ID(peer))
        if secure.get_remote_peer().to_bytes() != peer:
            raise Unreachable("another node answers at that address")
    remote = secure.get_remote_peer().to_bytes()
    session = secure if identity.stock else Session(raw, ciphers(secure))
    if peer is None:
        await multistream.agree(session, {YAMUX})
    else:
        await multistream.choose(session, YAMUX)
    return (
        Muxer(raw, session, remote) if isinstance(session, Session) else Stock(raw, session, remote)
    )
