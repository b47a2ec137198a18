"""The calls below ``/v1/node/``: what whoever runs a node asks of it.

accounts.py     who lives here, what they use, their quotas
draining.py     bringing the node to rest before it is stopped
figures.py      room, and what the node has done since it started
invites.py      invites to this node
messages.py     what those who live here are told
table.py        START HERE: the calls there are
"""
