"""How fast it is, measured: ``make bench``, or ``python -m benchmarks --help``.

__main__.py     options, rounds, the verdict
accounts.py     signing up and in
again.py        through a pipe, gone on with after it was cut off, again after little changed
anchors.py      what the machine can do without us
browsing.py     what the owner's page takes in a real browser; runs by itself
bulk.py         one large file
carrying.py     bytes between two processes, in four ways; runs by itself
catalogue.py    every job, and what is said of each figure
circles.py      what circles cost, by members and by what is shared; runs by itself
catching_up.py  the feed of 50 friends after a month away; runs by itself
gateway.py      what the owner's page gets through its gateway; runs by itself
giving.py       what sharing, writing and taking back cost at one's own node; runs by itself
child.py        one job in a process of its own
commands.py     the same through the command line
crowded.py      a folder of a hundred thousand names beside one of ten
counting.py     a network that counts requests and bytes
crowd.py        simulated nodes that run the rules of the DHT
drives.py       people's drives, at their own or a friend's node
engine.py       the store and a space by themselves
flood.py        the flood: ways to ask 10,000 times a second
flooded.py      what a flood of strangers costs those who live at a node; runs by itself
following.py    a replica that catches up, beside a plain copy; runs by itself
finding.py      finding people among 10,000 simulated nodes; runs by itself
friends.py      two people: following, sharing, reading, taking back
handles.py      one large file through an open handle
figures.py      what is kept of a stretch, and of several rounds of it
household.py    a household under load while its node is killed; runs by itself
idling.py       what being found costs a node that does nothing else; runs by itself
kept.py         what somebody must have at the end, when some changes may have happened
machine.py      what a run was made on, in one line
line.py         a long line on one machine
measuring.py    wall time, processor seconds, memory of a stretch
neighbour.py    a friend's node, in a process of its own
pipeline.py     the bare pipeline: what a put does and nothing else
place.py        nodes on a disk and people on them
pushing.py      until an open session sees a new message; runs by itself
questions.py    what a stranger may ask, about what is there and what is not
rclone.py       the same through `rclone crypt`, where it is installed
records.py      records in PostgreSQL beside the embedded store
report.py       the page docs/benchmarks.md
serving.py      a real headless daemon, which can be killed and started again
small.py        many small files, and single small changes
sources.py      what is put and got, and how it is compared
standing.py     what a headless node takes, idle and in a crowd; runs by itself
storage.py      the embedded store beside the bare disk; runs by itself
table.py        figures as tables
telling.py      what a stranger can tell by the time of an answer; runs by itself
transport.py    the doors over libp2p, between two processes; runs by itself
wires.py        those four ways
"""
