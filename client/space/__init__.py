"""The engine under the drive: verified reading, replayed commits.

reading.py      the interfaces: Reading, Changing, Space
state.py        is a state of a space to be believed? pure rules
cache.py        verified blocks in memory, and below that on disk
opened.py       what of them was opened lately
shared.py       a question that many ask at the same time, asked once
changes.py      which labels have other leaves now
view.py         a verified view of one space, own or somebody else's
tip_reading.py  reading it at one of its states
author.py       which device made a state, sealed
past.py         states that it was in: listed, verified, read, pinned
awaiting.py     waiting until a space has changed
away.py         reading what is kept here while the home cannot be reached
setting_back.py  what a home has that went back, and going on from there
upon.py         a reading on top of another one
overlay.py      what an operation noted, on top of what it reads
growing.py      trees after changes; lacking nodes come from the home
entrance.py     becoming a member of a space of one's own
draft.py        a new state: its trees built, its pointer signed
staging.py      blocks that go to the home before the commit that names them
committer.py    an own space: operations run until they are committed
joint.py        one commit of two spaces of one home
"""
