"""Requests and replies over one stream: both machines, without I/O.

    asker                                        answerer
      {i: 7, o: "stage", q: {…}, n: [sizes]}  --->
      body, body, …                           --->
                                              <---  {i: 7, r: {…}}  or  {i: 7, e: 29, m: "…"}

A machine is fed what arrives and asked for events until there is none:

    asker.feed(data)
    while (reply := asker.next_reply()) is not None: …

How the stream was cut into pieces makes no difference. What an event calls for
is told to the machine (``ask``, ``answer``, ``fail``), which gives the bytes to
write. Up to 64 requests are in flight, replies come in any order. Whatever the
protocol does not allow raises ProtocolViolation and leaves the machine BROKEN:
the stream is to be closed, and nothing after that is believed.

Everything is checked from the head, before a body is kept: id, operation,
message, number and sizes of bodies. A request that is well framed and yet no
message is answered with its error; only its own asker is to blame for it.

asker.py      the asking end
answerer.py   the answering end
machine.py    what both have in common: heads and their bodies, cut out of what is fed
heads.py      what precedes the bodies of a message
"""

from protocols.exchange.answerer import Answerer, Refused, Request
from protocols.exchange.asker import Asker, Reply
from protocols.exchange.machine import MAX_HEAD_ITEMS, MAX_IN_FLIGHT, Rows, State

__all__ = [
    "MAX_HEAD_ITEMS",
    "MAX_IN_FLIGHT",
    "Answerer",
    "Asker",
    "Refused",
    "Reply",
    "Request",
    "Rows",
    "State",
]
