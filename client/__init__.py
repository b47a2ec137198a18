"""Everything that holds keys: on the person's own machine only.

asking.py        one question to a home that is not greeted for it
answers.py       what a home handed over, read
capability.py    the right to read one node and what is below it
couriers.py      nodes that may pass a message on, and in which order they are tried
dealt.py         messages that their home may delete
device.py        what this machine is called
provers.py       keys that this side may show to a home
home.py          a line to one home, proven again after every reconnect
own_line.py      the same to one's own home, which says so when the keys were renewed elsewhere
keys.py          what follows from a node secret: labels, locks, header key
marks.py         the newest state of each space ever verified, sealed on this machine
search/          finding things by name, type, size and time
private_file.py  a small file of this machine, for its owner alone
mending.py       handing in what the home lost and this machine kept
replicas.py      nodes that keep a second copy, by one's leave
session.py       what a signed-in person holds
drive/           files and folders, sealed
space/           verified reading and replayed commits of one space
words/           secrets as words: passphrases, and bytes to be written down
kept/            what was read before, kept sealed on this machine
archive/         an account in a file, and out of it
moving/          another node becomes the home
recovery/        the recovery kit: getting an identity back without its home
identity/        making an account, signing in, the password
social/          contacts, follow requests, messages
sharing/         giving somebody the right to read, and taking it back
feed/            posts, comments and reactions among friends
"""
