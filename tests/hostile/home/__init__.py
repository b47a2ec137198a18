"""A home that lies: every lie in a table, times every operation of every door.

saying.py          what a home is about to say, and how other words for it reach an honest client
lies.py            START HERE: the table of lies that can be told about any answer
pointed.py         lies that are about one answer: an older pointer, another's keys, weak passwords
stories.py         for every operation, what somebody does who asks it, and what is the truth
follower.py        the same for what a node asks that keeps a replica
places.py          a world with a home that will lie, and people who know its truth
test_table.py      nothing is forgotten: every operation has a story, every lie was told
test_lies.py       every lie times every operation
test_carried.py    lies of the carrier: cut off at every byte, dripping, endless, silent
test_pointed.py    the pointed ones, with the words in which a person is told
test_published.py  attacks that were published on others, by the names that they have there
"""
