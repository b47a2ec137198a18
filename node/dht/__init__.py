"""Finding people without any server: a private Kademlia DHT between the nodes.

rules.py       START HERE: the numbers, and why
contact.py     a node of the DHT: its peer id, its addresses, its place
table.py       whom this node knows, in buckets
lost.py        nodes that fell silent, called now and then
lookup.py      asking nearer and nearer nodes, without I/O
keeping.py     what this node keeps for others, within bounds
answering.py   what it answers, without I/O
messages.py    requests and answers as libp2p's Kademlia writes them
trust.py       which addresses are believed
membership.py  who has the network's key
asking.py      requests over connections that are kept
sightings.py   what was found lately, and which of several values is the newest
staying.py     joining, looking around, meeting again after a cut
service.py     one node: finding, storing, answering
publishing.py  the people who live here: on change, on schedule, and how many store them
running.py     a node that takes part
"""
