"""An account in a file: written out of a home, and brought to another node.

exporting.py   START HERE: all of an account from its home into a file
importing.py   out of a file to a node, which becomes the home
inside.py      what is in a file, in order: each piece is wanted, or refused
walk.py        the blocks of one state, from its root down
manifest.py    the records at the beginning
frames.py      sealed pieces in a CAR file, written and read
part.py        a file that is being written: gone on with after anything
handing.py     what a home hands to the owner
bringing.py    what a node takes from the owner
older.py       whether the file may be gone on from: its home, newer keys, newer words
"""
