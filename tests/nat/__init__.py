"""A laboratory of networks: NATs of every kind, cut lines and slow ones, made and thrown away.

Everything is in network namespaces that have no name: they live as long as this
process (or one started in them) does, so nothing can be left behind, however a
test ends. Needs root, ``nft``, ``ip`` and ``/dev/net/tun``; see ``lacking.py``.

spaces.py      network namespaces: made, entered, gone by themselves
segments.py    what machines are plugged into: bridges, addresses, cut lines
routers.py     NATs of each kind, as nftables rules
internet.py    START HERE: public machines, and machines behind NATs
rough.py       a line that delays and loses
inside.py      nodes of several machines in one process: sockets of another namespace
probes.py      what gets through, with plain sockets
opening.py     a NAT that opens ports by UPnP
nodes.py       a relay, a home and who calls it, on those machines
lan.py         a local network with no router, and real daemons on it
lacking.py     whether this machine can have such a laboratory
"""
