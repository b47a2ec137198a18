"""Files and folders, sealed: what a space means to the person whose it is.

content.py   how the content of a larger file is cut and sealed
edit.py      changing a tree of folders within one operation
entry.py     what a folder says about each thing in it
file.py      files that are about to be: sealed outside of operations, noted by one
folder.py    finding, listing and changing names, a page at a time
header.py    the sealed heart of a file or folder
node.py      opened header leaves; small files whole
padding.py   size classes: Padmé and buckets
page.py      a folder's entries, spread over a trie of pages
reader.py    reading files: ranges, streams
ring.py      data keys by generation
tasks.py     several tasks as one call, with one error
writer.py    writing content: read, seal, hash, stage, several chunks at once
"""
