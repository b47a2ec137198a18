"""The calls below ``/v1/node/``: what whoever runs a node asks of it.

accounts.py     who lives here, what they use, their quotas
backups.py      backing the node up
checking.py     checking the node, and mending it
collecting.py   giving back now what nothing holds
draining.py     bringing the node to rest before it is stopped
findings.py     what a check tells, as JSON
figures.py      room, and what the node has done since it started
last_backup.py  when the node was last backed up, for status and doctor
invites.py      invites to this node
messages.py     what those who live here are told, and what they write
replicas.py     replicas kept here, and elsewhere
table.py        START HERE: the calls there are
"""
