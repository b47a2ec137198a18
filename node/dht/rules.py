"""The numbers of the DHT. The simulation (``benchmarks/finding.py``) runs on the same.

Bytes, seconds, nodes. docs/spec/dht.md says what each is for; docs/network.md has
what they come to with 10,000 nodes.
"""

from typing import Final

from formats.published import MAX_PUBLISHED

PROTOCOL: Final = "/holdfast/kad/1.0.0"
"""What nodes of one network speak; other networks add their name."""

COPIES: Final = 20
"""Nodes that keep a value: those nearest to its key. Also the size of a bucket."""

WIDTH: Final = 6
"""Requests of one lookup under way at once."""

ANSWER_SECONDS: Final = 4.0
"""That one request may take."""

LATE_SECONDS: Final = 1.5
"""After which others are asked instead: a fresh connection takes five round trips."""

FIND_SECONDS: Final = 20.0
"""That a lookup may take."""

AGREEING: Final = 4
"""Different nodes that gave nothing newer, before the newest value is taken for it."""

MOST_ASKED: Final = 60
"""Nodes that one lookup asks at most."""

NAMED: Final = 20
"""Nodes that one answer may name; more are passed over."""

UNPROVEN: Final = 2
"""Nodes named by somebody that are asked at once, until one of them has answered."""

LIES: Final = 3
"""Nodes named by somebody that did not answer, after which no others that only they named are
asked; unless a third of those that were tried did."""

KEEP_SECONDS: Final = 24 * 3600
"""That a value is kept after it was last stored."""

PUBLISH_SECONDS: Final = 3600
"""After which its publisher looks again who is nearest, and stores it where it is not yet."""

STORE_AGAIN_SECONDS: Final = 6 * 3600
"""After which it is stored again at who took it."""

REFRESH_SECONDS: Final = 3600
"""After which a node looks around again, if nothing else made it."""

CACHE_SECONDS: Final = 600
"""That somebody who was found is not looked for again, unless the newest is wanted."""

KEPT_VALUES: Final = 4096
"""Values that a node keeps for others."""

KEPT_BYTES: Final = 64 * 2**20
"""Of all of them, unless the settings say otherwise."""

PUTS_A_MINUTE: Final = 120
"""That one node may store here."""

SUSPECTED: Final = 2
"""Requests in a row without an answer, after which a node makes place for others."""

LOST: Final = 32
"""Nodes that fell silent and are called now and then: the network may have been cut in two."""

LOST_SECONDS: Final = 300.0
"""After which some of them are called again."""

LOST_AT_ONCE: Final = 3

LOST_TRIES: Final = 24
"""Calls in vain after which one of them is forgotten: with all 32 lost, more than a day."""

SPARE: Final = 4
"""Nodes that wait for a place in a full bucket."""

MOST_OF_SITE: Final = 4
"""Nodes of one bucket from one public IPv4 /24 or IPv6 /48."""

MAX_MESSAGE: Final = MAX_PUBLISHED + 64 * 1024
"""Bytes of one request or answer."""
