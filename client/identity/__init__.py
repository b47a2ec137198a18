"""Who I am: making an account, signing in, changing what opens it.

bundle.py         what the home keeps sealed for me: my keys
password.py       what a password gives: the sign-in key and the bundle's keys
admitting.py      which keys of mine are members of a space
device_keys.py    the member keys of this machine
devices.py        which machines there are, and what they are called
device_notes.py   what is kept of each machine
device_secret.py  what my machines have besides the password
strength.py       whether a new password will do, in one place for all of them
signup.py         make an identity and an account in one request
settling.py       an account at another home for the identity one has
attempt.py        showing a home who one is: the password, and a second factor
login.py          from there to a session
remembered.py     what this machine remembers of where somebody signs in
notices.py        what whoever runs my home tells me, and what I write to them
entry.py          what this machine keeps of an account
returning.py      coming back from that, with the home or without
account.py        usage, retention, another password or device secret
succession.py     other keys for an identity: what is drawn, signed and sealed
rotation.py       putting them in force: all of it or nothing
history.py        every record of an identity, and why it is valid
factors.py        second factors: listing, adding, removing
announce.py       being found by strangers, or not
whereabouts.py    where I am, signed and published when it is time
"""
