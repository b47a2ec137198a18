"""The Merkle map of a space: 32-byte labels to CIDs of leaves, one shape for one content.

node.py      one node as bytes and as slots, and the strict reading of it
lookup.py    find labels, walk them in order, visit every node
update.py    apply a batch of changes in one pass
proof.py     the nodes that show what is, and what is not, under some labels
diff.py      what changed between two roots
merge.py     two changes of one base, put together label by label
"""
