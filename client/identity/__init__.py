"""Who I am: making an account, signing in, changing the password.

bundle.py       what the home keeps sealed for me: my keys
password.py     what a password gives: the sign-in key and the bundle's keys
strength.py     whether a new password will do, in one place for all of them
signup.py       make an identity and an account in one request
login.py        from a name and a password to a session
notices.py      what whoever runs my home tells me, and what I write to them
account.py      usage, a new password
announce.py    being found by strangers, or not
whereabouts.py  where I am, signed and published when it is time
"""
