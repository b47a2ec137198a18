"""Background jobs: each does one bounded pass at a time.

scheduler.py  which jobs there are, and when they run
retention.py  let go of superseded states, and give back what only they held
thinning.py   which of them are kept: the rule
expiry.py     forget staging sessions, tokens, invites and farewells whose time is over
guessing.py   write down which accounts are guessed at
garbage.py    take away blocks that nothing holds
"""
