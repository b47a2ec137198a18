"""The calls below ``/v1/node/``. A further one is a line here and a function beside."""

from typing import Final

from frontends.api.node import (
    accounts,
    backups,
    checking,
    collecting,
    draining,
    figures,
    invites,
    messages,
    replicas,
)
from frontends.api.routes import Nothing, call, look

NODE: Final = (
    look("node/accounts", accounts.accounts),
    look("node/invites", invites.invites),
    call("node/invite", invites.Inviting, invites.invite),
    call("node/revoke", invites.Which, invites.revoke),
    call("node/quota", accounts.Named, accounts.quota),
    call("node/set-quota", accounts.Limiting, accounts.set_quota),
    call("node/reset-factors", accounts.Named, accounts.reset_factors),
    look("node/usage", figures.usage),
    look("node/stats", figures.stats),
    look("node/messages", messages.messages),
    call("node/send", messages.Telling, messages.send),
    call("node/unsend", messages.Numbered, messages.remove),
    look("node/inbox", messages.inbox),
    call("node/inbox/remove", messages.Read, messages.read),
    call("node/verify", checking.Verifying, checking.verify),
    call("node/repair", checking.Repairing, checking.repair),
    call("node/backup", backups.BackingUp, backups.backup),
    look("node/replicas", replicas.replicas),
    call("node/replicas/allow", replicas.Allowing, replicas.allow),
    call("node/replicas/remove", replicas.Whose, replicas.remove),
    call("node/gc", Nothing, collecting.gc),
    call("node/drain", draining.Draining, draining.drain),
)
"""Answered by every daemon, with people or without."""
