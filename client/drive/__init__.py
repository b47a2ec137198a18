"""Files and folders, sealed: what a space means to the person whose it is.

Start with drive.py; each verb is a function that takes a Drive. The formats:

header.py    the sealed heart of a file or folder
entry.py     what a folder says about each thing in it
page.py      a folder's entries, spread over a trie of pages
places.py    where names stand in that trie
ring.py      data keys by generation
padding.py   size classes: Padmé and buckets
content.py   how the content of a larger file is cut and sealed

What they make up:

node.py      opened header leaves; small files whole
folder.py    finding, listing and changing names, a page at a time
edit.py      changing a tree of folders within one operation
meeting.py   changes that meet, as one operation
file.py      files that are about to be: sealed outside of operations, noted by one
reader.py    reading files: ranges, streams, chunk by chunk
chunks.py    one chunk in a worker thread: sealed, or compared with what is stored
staging.py   buffers of chunks, and requests that stage several
writer.py    writing content: read, seal, hash, stage, several chunks at once
tasks.py     several tasks as one call, with one error

The verbs, and what they need:

drive.py     START HERE: a person's drive, and what others share
paths.py     paths as people write them
resolve.py   from a path to what is there
crossing.py  which drive a path is in: a shared folder may have a space of its own
mounted.py   files with a space of their own, as they are now
walk.py      every folder below one, every label below a node
damage.py    paths of which a home lost something
listing.py   ls, stat, du, find
change.py    mkdir, mv, rm
target.py    where things go: into a folder, or under a name
asof.py      a drive as it was: at a state, a time, a snapshot
versions.py  what a file was, and having it back
log.py       what changed, when, by which device
trash.py     rm moves here; listing it, restoring, emptying
clearing.py  clearing what was removed for good, also after a crash
conflict.py  what the later of two conflicting edits is called
copying.py   cp: by reference within a space, else sealed anew
sourcing.py  a drive as the origin of what is taken in
remote.py    a file of another space, read where it is
resealing.py  contents sealed anew, under keys that nobody ever had
types.py     what kind of content a file has: guessed from bytes and name
upload.py    put: local trees into the own home
pouring.py   put from a pipe
arriving.py  put from a pipe that breaks off and goes on
stored.py    what is stored of a file, compared with new content
download.py  get: trees onto the local disk
larger.py    larger files among them, chunk by chunk
packing.py   trees as one thing after the other, for an archive
thumbnails/  small pictures of images, made apart from everything that holds keys
handle/      one file, open: any range of it read and written
transfers/   what outlives its process: uploads and downloads that go on
intake/      taking a tree of things in: sealed in batches, committed in order
local.py     the local disk as an origin
disk.py      errors of the local disk, in words
landing.py   putting files down on the local disk, below one folder and nowhere else
events.py    what a long verb tells while it works
"""
