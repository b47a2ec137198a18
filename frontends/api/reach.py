"""What ``holdfast doctor`` says of how others reach this node, in words, and what to do."""

from typing import Final

from formats.base58 import base58
from frontends.checks import BAD, GOOD, WARNING, Check
from node.reach.reaching import Reaching, Standing

_NAME: Final = "reach"

_FORWARD: Final = "forward TCP port {port} of your router to this machine"


def check_reach(reach: Reaching) -> Check:
    """Whether others reach this node, by which way, and what makes it better."""
    if reach.standing is Standing.PUBLIC:
        said = f"others reach this node directly, at {', '.join(reach.reached)}"
        return Check(_NAME, GOOD, f"{said}{_opened(reach)}")
    if reach.reserving.addresses:
        return _by_relay(reach)
    if reach.standing is Standing.PRIVATE:
        return _not_at_all(reach)
    return _not_known(reach)


def _by_relay(reach: Reaching) -> Check:
    relays = ", ".join(base58(peer) for peer in reach.reserving.at)
    said = f"{_behind(reach)}others reach this node through {relays}, which cannot read what passes"
    return Check(
        _NAME,
        GOOD,
        said,
        f"that works; it is faster without: {_forward(reach)}",
    )


def _not_at_all(reach: Reaching) -> Check:
    refused = "; ".join(dict.fromkeys(reach.reserving.why.values()))
    said = f"{_behind(reach)}nobody outside your own network reaches this node"
    return Check(
        _NAME,
        BAD,
        f"{said}, and no relay has a place for it ({refused})" if refused else said,
        f"{_forward(reach)}, or name a public node as 'relays' below [network] in config.toml",
    )


def _not_known(reach: Reaching) -> Check:
    if not reach.helpers():
        return Check(
            _NAME,
            WARNING,
            "nodes on your own network reach this one; whether others do is not known,"
            " for it knows nobody who could try",
            "name a public node as 'bootstrap' below [network] in config.toml",
        )
    if reach.seen:
        return Check(
            _NAME,
            WARNING,
            "too few nodes that this one knows can say whether others reach it",
            "name a public node that you trust as 'bootstrap' below [network] in config.toml",
        )
    return Check(
        _NAME,
        WARNING,
        "none of the nodes that could try to reach this one answers",
        "see whether this machine is on the Internet; if it is, those nodes are down",
    )


def _behind(reach: Reaching) -> str:
    if reach.standing is not Standing.PRIVATE:
        return ""
    mapping = reach.gateway.mapping
    if mapping is None:
        return "a router or firewall lets nobody in; "
    return (
        f"your router opened TCP port {mapping.outside} ({mapping.by}), but something behind"
        " or before it lets nobody in: a firewall, or a second router; "
    )


def _opened(reach: Reaching) -> str:
    mapping = reach.gateway.mapping
    if mapping is None or mapping.address not in reach.reached:
        return ""
    return f": your router opened TCP port {mapping.outside} for it ({mapping.by})"


def _forward(reach: Reaching) -> str:
    return _FORWARD.format(port=reach.host.port)
