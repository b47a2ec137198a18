"""Everything that holds keys: on the person's own machine only.

capability.py    the right to read one node and what is below it
keys.py          what follows from a node secret: labels, locks, header key
space/           verified reading and replayed commits of one space
"""
