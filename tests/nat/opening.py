"""A NAT that opens ports when it is asked by UPnP, as home routers do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.nat.inside import inside
from tests.nat.internet import Nat
from tests.node.reach.igd import Igd, serving

_FRESH = "add table ip opened\ndelete table ip opened\ntable ip opened {{\n{chain}}}\n"
_CHAIN = " chain inward {{\n  type nat hook prerouting priority dstnat;\n{rules}}}\n"


@asynccontextmanager
async def opening(nat: Nat) -> AsyncIterator[Igd]:
    """Have the NAT do it for those behind it, until the block is left."""
    igd = Igd(outer=nat.line.four)

    def follow() -> None:
        rules = "".join(
            f'  iifname "wan" tcp dport {outside} dnat to {who}:{port}\n'
            for outside, (who, port, _) in igd.mapped.items()
        )
        nat.space.nft(_FRESH.format(chain=_CHAIN.format(rules=rules)))

    igd.changed = follow
    assert nat.inner.four is not None
    with inside(nat.space):
        async with serving(igd, str(nat.inner.four[1])):
            yield igd
