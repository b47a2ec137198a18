"""Backups of a node: taken while it serves, put back with one command.

folder.py     START HERE: what a backup folder looks like
taking.py     a further backup, sharing what did not change with the one before
last.py       which one was the last, and whether it was found whole
restoring.py  a new home from a backup
source.py     a backup as somewhere to mend lost blocks from
"""
