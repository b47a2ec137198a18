"""The courier door: this node's record, passing envelopes on, nodes that might do so too."""

from node.authorise import denied
from node.couriers.courier import BITS
from node.services.door import Door, answers
from node.services.inbox import Inbox
from protocols import courier as c
from protocols import inbox as i


class Courier(Door):
    """``protocols.services.Courier`` for one connection."""

    @answers
    async def show(self, request: c.Show) -> c.Shown:
        """This node's record: also one that passes nothing on has it, for its own inboxes."""
        core = self.core
        passes = self._passes and core.courier.lines.network is not None
        record = core.courier.keys.record(self.now(), BITS, core.config.work_bits, passes)
        return c.Shown(record)

    @answers
    async def carry(self, request: c.Carry) -> c.Carried:
        """Pass an envelope on, or take what it has for somebody here."""
        inbox = Inbox(self.core, self.caller)

        async def leave(drop: bytes, sealed: bytes) -> None:
            await inbox.leave(i.Leave(drop, sealed))

        reply = await self.core.courier.carry(request, self.caller, self.now(), self._passes, leave)
        return c.Carried(reply)

    @answers
    async def known(self, request: c.AskKnown) -> c.Known:
        """Some of the nodes that this one has met, for a person of this node."""
        if not (self.caller.in_process or self.caller.owners):
            raise denied()
        return c.Known(self.core.courier.some_met())

    @property
    def _passes(self) -> bool:
        return self.core.config.network.courier
