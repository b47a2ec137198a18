"""How the node is: its room, and what it has done since it started."""

from collections import Counter

import trio

from frontends.api.reply import Json
from frontends.api.state import State


async def usage(state: State) -> Json:
    """Bytes of all accounts together, of the store on the disk, and what is free there."""
    node = await state.node.wait()
    residents = await node.admin.accounts()
    gate, limits = node.core.gate, node.config.limits
    return {
        "accounts": len(residents),
        "used": sum(each.used for each in residents),
        "reserved": sum(each.reserved for each in residents),
        "promised": sum(each.quota for each in residents),
        "messages": sum(each.messages for each in residents),
        "message_bytes": sum(each.message_bytes for each in residents),
        "on_disk": await trio.to_thread.run_sync(node.folder.size),
        "free": gate.free(),
        "min_free": limits.min_free,
        "storage": limits.storage,
        "short": gate.short(limits),
    }


async def stats(state: State) -> Json:
    """What the node has done since it started: answers by door, connections, jobs."""
    node = await state.node.wait()
    counts, gate = node.core.counts, node.core.gate
    answers: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for (door, method, outcome), number in counts.answers.items():
        answers[f"{door}.{method}".lower()] += number
        refused[outcome] += number
    return {
        "started": state.started,
        "doing": gate.doing.value,
        "writing": gate.writing,
        "connections": counts.connected,
        "arrived": counts.arrived,
        "turned_away": counts.turned_away,
        "cut_off": counts.cut_off,
        "slowed": counts.slowed,
        "received": counts.received,
        "sent": counts.sent,
        "answers": answers,
        "outcomes": refused,
        "jobs": counts.jobs,
        "failed_jobs": counts.failed_jobs,
    }
