"""``holdfast node ...``: looking after a node, for whoever runs it.

accounts.py     accounts, quota: who lives on it, what they use and may
backups.py      backups, and new homes from them
checking.py     checking everything it holds, and mending it
collecting.py   gc: giving room back now
config.py       config check: whether its settings are in order
draining.py     drain: bringing it to rest before it is stopped
family.py       START HERE: the commands below ``holdfast node``
figures.py      usage, stats: its room, and what it has done
invites.py      invite new, list, revoke
messages.py     messages: what those who live there are told, and what they write
replicas.py     replicas list, allow, remove: second copies kept here, and elsewhere
storage.py      storage show, migrate: where its store is, and bringing it elsewhere
"""
