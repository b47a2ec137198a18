"""What people do with Holdfast, told once and run in a world and with real processes.

behind_nats.py the stage of real processes, each person behind a NAT
by_handle.py   somebody is found by their handle alone, through relays alone
callers.py     which daemon is at the other end of a connection
canaries.py    random words that must not appear where they could be read
drill.py       a laptop burns; words and one replica bring 100,000 files back: ``make drill``
in_world.py    the stage of one process
killed_at.py   a daemon that kills itself in the middle of a transfer
killed_in.py   a daemon that kills itself at a counted call of a node
main_job.py    the main story with real processes, and the search: ``make story``
processes.py   commands run to their end, daemons heard and killed
proxy.py       between two nodes: writes down every byte that passes
readme.py      the README's commands, typed as they stand there
real.py        the stage of real processes, sockets and disks
search.py      many words looked for in gigabytes
stage.py       what a story needs of a stage: people, and what befalls them
story.py       the main story, chapter by chapter
trees.py       local folders to put, and to compare with what comes back
"""
