"""Passing drops on for others: the courier door's other half.

courier.py  START HERE: one envelope: open it, do what its head says, answer
keys.py     the keys that envelopes are sealed to, and the record that names them
lines.py    connections to next nodes, each for one caller
flow.py     how many envelopes, from whom and for whom; none twice
"""
