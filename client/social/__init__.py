"""Friends: who they are, asking and being asked, telling them things.

messages.py    signed inside, sealed outside, one size
pinning.py     somebody's records, believed as far as they go on from the pinned
contacts.py    whom I know, by which name, pinned at which identity
circles.py     named sets of contacts, and who is in them
card.py        what I give to somebody so that they can follow me
strangers.py   people one has no card of, found in the network
requests.py    who asked to follow me
follow.py      asking, accepting, declining
parting.py     unfollow, remove a follower, block, unblock
outbox.py      messages noted with what they tell of, sent until they arrive
tokens.py      what contacts pay with, so that they do no work
delivering.py  one message on its way: by couriers, or straight
carrying.py    a way through couriers
verifying.py   who is this really: safety numbers, and whether they were compared
inbox.py       collecting: open, verify, act, commit, delete
sightings.py   what a message tells of a space
forks.py       what a contact saw, held against what its home shows here
events.py      what the inbox tells whoever watches
owners.py      whose spaces one may see, at which identity
store.py       small sealed files in the system folder
pieces.py      records too large for one of them
"""
