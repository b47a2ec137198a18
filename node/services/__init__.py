"""The doors of a node: each file answers the messages of ``protocols/<same name>.py``.

door.py        what all doors have in common
accounts.py    prove a key, sign up, usage
signing_in.py  more of that door: the sign-in record's release, second factors
succeeding.py  more of it: other identity keys
departing.py   the rest of that door: an account is deleted
blocks.py      stage blocks, read leaves with proof
pointers.py    where a space is, and moving it
inbox.py       leave, collect, delete sealed messages
directory.py   identity chains and whereabouts
replicas.py    another node follows an account, or this one follows it
courier.py     pass a drop on to its home, or take it here
"""
