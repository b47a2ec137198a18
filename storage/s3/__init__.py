"""Packs in a bucket of any S3: where larger blocks are when a site outgrows its disk.

packs.py     S3Packs: claims the place, opens readers and the writer. START HERE
writing.py   a batch becomes an object
reading.py   blocks read in pieces, through the cache
cache.py     pieces kept on this disk
sweeping.py  removing what nothing needs
bucket.py    objects: put, read in ranges, listed, deleted; large ones in parts
client.py    signed requests, tried again while that may help
line.py      one connection, with limits
signing.py   AWS Signature Version 4
refusals.py  what a refusal means, in our words
settings.py  where the bucket is, and the keys
opening.py   all of it put together
"""
