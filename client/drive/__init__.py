"""Files and folders, sealed: what a space means to the person whose it is.

edit.py      changing a tree of folders within one operation
entry.py     what a folder says about each thing in it
folder.py    finding, listing and changing names, a page at a time
header.py    the sealed heart of a file or folder
node.py      opened header leaves; small files whole
padding.py   size classes: Padmé and buckets
page.py      a folder's entries, spread over a trie of pages
ring.py      data keys by generation
"""
