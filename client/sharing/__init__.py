"""Sharing: granting, reading and changing what others grant, taking back.

access.py     who has access to what: the owner's own record of it
guests.py     folders with a space of their own, and who may write there
place.py      where something of mine is, and in which space
granting.py   giving and ending one grant
share.py      share, unshare, and who shares what
both.py       two spaces within one operation: the records, and the members
inside.py     sharing for writing, and what is in a folder that is
permit.py     what a guest is given
granted.py    in such a space: what of it somebody was given by itself
inner.py      in such a space: what moving and removing mean for them
own_spaces.py   all of mine, signed anew when identity keys were renewed
apart.py      the spaces besides the root space that a person writes to
moving.py     a folder gets a space of its own
renewing.py   new secrets for all of such a space
gathered.py   what somebody shares through their circles too, as one folder
seen.py       who can see something of mine, in which ways, since when
whose.py      who made a state
theirs.py     what others share with me, as folders below their names
rotate.py     new node secrets for files and folders, metadata only
survey.py     every label below a node, and the grants further down
profile.py    what I say about myself, and to whom; what others say to me
profile_files.py   their files
public.py      fields that are public: a signed record at my home
profile_fields.py  the fields of a profile, and what each may hold
revoke.py     taking back at once: one commit, and rotations noted to follow
noted.py      what is noted of a space besides: one commit of both does it
steps.py      rotations of one space, step by step
jobs.py       finishing what was begun; writers wait for it
anew.py       the root space under a new secret: what a revoked machine knows opens nothing
underway.py   how far that is, which goes on for a while
rekeying.py   the spaces besides, which follow, and other keys for guests
lost.py       a contact lost a machine: what they have is given anew
drive.py      a person's drive: own files, and what others share
circles/      one grant for many: named sets of contacts that share a key
leaving.py    everything somebody has from me ends
mounts.py     shared folders are not removed with what is above them
within.py     is something at or below this shared?
grants.py     what moving and removing mean for grants
"""
