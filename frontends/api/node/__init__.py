"""The calls below ``/v1/node/``: what whoever runs a node asks of it.

accounts.py     who lives here, and what they use
table.py        START HERE: the calls there are
"""
