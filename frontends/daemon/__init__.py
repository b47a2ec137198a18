"""The daemon: one trio process with a node and the owner's local API.

folder.py       the data folder made ready, and held by one daemon only
listener.py     the Unix socket, bound so that whoever sees it can use it
metrics.py      health and figures over HTTP on loopback, if there is a port for them
network.py      which port libp2p listens on
reach.py        how the node is reached, published when it changes
renewing.py     reading the settings again while the node runs
run.py          the order of starting and stopping
tuning.py       what the process is told once it has loaded everything
up.py           what `holdfast up` and `holdfast serve` tell the person who starts them
"""
