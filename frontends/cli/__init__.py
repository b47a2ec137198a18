"""The command line: parses, asks the daemon, prints; holds no key and imports next to nothing.

account.py      signup, login, logout, passwd, whoami
archive.py      export, import: an account in a file
accounts.py     accounts, lock: several in one daemon, and locking them
call.py         one request to the daemon: HTTP over the Unix socket, answers line by line
change.py       mkdir, mv, cp, rm
circles.py      circle: named sets of contacts
command.py      what a command is, and the parser made of all of them
comments.py     comment, react
completion.py   completion: what a shell needs to complete these commands
context.py      what a running command has at hand
families.py     START HERE: which commands there are, and which file has them
feed.py         feed, notifications
device_secret.py  device-secret: what one's machines have besides the password
factors.py      factors: what signing in takes besides the password
proving.py      calls that take the password, and show a second factor
devices.py      devices: listing, naming, revoking them
identity.py     identity: renewing keys, and their history
fields.py       reading what the daemon answered
files.py        put, get, cat, thumbnail
main.py         run one command: errors, exit codes, interrupts
node/           node: looking after a node
notices.py      notices: what whoever runs the home says, and writing to them
output.py       plain lines or JSON lines, flushed one by one
passphrase.py   passphrase: one made by chance
passwords.py    asking for a password
past.py         what was: versions, restore, log, snapshot, forget
finding.py      whois, publish
people.py       card, follow, requests, accept, decline, contacts
pipe.py         standard input on its way to the daemon
progress.py     the moving line while something is under way
paper.py        the page that a recovery kit is printed on
recovery.py     recovery: making and checking a kit
keepers.py      recovery: shares that contacts keep
recovering.py   recovery: trying a kit, and coming back by it
replicas.py     replicas: nodes that keep a second copy
leaving.py      leave: delete your account at its home
moving.py       move: another node becomes your home
restored.py     restored: a home that went back to a backup
posts.py        post
profile.py      profile: what you say about yourself, and to whom
ranges.py       write, append, truncate
proofs.py       proofs that a home showed two histories: saved, checked
running.py      up, serve, status, doctor, invite, version
search.py       search
settings.py     what a person can set
sharing.py      share, unshare, shared, access
sizes.py        sizes as people write them
terminal.py     what a terminal can show: widths, escapes, sizes, times
times.py        times as people write them
trash.py        the trash: listing it, restoring, emptying
transfers.py    what was cut off: listing it, letting go of it
web.py          web: a link to the page
verify.py       verify: who is this really
tree.py         ls, stat, du, find
"""
