"""The daemon: wiring, the libp2p host, answering the doors, background jobs.

build.py      START HERE: puts a node together; the only place that chooses implementations
config.py     the settings of a node: HOME/config.toml and the environment
network.py    finding people and nodes: its table of settings
finding.py    what the directory door asks of the network
folder.py     the node's part of the data folder: its key, its port, its store
peer.py       the peer id of a key, without libp2p
clock.py      what time it is
logs.py       quiet, structured logging with nothing secret in it
core.py       what all doors of a node share
caller.py     one connection and what it has proven
proofs.py     keys that a connection shows
authorise.py  who may: what was proven, against what is in force
doors.py      the seven doors of one connection
admin.py      what the node's owner may do: invites, accounts, quotas
metrics.py    its figures as Prometheus reads them
profiles.py   what people who live here say to everybody
letters.py    what those who live there write to the node's owner
notices.py    what the node's owner tells those who live there
counts.py     what the node has done, in numbers
gate.py       whether anything new is taken: not when stopping, or with the disk nearly full
pace.py       how fast those who use the node may go
guesses.py    guessing passwords takes longer and longer
known.py      machines that an owner signed in from before
factors.py    the rules of second factors
limits.py     what those who use the node may cost it
values.py     how one setting is read
signals.py    who waits for what, without polling
records.py    records of the store, decoded once
history.py    how a state descends from earlier ones
commits.py    examining a commit, and carrying it out
ceilings.py   how much a member may add
trees.py      what a commit may change in the trees
signups.py    examining a sign-up, and carrying it out
settling.py   the same for an identity that there is already
successions.py  examining other identity keys, and putting them in force
departures.py  examining a farewell, and deleting the account
reading.py    reading leaves: who may see what, in an answer of bounded size
past.py       superseded states: listing, pinning, weighing, giving up
room.py       room in an account: the past yields first
sessions.py   how many uploads may be under way at once
sweeps.py     accounts whose old states cannot be followed
usage.py      what an account uses, as it is told
dht/          finding people without any server
near/         finding nodes on the local network
services/     the doors, one file each
checking/     checking all of it, and mending it
couriers/     passing drops on for others
storing/      where its store is, and bringing it elsewhere
backups/      backups of a node that serves, and new homes from them
following/    replicas: following accounts of other homes, and being followed
jobs/         background jobs and when they run
reach/        reaching homes behind NATs
transport/    the doors over libp2p, and reaching those of other nodes
"""
