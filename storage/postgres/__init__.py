"""The back end of a site: records in PostgreSQL, packs wherever they are, any number of nodes.

What its tables hold, and what is asked of them: ``storage/sql``.

store.py         PostgresStore: opens and closes it all. START HERE
transactions.py  the transaction around a batch, and what came of one whose end was not heard
writer.py        the one thread of a process that writes: many works, one commit
readers.py       the threads that read, each on a connection of its own
listening.py     what other nodes changed, and which node keeps house
site.py          the locks by which nodes agree
pens.py          which node writes which pack
taking_up.py     packs, and whether they are where the other nodes have them
reclaim.py       giving back the space of packs
view.py          the transaction of the contract, which tells other nodes what it changed
sql.py           one connection's statements, with their errors told in our words
dialect.py       what PostgreSQL wants said in other words
values.py        how whole numbers go there
schema.py        the tables, their version and upgrades
address.py       where the database is, and its password apart
link.py          a connection that is made anew when it was lost
connecting.py    how a connection is set up
faults.py        what an error of the server means to the caller
"""
