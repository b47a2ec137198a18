"""What somebody in between can tell: two worlds that differ in a secret, and a guesser.

distinguish.py       START HERE: guessers learn from half of the runs and are judged by the rest
guessers.py          five kinds of them
claims.py            who cannot tell which of two secrets it was, and who can
all_claims.py        all of them
campaign.py          all of them over many worlds: ``make privacy``
watching.py          worlds whose nodes are watched: what they hear, keep and log
heard.py             one call, as bytes of the wire
symbols.py           what remains of bytes for who cannot open them
changes.py           which leaves change together
home.py              claims about one's own home, and a thief of its disk
people.py            claims about friends, circles, readers and writers
machine.py           claims about who steals the disk of a person's own machine
stranger.py          claims about who asks a node without any right
drops.py             messages that go by couriers: who wrote them, and to whom: ``make drops``
letters.py           what each node notices of them
test_claims.py       each claim in a small sample
test_drops.py        a small sample of them
test_distinguish.py  guessers find what is planted, and nothing where there is nothing
"""
