"""What two machines agree to say: messages, limits, machines; no I/O.

services.py     START HERE: the doors of a node
accounts.py     prove a key, sign up, sign in, usage
factors.py      second factors, at the same door
blocks.py       stage blocks, read leaves with proof
pointers.py     resolve, commit, watch
inbox.py        leave, collect, delete sealed messages
directory.py    identity chains and whereabouts
replicas.py     another node follows an account
courier.py      pass a drop on to its home
shapes.py       limits that stand beside a field's type
wire.py         messages to and from the wire, strictly
operations.py   the table of what may be asked, and within which limits
frames.py       a stream of bytes cut into frames
exchange/       requests and replies over one stream: both machines
"""
