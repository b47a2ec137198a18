"""Sharing: granting, reading what others grant, taking back.

access.py     who has access to what: the owner's own record of it
share.py      share, unshare, and who shares what
theirs.py     what others share with me, as folders below their names
rotate.py     new node secrets for files and folders, metadata only
survey.py     every label below a node, and the grants further down
revoke.py     taking back at once: one commit, and rotations noted to follow
jobs.py       finishing rotations; writers wait for them
drive.py      a person's drive: own files, and what others share
within.py     is something at or below this shared?
grants.py     what moving and removing mean for grants
"""
