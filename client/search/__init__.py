"""Finding things by name, type, size and time, in one's own tree and in what others share.

matching.py     what is asked, what fits, and what fits best: pure rules
tree.py         one tree by pages, read once and then followed by what changed
sources.py      where a tree is read: a home, a share, the space of a shared folder
search.py       one's own tree and everybody's who shares something: asked and answered

The index is in memory only, and only in the process that holds the keys anyway. No
server learns that there is one: it sees the reads that a listing makes.
"""
