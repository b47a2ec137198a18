"""NATs of each kind, as nftables rules.

Linux keeps the port of what goes out (unless told otherwise) and lets in only
answers: port-restricted. The kinder ones note which ports went out, and to whom,
and let strangers in by that. What is not let in is dropped without an answer, as
home routers do.
"""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How a NAT maps and what it lets in."""

    FULL_CONE = "full cone"
    """A port that was used is open to everybody."""
    RESTRICTED = "restricted"
    """… to every address that was spoken to, from any port."""
    PORT_RESTRICTED = "port restricted"
    """… to the addresses and ports that were spoken to."""
    SYMMETRIC = "symmetric"
    """As port restricted, and there is another port for each destination."""


_RULES: Final = """
table ip nat {{
  map used {{ type inet_proto . inet_service : ipv4_addr; flags dynamic; timeout 10m; size 4096; }}
  set met {{ type inet_proto . inet_service . ipv4_addr; flags dynamic; timeout 10m; size 4096; }}
  chain noting {{
    type filter hook forward priority 0;
    iifname "lan" oifname "wan" meta l4proto {{ tcp, udp }} goto note
  }}
  chain note {{
    update @used {{ meta l4proto . th sport : ip saddr }}
    update @met {{ meta l4proto . th sport . ip daddr }}
  }}
  chain inward {{
    type nat hook prerouting priority dstnat;
    {inward}
  }}
  chain outward {{
    type nat hook postrouting priority srcnat;
    oifname "wan" masquerade {how}
  }}
}}
table inet filter {{
  chain here {{
    type filter hook input priority 0;
    iifname "wan" ct state established,related accept
    iifname "wan" meta l4proto {{ tcp, udp }} drop
  }}
  chain through {{
    type filter hook forward priority 0;
    iifname "wan" ct state established,related accept
    iifname "wan" ct status dnat accept
    iifname "wan" meta nfproto ipv4 drop
  }}
}}
"""

_OPEN: Final = "dnat to meta l4proto . th dport map @used"
_INWARD: Final = {
    Kind.FULL_CONE: f'iifname "wan" meta l4proto {{ tcp, udp }} {_OPEN}',
    Kind.RESTRICTED: f'iifname "wan" meta l4proto . th dport . ip saddr @met {_OPEN}',
    Kind.PORT_RESTRICTED: "",
    Kind.SYMMETRIC: "",
}


def rules(kind: Kind) -> str:
    """The rules of a router with the devices ``lan`` and ``wan``."""
    how = "fully-random" if kind is Kind.SYMMETRIC else ""
    return _RULES.format(inward=_INWARD[kind], how=how)
