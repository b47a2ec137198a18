"""The commands below ``holdfast node``. A further one is a line here and a function beside."""

from typing import Final

from frontends.cli.command import Command
from frontends.cli.node.accounts import ACCOUNTS, QUOTA, RESET_FACTORS
from frontends.cli.node.backups import BACKUP, RESTORE
from frontends.cli.node.checking import REPAIR, VERIFY
from frontends.cli.node.collecting import GC
from frontends.cli.node.config import CONFIG
from frontends.cli.node.draining import DRAIN
from frontends.cli.node.figures import STATS, USAGE
from frontends.cli.node.invites import INVITE
from frontends.cli.node.messages import MESSAGES
from frontends.cli.node.replicas import REPLICAS
from frontends.cli.node.storage import STORAGE

COMMANDS: Final = (
    Command(
        "node",
        "look after a node: accounts, invites, room, health",
        more="For whoever runs a node ('holdfast serve', or their own 'holdfast up'): these\n"
        "commands speak to it over its socket, as the same user, on the same machine.",
        below=(
            ACCOUNTS,
            INVITE,
            QUOTA,
            RESET_FACTORS,
            REPLICAS,
            USAGE,
            STATS,
            GC,
            MESSAGES,
            VERIFY,
            REPAIR,
            BACKUP,
            RESTORE,
            STORAGE,
            DRAIN,
            CONFIG,
        ),
    ),
)
