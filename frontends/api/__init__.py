"""The owner's local API: HTTP and JSON lines over a Unix socket that only its owner can open.

account.py      signup, login, logout, passwd, whoami
archive.py      export, import: an account in a file
accounts.py     who is signed in here; switching, locking, coming back
answering.py    a call being answered, as long as its caller is there
asking.py       what a request asks for, within limits of size and time
away.py         answers that come from what is kept here say so
change.py       mkdir, mv, cp, rm
choosing.py     judging a password, making one by chance
credentials.py  who is at the other end of the socket
devices.py      your devices: listing, naming, revoking them
device.py       what this data folder's device is called
events.py       what changes, as it comes
factors.py      second factors, and the device secret
proving.py      calls that take the password, and perhaps a second factor
faults.py       whatever a handler raised, as one error of the closed list
feed/           feed, post, comment, react, notifications
files.py        put, get, cat
handed.py       an exported file that a browser hands in
health.py       what doctor and status ask of the person's side
homes.py        which node an account lives on
leaving.py      leave, receipts: the account at its home is deleted
moving.py       another node becomes the home
network.py      how a session reaches nodes
node/           what whoever runs a node asks of it
identity.py     identity keys: renewing them, and their history
notices.py      what whoever runs the home says, and writing to them
past.py         what was: versions, the log, snapshots, giving up old versions
finding.py      whois, publish, and handles where others take cards or names
people.py       card, follow, requests, accept, decline, contacts
personal.py     the calls that need a person; a headless node never loads them
presence.py     what goes on while somebody is signed in
incoming.py     what comes in with a request, piece by piece
qr.py           QR codes
profile.py      profile: show, set, share
ranges.py       write, append, truncate
reach.py        what doctor says of how others reach this node
reply.py        how a handler answers: JSON lines or bytes, as they come
keepers.py      shares of a kit that contacts keep: given, asked about, handed over
recovery.py     the recovery kit: making, checking, coming back
replicas.py     replicas, add, remove
restored.py     a home that went back to a backup
routes.py       what a call is
running.py      version, status, doctor
search.py       search
server.py       the Unix socket: one request a connection
circles.py      circle new, add, remove, list, delete
sharing.py      share, unshare, shared, access
settings.py     what a person can set
shapes.py       a request's JSON object as a dataclass, strictly
around.py       what a session is given here
state.py        the node, the session, the last errors
table.py        START HERE: the calls there are
telling.py      what the drive tells, as JSON
trash.py        the trash: listing, restoring, emptying
web.py          a link to the owner's page
watching.py     who watches what is new
transfers.py    what was begun and not finished
uploads.py      a file that is sent in order and goes on where it broke off
tree.py         ls, stat, du, find
"""
