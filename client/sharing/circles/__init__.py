"""Circles: one grant and one key for many; members come and go.

places.py     where things that are shared stand now
keys.py       the folder of shares of a circle, and who is handed its key
settling.py   making true who is in which circle, within one operation
following.py  guests of spaces follow the circles that may write there
verbs.py      new, add, remove, delete, list
granting.py   giving and ending a circle's grant, within an operation
share.py      sharing with a circle, and taking it back
writing.py    sharing with a circle what has a space of its own, for writing or reading
telling.py    telling everybody in a circle, after the commit
"""
