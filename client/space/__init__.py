"""The engine under the drive: verified reading, replayed commits.

reading.py      the interfaces: Reading, Changing, Space
state.py        is a state of a space to be believed? pure rules
cache.py        verified blocks in memory
opened.py       what of them was opened lately
view.py         a verified view of one space, own or somebody else's
committer.py    an own space: operations run until they are committed
"""
