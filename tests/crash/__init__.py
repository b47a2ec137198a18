"""Crash campaigns: everything a disk can do to the store, and that nothing is lost by it.

sqlite.py      SQLite's own file calls, seen and failed on order; no compiler needed
disk.py        a log of all file calls, and what a power cut may leave of it
power.py       ``make crash``: power cuts at every call, reopened and checked
faults.py      ``make faults``: each call of core operations fails, in each way
rot.py         ``make rot``: every stored block damaged in turn, read through a real client
"""
