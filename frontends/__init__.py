"""How people reach their files and friends.

api/              the owner's local API, served on a Unix socket by the daemon
browser.py        opening the owner's page in a browser
checks.py         what doctor can check without a daemon
cli/              the command line
daemon/           the process that runs all the time
place.py          where things are in a data folder
ports.py          which port is listened on
security_keys.py  having a security key added or shown
telling.py        an error as JSON, and back
version.py        which program this is
web/              the owner's page, on loopback
"""
