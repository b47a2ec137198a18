"""Checking a whole node and mending it. The rules are functions over a view; they change nothing.

verify.py      START HERE: everything there is, gently, while the node serves
findings.py    what was found wrong, by account and space, a bounded list of it
pace.py        how fast it goes, how far it is, and stopping it
blocks.py      every stored block hashed again
space.py       one space: its records, and the three below
history.py     the pointer records, from the first to the one in force
references.py  counted references against the links there are, without a list of either
trees.py       every tree from its signed pointer, and which labels a lost block belongs to
repair.py      START HERE TOO: what is lost, from elsewhere; counts and sums, from what there is
aside.py       damaged bytes that were replaced, kept as files
lost.py        what is left, written down for those whose it is
people.py      accounts, identities, sums, sessions and inboxes
"""
