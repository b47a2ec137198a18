"""What those who use a node may cost it: the table ``[limits]`` of its settings.

    [limits]
    min_free = "512 MiB"          # of the disk: below it nothing new is stored
    storage = "0"                 # bytes of all accounts together; 0: as much as there is
    transfer_a_day = "0"          # bytes sent to others in a day (UTC); 0: any
    connections = 512             # at once
    connections_of_address = 64   # from one IPv4 address or IPv6 /64
    requests = 400                # a second, of one address and of one account
    bytes_in_flight = "64 MiB"    # of requests, of one address and of one account
    bytes_in_flight_in_all = "512 MiB"  # an eighth of it of who has proven nothing
    answers_in_flight = "512 MiB" # large ones, in all; a quarter of it of who has proven nothing
    strangers_requests = 100      # a second, of one address that has proven nothing
    strangers_requests_in_all = 150  # of all of them, who take turns
    unread = "256 MiB"            # arrived and taken by nobody yet, of all connections together
    sign_ups_a_day = 10           # of one address, without an invite
    sign_ups_a_day_in_all = 100   # without an invite
    guesses = 5                   # wrong passwords before the next answers take longer

All of them can be changed while the node runs: SIGHUP reads the settings again.
This machine's own connections have no limits of address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from node.values import Reader, between, parse_size, size_between

MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one node. Bytes, and numbers of things; 0 where it says so: none."""

    min_free: int = 512 * MIB
    storage: int = 0
    transfer_a_day: int = 0
    connections: int = 512
    connections_of_address: int = 64
    requests: int = 400
    bytes_in_flight: int = 64 * MIB
    unread: int = 256 * MIB
    bytes_in_flight_in_all: int = 512 * MIB
    answers_in_flight: int = 512 * MIB
    strangers_requests: int = 100
    strangers_requests_in_all: int = 150
    sign_ups_a_day: int = 10
    sign_ups_a_day_in_all: int = 100
    guesses: int = 5


READERS: Final[Mapping[str, Reader]] = {
    "min_free": parse_size,
    "storage": parse_size,
    "transfer_a_day": parse_size,
    "connections": between(1, 4096),
    "connections_of_address": between(1, 4096),
    "requests": between(1, 100_000),
    "bytes_in_flight": parse_size,
    "unread": size_between(16 * MIB, 2**40),
    "bytes_in_flight_in_all": size_between(16 * MIB, 2**40),
    "answers_in_flight": size_between(16 * MIB, 2**40),
    "strangers_requests": between(1, 100_000),
    "strangers_requests_in_all": between(1, 100_000),
    "sign_ups_a_day": between(0, 100_000),
    "sign_ups_a_day_in_all": between(0, 1_000_000),
    "guesses": between(1, 1000),
}
"""How each limit is read."""
