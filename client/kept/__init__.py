"""What was read before, kept on this machine's disk as it arrived: sealed.

slabs.py    files that blocks are appended to
index.py    which block is where: a small database
writer.py   one thread that writes behind, in batches, and lets go of the oldest
kept.py     blocks and sealed notes, found again; what does not hash right is not there
space.py    what is kept of one space: its blocks, and the state they belong to

Nothing here is needed: whatever is missing or damaged is read from the home again.
"""
