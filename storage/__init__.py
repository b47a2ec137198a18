"""Bytes at rest: contracts, and their implementations.

contracts.py     what every back end promises: START HERE
rows.py          the rows of a store, as plain values
packs.py         where the bytes of larger blocks are: what a store needs, the layout
auditing.py      what is walked and mended when a whole store is checked
moving.py        everything of one store into another, and whether it is alike
reachability.py  what a space refers to: counted links from its roots down
memory/          the reference back end, for tests: dictionaries and a journal
calls.py         a function handed to a thread, and its answer handed back to trio
sql/             records in tables: what both engines with SQL do alike
s3/              packs in a bucket, for sites that outgrow a disk
embedded/        the default back end: SQLite and pack files in one folder
postgres/        the back end of a site: records in PostgreSQL, for any number of nodes
"""
