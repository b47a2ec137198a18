"""Other programs on the same wire: js-libp2p, installed by npm for the test.

test_js.py  it asks a door of ours, and answers us; left out where node or npm is not there
peer.mjs    the host in JavaScript
"""
