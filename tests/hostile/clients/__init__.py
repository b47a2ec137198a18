"""Hostile clients of an honest home, one idea of theirs a file.

conftest.py       an honest home with Alice and Mallory, who trust it and not each other
test_foreign.py   what belongs to somebody else, asked for and acted on at every door
test_readers.py   readers who should not read: forged, foreign, expired and overheard proofs
test_writers.py   writers who should not write: forks, forgeries, other people's blocks
test_guests.py    guests of a shared folder who destroy, flood, overstay
test_requests.py  requests of any content, and honest ones with a byte changed
test_races.py     the same by many at once, against quota, garbage, sessions and single use
tiny.py           a million tiny blocks: what they cost, and whether all goes again
test_floods.py    very much of something small, and something very large or deep

More of it stands beside what it attacks: messages and circles in ``tests/hostile/people``, what
friends publish in ``tests/hostile/feed``, guessing passwords in ``tests/node/test_guesses.py``,
floods of connections in ``tests/node/transport``, replicas in ``tests/node/following``.
"""
