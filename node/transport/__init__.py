"""How nodes talk: the same doors over libp2p and within a process. Only here is libp2p mentioned.

remote.py       a node that is elsewhere: its doors over one connection
streams.py      serving the doors over the streams of each connection
connection.py   what the streams of one connection share
line.py         one of its streams: requests and answers
shared.py       what all connections share: limits, room, turns
served.py       how busy one is, and whether it acts for somebody here
costs.py        what callers may cost: the numbers
carrier.py      the seam: what a stream and a connection are to those two
memory.py       connections within one process, through the real codec
outbox.py       messages on their way into one stream
turns.py        so many a second, and nobody waits behind a crowd
lobby.py        who is shaking hands, and who makes place for whom
room.py         room for bytes, shared in order of asking
tasks.py        tasks in the background of a block
host.py         the listener: limits, serves
accepting.py    who cannot be let in costs as little as can be
handlers.py     protocols besides the doors, by name
calling.py      a connection to a node under one of its addresses
dialer.py       reaching other nodes, from an identity of this run only
peers.py        other nodes, dialled under our own name and kept
muxed.py        one libp2p connection: from a socket to an authenticated peer and streams
noise.py        an encrypted connection, many messages at a time
muxer.py        one connection cut into streams, by our own yamux
ends.py         our ends of its streams
reading.py      how much of what arrives may be unread
unread.py       what many connections may have sent and nobody has taken
yamux/          that yamux: the rules, without I/O
stock.py        the same by libp2p's, to fall back to
multistream.py  agreeing on a protocol by name
sockets.py      a TCP socket as libp2p reads and writes one
tcp.py          TCP connections from ports that can be used once more
relayed.py      bytes that a relay passes on, in the place of a TCP connection
addresses.py    multiaddresses as text
"""
