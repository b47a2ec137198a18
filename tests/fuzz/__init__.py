"""Hostile frames by the million: ``make fuzz``. A small sample runs with ``make test``.

campaign.py     START HERE: options, limits, the verdict
mutations.py    frames that are nearly right
doors.py        the doors of a real node, as a stranger and as somebody with an account
decoders.py     every decoder of formats, client and crypto
corpus.py       inputs of them that are kept, and looking for more
below.py        what is below the doors: the muxer and agreeing on protocols
test_sample.py  a few hundred frames for each
"""
