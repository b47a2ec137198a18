"""Getting an identity back without its home: the recovery kit.

words.py      the kit's secret code, the words it is written as, and all keys it gives
content.py    what the kit opens: a person's keys, and the key of succession
record.py     what is kept of the kit in one's own space, to renew it without the words
making.py     making a kit, and renewing what it opens when keys change
checking.py   that somebody has the words: three of them, or all
opening.py    what the words open, from any node that has the person's data
shares.py     the kit split among people, any so many of whom bring it together
restoring.py  START HERE after a loss: the steps of coming back
"""
