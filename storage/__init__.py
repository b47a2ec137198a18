"""Bytes at rest: contracts, and their implementations.

contracts.py    what every back end promises: START HERE
memory.py       the reference back end, for tests: dictionaries and a journal
"""
