"""Nodes on the local network find each other without being configured (docs/spec/near.md).

rules.py       START HERE: the numbers, and why
datagrams.py   what is said and heard, as multicast DNS writes it; no I/O
group.py       the multicast group, on every interface of this machine
neighbours.py  who is there: what is believed of what was heard
running.py     a node that says it is there, and listens
"""
