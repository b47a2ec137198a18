"""Who lives on this node, and what they use."""

from formats.handle import handle
from frontends.api.reply import Json
from frontends.api.state import State


async def accounts(state: State) -> Json:
    """Every account: name, handle, bytes used, reserved and allowed, and when it was made."""
    node = await state.node.wait()
    return {
        "accounts": [
            {
                "name": each.name,
                "handle": handle(each.name, each.id),
                "used": each.used,
                "reserved": each.reserved,
                "quota": each.quota,
                "created": each.created,
            }
            for each in await node.admin.accounts()
        ]
    }
