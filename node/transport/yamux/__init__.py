"""Our own yamux (``/yamux/1.0.0``): many streams in one connection. No I/O, like ``protocols``.

machine.py   START HERE: one end of a connection, fed bytes, giving events and bytes
leaving.py   what leaves, in turns
events.py    what the peer may have, and what it does
stream.py    what one end knows of one stream
frames.py    the twelve bytes before everything
"""
