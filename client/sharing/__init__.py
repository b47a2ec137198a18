"""Sharing: granting, reading what others grant, taking back.

access.py     who has access to what: the owner's own record of it
share.py      share, unshare, and who shares what
gathered.py   what somebody shares through their circles too, as one folder
seen.py       who can see something of mine, in which ways, since when
theirs.py     what others share with me, as folders below their names
rotate.py     new node secrets for files and folders, metadata only
survey.py     every label below a node, and the grants further down
profile.py    what I say about myself, and to whom; what others say to me
profile_fields.py  the fields of a profile, and what each may hold
revoke.py     taking back at once: one commit, and rotations noted to follow
jobs.py       finishing rotations; writers wait for them
drive.py      a person's drive: own files, and what others share
circles/      one grant for many: named sets of contacts that share a key
leaving.py    everything somebody has from me ends
within.py     is something at or below this shared?
grants.py     what moving and removing mean for grants
"""
