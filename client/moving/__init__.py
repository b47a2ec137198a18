"""Moving house: another node becomes the home, with the old one's help or without; and leaving.

house.py      START HERE: the steps of a move, each of which may be repeated
copying.py    having a node copy all of one's spaces from another one
opening.py    the password, once more, and the bundle sealed for the new home
missing.py    what a replica lacks when it has to become the home by itself
leaving.py    the account at a home is deleted, by its owner
receipts.py   what homes signed that were left
former.py     homes one moved away from: what waits there still, what they are told
rehoming.py   going on at the home that the newest whereabouts name
"""
