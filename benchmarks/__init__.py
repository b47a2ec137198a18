"""How fast it is, measured: each file says how to run it.

transport.py    the doors over libp2p, between two processes
"""
