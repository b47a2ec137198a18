"""What a stranger's node may read: records, trees, errors.

errors.py       the closed list of errors: wire number, exit code, HTTP status, hint
dag_cbor.py     canonical DAG-CBOR: the one encoding of a value, and a decoder that accepts no other
cid.py          CIDs and blocks: names of bytes, and bytes that carry their name
fields.py       strict reading of a record's fields, with types and ranges
limits.py       the ceilings that more than one format shares
names.py        what files, folders and accounts may be called
envelope.py     what every signed record has around it
identity.py     identity records and verified chains of them
own_word.py     what an identity says by its daily key, and anew with a higher number
whereabouts.py  homes, addresses and the sealing key of the day
farewell.py     an account at a node is over: its owner's word, and the node's receipt
replica.py      the owner's leave for a node to follow their account
space.py        space records: members and their rights
pointer.py      pointer records: which root a space is at, signed by a member
ancestry.py     the arithmetic of skips: how pointers reach back in few steps
sighting.py     what somebody saw of a space, handed on
fork.py         proof that a space has two histories
root.py         the root block: the two trees of a space
leaf.py         leaves and segment blocks
retired.py      the marker under a label that was taken back
links.py        what each block of a space names, checked for the part it plays
commit.py       new pointers, all taken together or not at all
varint.py       numbers, seven bits a byte
car.py          CAR files: blocks one after the other, as IPLD tools read them
archive.py      the head of an account in a file
sign_in.py      what a home keeps for signing in with a password
factors.py      second factors, as a home keeps them
read_proof.py   a reader proves to one home that it may read one label
statement.py    a key proven to one connection, or for one request
drop.py         leaving a sealed message: token or proof of work
handle.py       name~fingerprint
paper.py        the text shape that cards, invites and kits share
base58.py       the text form of peer ids
published.py    a person as strangers find them
profile.py      what somebody says about themselves to everybody
card.py         contact cards
kit.py          the text on a recovery kit
invite.py       invites
courier/        passing a drop on: envelopes, replies, what a node says of itself
tree/           the Merkle map of a space: labels to CIDs of leaves
"""
