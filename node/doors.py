"""The seven doors of one connection."""

from typing import Final

import trio

from node.caller import Caller
from node.core import Core
from node.services.accounts import Accounts
from node.services.blocks import Blocks
from node.services.courier import Courier
from node.services.directory import Directory
from node.services.inbox import Inbox
from node.services.pointers import Pointers
from node.services.replicas import Replicas
from protocols import services


class NodeDoors:
    """``protocols.services.Doors`` of this node for one caller."""

    def __init__(self, core: Core, caller: Caller) -> None:
        self.peer: Final = core.peer
        self.accounts: Final[services.Accounts] = Accounts(core, caller)
        self.blocks: Final[services.Blocks] = Blocks(core, caller)
        self.pointers: Final[services.Pointers] = Pointers(core, caller)
        self.inbox: Final[services.Inbox] = Inbox(core, caller)
        self.directory: Final[services.Directory] = Directory(core, caller)
        self.replicas: Final[services.Replicas] = Replicas(core, caller)
        self.courier: Final[services.Courier] = Courier(core, caller)
        self._caller: Final = caller
        self._lines: Final = core.courier.lines

    async def aclose(self) -> None:
        """Close the connection; what is under way ends with ``Unreachable``."""
        self._caller.close()
        await self._lines.let_go(self._caller)
        await trio.lowlevel.checkpoint()
