"""The background jobs of a node, run now instead of when their time has come."""

import trio

from frontends.api.reply import Json, Reply
from frontends.api.state import State


async def gc(state: State, _asked: object, reply: Reply) -> Json:
    """Let go of what is over and take away what nothing holds, at once and as gently as ever."""
    node = await state.node.wait()
    from node.jobs.scheduler import JOBS, run_once

    before = await trio.to_thread.run_sync(node.folder.size)
    did: dict[str, Json] = {}
    turn = trio.Lock()
    for job in JOBS:
        reply.progress({"job": job.name})
        did[job.name] = await run_once(node.core, job, turn)
    after = await trio.to_thread.run_sync(node.folder.size)
    return {"did": did, "on_disk_before": before, "on_disk": after}
