"""The daemon: wiring, the libp2p host, answering the doors, background jobs."""
