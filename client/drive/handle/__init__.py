"""One file, open: any range of it read and written, saved in one commit of what changed.

Start with handle.py. What a program uses:

handle.py      START HERE: an open file, for FUSE, WebDAV, sync, the web page, the command line
opening.py     open: for reading, for writing; make it, only if it is not there, empty it

How it works:

version.py     the version a handle stands on: segments fetched as they are needed
segments.py    opened segments in memory, for all handles of a drive
draft.py       what was written and is not saved: bookkeeping without I/O
session.py     where a draft's segments are staged, and read back from
working.py     a version, a draft on it, a session: the file as one handle sees it
ring.py        under which data key it is sealed
holes.py       runs of chunks that are not stored

Saving:

saving.py      from a draft to a new version: what is sealed anew, what stays
committing.py  the commit of a new version
place.py       where the file is now, for others may have moved it
beside.py      a draft as a file of its own
elsewhere.py   a draft of a file that is shared alone, kept in the own home
saved.py       which of these it is, and what becomes of a conflict
"""
