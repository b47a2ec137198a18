"""How nodes talk: the same doors over libp2p and within a process. Only here is libp2p mentioned.

remote.py       a node that is elsewhere: its doors over one connection
streams.py      serving the doors over the streams of each connection
carrier.py      the seam: what a stream and a connection are to those two
memory.py       connections within one process, through the real codec
outbox.py       messages on their way into one stream
room.py         room for bytes, shared in order of asking
"""
