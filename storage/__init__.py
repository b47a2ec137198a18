"""Bytes at rest: contracts, and their implementations.

contracts.py    what every back end promises: START HERE
memory.py       the reference back end, for tests: dictionaries and a journal
embedded/       the default back end: SQLite and pack files in one folder
"""
