"""Passing a drop on, so that its target's home does not learn where it comes from.

envelope.py  START HERE: sealed for each node of the way in turn, of one size everywhere
record.py    what a node says of itself as a courier, signed with its key
reply.py     what the last node says, which those on the way can neither read nor make up
"""
