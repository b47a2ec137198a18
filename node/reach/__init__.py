"""Reaching a home behind a NAT: through a relay, through the router, through a hole in it.

On the wire these are libp2p's protocols. docs/network.md has a picture.

reaching.py     START HERE: how this node can be reached, found out and kept up to date
hop.py          circuit relay v2: its messages
relay.py        relaying for others, within limits
reserving.py    places at relays, kept
helpers.py      who may be asked to call us, and to relay for us
called.py       being called through a relay, and calling back
circuit.py      calling a node through a relay
punching.py     from a call through a relay to a direct one
autonat.py      asking others whether they can call us, and calling back
gateway.py      a port of the router's, kept open for calls
natpmp.py       asking the router to open it: NAT-PMP
upnp.py         asking it by UPnP, if it does not speak that
ssdp.py         finding the router's description
soap.py         calling an action of one of its services
elements.py     a router's XML, without what is dangerous in it
router_http.py  asking its web server, and nobody else's
mapping.py      a port that is mapped
identify.py     as whom others see us
voucher.py      a relay's signed word
telling.py      messages on a stream, and what follows them
protobuf.py     the little of Protocol Buffers that is needed
multiaddr.py    multiaddresses as bytes
"""
