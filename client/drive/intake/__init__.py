"""Taking a tree of things into the own home: sealed in batches, committed in order.

taking.py    START HERE: batches under way, one being committed while the next is sealed
items.py     folders, links and files on their way, and where each goes
origin.py    where they come from: a local disk, somebody's drive
batch.py     which of them are committed together
bases.py     what is there already where they go
sealing.py   small files, folders and links, made and sealed
noting.py    noting what is ready in one operation, and what became of each
"""
