"""The default back end: one SQLite database and pack files in one folder, nothing to install.

What its tables hold, and what is asked of them: ``storage/sql``.

store.py      EmbeddedStore: opens and closes it all. START HERE
writer.py     the one thread that writes: many works, one sync, all answered together
readers.py    the threads that read, each on a connection of its own
sql.py        one connection's statements, with their errors told in our words
schema.py     the tables, their version, upgrades and the backup before one
packs.py      pack files: appending to them, reading them
local.py      the folder they are in: opened, swept, copied from
reclaim.py    giving back the space of dead packs and dead pages
reserve.py    room kept free for deleting on a full disk
copying.py    a copy of a store in use, of one moment
copied.py     reading such a copy, and putting it back
snapshots.py  which readers may still see an old state
files.py      every call to the operating system about packs
faults.py     what a failed system call means to the caller
lock.py       one process at a time
"""
