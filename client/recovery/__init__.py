"""Getting an identity back without its home: the recovery kit.

words.py      the kit's secret code, the words it is written as, and all keys it gives
content.py    what the kit opens: a person's keys, and the key of succession
record.py     what is kept of the kit in one's own space, to renew it without the words
making.py     making a kit, and renewing what it opens when keys change
checking.py   that somebody has the words: three of them, or all
opening.py    what the words open, from any node that has the person's data
shares.py     the kit split among people, any so many of whom bring it together
notes.py      what is said between who gives a share to a contact, and who keeps it
vouching.py   that what is noted of a kit is its owner's word
given.py      who keeps one: what is kept of that in one's own space
giving.py     a kit for friends: given, asked about, ended
keeping.py    what one keeps for others: taken, shown, handed over, dropped
restoring.py  START HERE after a loss: the steps of coming back
"""
