"""Replicas: this node follows accounts of other homes, and lets other nodes follow those here.

following.py   START HERE: whom this node follows, one task for each
follower.py    following one account: asking its home, taking what is new
connection.py  reaching the other node, as this node
bringing.py    bringing one space to where its home has it: believe, fetch, take
line.py        the pointer records in between, each believed for the hash that names it
handing.py     whoever hands over what is followed
pulling.py     blocks that are lacking, fetched and staged
leaving.py     giving up an account that is not followed any more
carried.py     a space that its owner brings by hand
grants.py      taking a grant, as the home or as the replica it names
standing.py    how a replica stands, as it is kept
serving.py     what a node that follows is handed, and who that is
challenge.py   showing, and being shown, that blocks are held
source.py      lost blocks from whoever has the same account, for repair
keeping.py     how replicas stand, for whoever runs this node, and keeping one no longer
"""
