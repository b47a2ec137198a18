"""Where a node's store is: what the settings say, what is in use, and going from one to the other.

settings.py   START HERE: the table [store] of the settings
place.py      which place is in use: HOME/node/store.json
opening.py    the store of a place, opened
site.py       one whose records are in PostgreSQL, which nodes may share
moving.py     bringing it to where the settings say
"""
