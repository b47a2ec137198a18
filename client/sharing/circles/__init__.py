"""Circles: one grant and one key for many; members come and go.

places.py     where things that are shared stand now
keys.py       the folder of shares of a circle, and who is handed its key
settling.py   making true who is in which circle, within one operation
verbs.py      new, add, remove, delete, list
share.py      sharing with a circle, and taking it back
telling.py    telling everybody in a circle, after the commit
"""
