"""What a check of a node tells: findings as JSON, and how far it is."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import trio

from frontends.api.reply import Json, Reply

if TYPE_CHECKING:  # the socket is answered before a node can be imported
    from node.build import Node
    from node.checking.findings import Finding, Findings
    from node.checking.verify import Report

LOOK: Final = 0.2
"""Seconds between two looks at how far it is."""

SHOWN: Final = 16
"""Digits of an id or a label that are shown."""

Names = dict[bytes, str]


async def names_of(node: "Node") -> Names:
    """The account names of ids."""
    return {each.id: each.name for each in await node.admin.accounts()}


def as_json(finding: "Finding", names: Names) -> Json:
    """One finding: what kind of thing, whose, where, and in words. Nothing of any content."""
    owner = finding.owner
    return {
        "what": finding.wrong.value,
        "account": None if owner is None else names.get(owner),
        "owner": _short(owner),
        "space": _short(None if finding.key is None else finding.key.space),
        "block": None if finding.cid is None else str(finding.cid),
        "label": _short(finding.label),
        "said": finding.said,
    }


def summed(report: "Report") -> dict[str, Json]:
    """What was looked at, and how many things of each kind are wrong."""
    return {
        "spaces": report.spaces,
        "blocks": report.blocks,
        "bytes": report.bytes,
        "wrong": counts(report.found),
        "total": report.found.total,
    }


def counts(found: "Findings") -> Json:
    """How many there are of each kind."""
    return {wrong.value: count for wrong, count in sorted(found.counts.items())}


@asynccontextmanager
async def telling(reply: Reply, look: Callable[[], Json]) -> AsyncIterator[None]:
    """Tell again and again how far it is, as ``look`` says."""

    async def tell() -> None:
        while True:
            reply.progress(look())
            await trio.sleep(LOOK)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(tell)
        yield
        nursery.cancel_scope.cancel()


def _short(id: bytes | None) -> str | None:
    return None if id is None else id.hex()[:SHOWN]
