"""Which commands there are and which file has them; only the file that is needed is imported.

A start of the command line costs what it imports, so a table of names stands here;
a test keeps it equal to the files.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from frontends.cli.command import Command, Family


class Part(NamedTuple):
    """Commands of one file, and the heading they stand under in the overview."""

    title: str
    names: tuple[str, ...]
    load: Callable[[], tuple[Command, ...]]


def _running() -> tuple[Command, ...]:
    from frontends.cli.running import COMMANDS

    return COMMANDS


def _web() -> tuple[Command, ...]:
    from frontends.cli.web import COMMANDS

    return COMMANDS


def _node() -> tuple[Command, ...]:
    from frontends.cli.node.family import COMMANDS

    return COMMANDS


def _completion() -> tuple[Command, ...]:
    from frontends.cli.completion import COMMANDS

    return COMMANDS


def _account() -> tuple[Command, ...]:
    from frontends.cli.account import COMMANDS

    return COMMANDS


def _passphrase() -> tuple[Command, ...]:
    from frontends.cli.passphrase import COMMANDS

    return COMMANDS


def _factors() -> tuple[Command, ...]:
    from frontends.cli.factors import COMMANDS

    return COMMANDS


def _identity() -> tuple[Command, ...]:
    from frontends.cli.identity import COMMANDS

    return COMMANDS


def _devices() -> tuple[Command, ...]:
    from frontends.cli.devices import COMMANDS

    return COMMANDS


def _accounts() -> tuple[Command, ...]:
    from frontends.cli.accounts import COMMANDS

    return COMMANDS


def _device_secret() -> tuple[Command, ...]:
    from frontends.cli.device_secret import COMMANDS

    return COMMANDS


def _replicas() -> tuple[Command, ...]:
    from frontends.cli.replicas import COMMANDS

    return COMMANDS


def _recovery() -> tuple[Command, ...]:
    from frontends.cli.recovery import COMMANDS

    return COMMANDS


def _moving() -> tuple[Command, ...]:
    from frontends.cli.moving import COMMANDS

    return COMMANDS


def _leaving() -> tuple[Command, ...]:
    from frontends.cli.leaving import COMMANDS

    return COMMANDS


def _archive() -> tuple[Command, ...]:
    from frontends.cli.archive import COMMANDS

    return COMMANDS


def _restored() -> tuple[Command, ...]:
    from frontends.cli.restored import COMMANDS

    return COMMANDS


def _notices() -> tuple[Command, ...]:
    from frontends.cli.notices import COMMANDS

    return COMMANDS


def _files() -> tuple[Command, ...]:
    from frontends.cli.files import COMMANDS

    return COMMANDS


def _tree() -> tuple[Command, ...]:
    from frontends.cli.tree import COMMANDS

    return COMMANDS


def _search() -> tuple[Command, ...]:
    from frontends.cli.search import COMMANDS

    return COMMANDS


def _change() -> tuple[Command, ...]:
    from frontends.cli.change import COMMANDS

    return COMMANDS


def _trash() -> tuple[Command, ...]:
    from frontends.cli.trash import COMMANDS

    return COMMANDS


def _transfers() -> tuple[Command, ...]:
    from frontends.cli.transfers import COMMANDS

    return COMMANDS


def _past() -> tuple[Command, ...]:
    from frontends.cli.past import COMMANDS

    return COMMANDS


def _ranges() -> tuple[Command, ...]:
    from frontends.cli.ranges import COMMANDS

    return COMMANDS


def _settings() -> tuple[Command, ...]:
    from frontends.cli.settings import COMMANDS

    return COMMANDS


def _people() -> tuple[Command, ...]:
    from frontends.cli.people import COMMANDS

    return COMMANDS


def _verify() -> tuple[Command, ...]:
    from frontends.cli.verify import COMMANDS

    return COMMANDS


def _profile() -> tuple[Command, ...]:
    from frontends.cli.profile import COMMANDS

    return COMMANDS


def _circles() -> tuple[Command, ...]:
    from frontends.cli.circles import COMMANDS

    return COMMANDS


def _finding() -> tuple[Command, ...]:
    from frontends.cli.finding import COMMANDS

    return COMMANDS


def _sharing() -> tuple[Command, ...]:
    from frontends.cli.sharing import COMMANDS

    return COMMANDS


def _feed() -> tuple[Command, ...]:
    from frontends.cli.feed import COMMANDS

    return COMMANDS


def _posts() -> tuple[Command, ...]:
    from frontends.cli.posts import COMMANDS

    return COMMANDS


def _comments() -> tuple[Command, ...]:
    from frontends.cli.comments import COMMANDS

    return COMMANDS


NODE: Final = "a node"
ACCOUNT: Final = "your account"
FILES: Final = "your files"
PEOPLE: Final = "your people"

_WHO: Final = (
    *("card", "follow", "requests", "accept", "decline"),
    *("unfollow", "remove-follower", "block", "unblock", "contacts"),
)

PARTS: Final = (
    Part(NODE, ("up", "serve", "status", "doctor", "invite", "version"), _running),
    Part(NODE, ("web",), _web),
    Part(NODE, ("node",), _node),
    Part(NODE, ("completion",), _completion),
    Part(ACCOUNT, ("signup", "login", "logout", "passwd", "whoami"), _account),
    Part(ACCOUNT, ("accounts", "lock"), _accounts),
    Part(ACCOUNT, ("identity",), _identity),
    Part(ACCOUNT, ("devices",), _devices),
    Part(ACCOUNT, ("passphrase",), _passphrase),
    Part(ACCOUNT, ("factors",), _factors),
    Part(ACCOUNT, ("device-secret",), _device_secret),
    Part(ACCOUNT, ("settings",), _settings),
    Part(ACCOUNT, ("notices",), _notices),
    Part(ACCOUNT, ("replicas",), _replicas),
    Part(ACCOUNT, ("move",), _moving),
    Part(ACCOUNT, ("recovery",), _recovery),
    Part(ACCOUNT, ("export", "import"), _archive),
    Part(ACCOUNT, ("leave",), _leaving),
    Part(ACCOUNT, ("restored",), _restored),
    Part(FILES, ("put", "get", "cat", "thumbnail"), _files),
    Part(FILES, ("transfers",), _transfers),
    Part(FILES, ("write", "append", "truncate"), _ranges),
    Part(FILES, ("ls", "stat", "du", "find"), _tree),
    Part(FILES, ("search",), _search),
    Part(FILES, ("mkdir", "mv", "cp", "reseal", "rm"), _change),
    Part(FILES, ("trash",), _trash),
    Part(FILES, ("versions", "restore", "log", "snapshot", "forget"), _past),
    Part(PEOPLE, _WHO, _people),
    Part(PEOPLE, ("verify",), _verify),
    Part(PEOPLE, ("circle",), _circles),
    Part(PEOPLE, ("whois", "publish"), _finding),
    Part(PEOPLE, ("profile",), _profile),
    Part(PEOPLE, ("share", "unshare", "shared", "access"), _sharing),
    Part(PEOPLE, ("feed", "notifications"), _feed),
    Part(PEOPLE, ("post",), _posts),
    Part(PEOPLE, ("comment", "react"), _comments),
)


def all_names() -> list[str]:
    """The name of every command."""
    return [name for part in PARTS for name in part.names]


def families(name: str | None = None) -> tuple[Family, ...]:
    """The command of that name alone, else all of them under their headings."""
    titles: dict[str, tuple[Command, ...]] = {}
    for part in PARTS:
        if name is None or name in part.names:
            found = tuple(each for each in part.load() if name in (None, each.name))
            titles[part.title] = titles.get(part.title, ()) + found
    return tuple(Family(title, commands) for title, commands in titles.items())
