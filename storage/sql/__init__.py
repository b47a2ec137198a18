"""Records in tables: what both engines with SQL do alike, in statements that both understand.

statements.py  the few calls that an engine answers, and the SQL they may be asked: START HERE
view.py        View and Transaction, put together from blocks to inbox
blocks.py      reading blocks, staging sessions and references
holding.py     changing them, within one transaction
known.py       rows of blocks that a transaction has read and changed, written together
sums.py        sums that change with every block, written at the end
charges.py     which blocks count as which member's
spaces.py      spaces, their history and retained roots
people.py      accounts, identities, invites, replicas and settings
auditing.py    walking everything, and mending it
inbox.py       sealed messages and tokens
moves.py       moving the live blocks of a pack elsewhere
carrying.py    all tables, a page at a time, for going to another store
recount.py     every sum found anew from its rows
"""
