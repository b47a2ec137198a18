"""The table of operations: what may be asked at each door, and within which limits.

One row for each method of ``protocols.services``. The remote stub, the server
and the tests all read this table and nothing else: a method is on the wire by
having its row here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from protocols import accounts as a
from protocols import blocks as b
from protocols import courier as c
from protocols import directory as d
from protocols import factors as f
from protocols import inbox as i
from protocols import pointers as p
from protocols import replicas as r
from protocols.wire import Shape, shape_of

_MIB: Final = 1024 * 1024

WAIT: Final = 75.0
"""Seconds for what may wait a minute on purpose (``MAX_WAIT``), and then some."""

READ_BYTES: Final = b.MAX_READ_BYTES + 8 * _MIB
"""``MAX_READ_BYTES`` of segments, one chunk that passed it, and the root, nodes and leaves."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one door.

    ``most_in`` and ``most_out`` bound the bytes of all bodies of a request and of
    a reply. ``seconds`` is how long the answer may take once the request has
    arrived. ``again``: doing it twice does no more than doing it once, so a caller
    who does not know what became of it may simply repeat it.
    """

    door: str
    name: str
    request: type
    replies: tuple[type, ...]
    seconds: float = field(kw_only=True)
    most_in: int = field(default=0, kw_only=True)
    most_out: int = field(default=0, kw_only=True)
    again: bool = field(default=True, kw_only=True)
    asks: Shape[object] = field(init=False, repr=False, compare=False)
    answers: dict[str, Shape[object]] = field(init=False, repr=False, compare=False)
    """Shapes of the replies by the name of their class."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "asks", shape_of(self.request))
        object.__setattr__(
            self, "answers", {kind.__name__: shape_of(kind) for kind in self.replies}
        )

    def __str__(self) -> str:
        return f"{self.door}.{self.name}"


_ACCOUNTS: Final = (
    Operation("accounts", "hello", a.AskHello, (a.Hello,), seconds=10),
    Operation("accounts", "prove", a.Prove, (a.Proven,), seconds=10),
    Operation("accounts", "enter", a.Enter, (a.Entered,), seconds=10),
    Operation("accounts", "parameters", a.AskParameters, (a.Parameters,), seconds=10),
    Operation("accounts", "sign_up", a.SignUp, (a.SignedUp,), seconds=60, most_in=4 * _MIB),
    Operation("accounts", "settle", a.Settle, (a.SignedUp,), seconds=60),
    Operation("accounts", "sign_in", a.SignIn, (a.SignInAnswer,), seconds=10),
    Operation(
        "accounts", "replace_sign_in", a.ReplaceSignIn, (a.Replaced,), seconds=30, again=False
    ),
    Operation(
        "accounts",
        "succeed",
        a.Succeed,
        (a.Succeeded, p.Conflict),
        seconds=60,
        most_in=4 * _MIB,
        again=False,
    ),
    Operation("accounts", "depart", a.Depart, (a.Departed,), seconds=60, again=False),
    Operation("accounts", "show_code", f.ShowCode, (a.SignInAnswer,), seconds=30, again=False),
    Operation("accounts", "show_backup", f.ShowBackup, (a.SignInAnswer,), seconds=30, again=False),
    Operation("accounts", "show_key", f.ShowKey, (a.SignInAnswer,), seconds=30, again=False),
    Operation("accounts", "factors", f.AskFactors, (f.Factors,), seconds=10),
    Operation("accounts", "add_code", f.AddCode, (f.Factors,), seconds=30, again=False),
    Operation("accounts", "add_key", f.AddKey, (f.Factors,), seconds=30, again=False),
    Operation("accounts", "set_backups", f.SetBackups, (f.Factors,), seconds=30),
    Operation("accounts", "remove_factor", f.RemoveFactor, (f.Factors,), seconds=30, again=False),
    Operation("accounts", "account", a.AskAccount, (a.Account,), seconds=10),
    Operation("accounts", "keep", a.Keep, (a.Account,), seconds=30),
    Operation("accounts", "notices", a.AwaitNotices, (a.Notices,), seconds=WAIT),
    Operation("accounts", "write", a.Write, (a.Written,), seconds=30, again=False),
)
_BLOCKS: Final = (
    Operation("blocks", "open_session", b.OpenSession, (b.Session,), seconds=30, again=False),
    Operation("blocks", "stage", b.Stage, (b.Staged,), seconds=60, most_in=b.MAX_STAGE_BYTES),
    Operation("blocks", "missing", b.Missing, (b.Lacking,), seconds=30),
    Operation("blocks", "recall", b.Recall, (b.Recalled,), seconds=30, most_out=b.MAX_READ_BYTES),
    Operation("blocks", "close_session", b.CloseSession, (b.Closed,), seconds=30),
    Operation("blocks", "read", b.Read, (b.Found,), seconds=60, most_out=READ_BYTES),
    Operation("blocks", "lost", b.AskLost, (b.Lost,), seconds=10),
    Operation("blocks", "mend", b.Mend, (b.Mended,), seconds=60, most_in=b.MAX_MEND_BYTES),
)
_POINTERS: Final = (
    Operation("pointers", "resolve", p.Resolve, (p.Resolved,), seconds=10),
    Operation(
        "pointers",
        "move",
        p.Move,
        (p.Committed, p.Conflict),
        seconds=60,
        most_in=p.MAX_COMMIT_BYTES,
        again=False,
    ),
    Operation("pointers", "watch", p.Watch, (p.Resolved,), seconds=WAIT),
    Operation("pointers", "kept", p.Kept, (p.States,), seconds=10),
    Operation("pointers", "weigh", p.Weigh, (p.Weight,), seconds=30),
    Operation("pointers", "pins", p.AskPins, (p.Pins,), seconds=10),
    Operation("pointers", "pin", p.Pin, (p.Pins,), seconds=30),
    Operation("pointers", "unpin", p.Unpin, (p.Pins,), seconds=30),
    Operation("pointers", "let_go", p.LetGo, (p.WentBy,), seconds=60),
)
_INBOX: Final = (
    Operation("inbox", "leave", i.Leave, (i.Taken,), seconds=30, again=False),
    Operation("inbox", "collect", i.Collect, (i.Messages,), seconds=WAIT),
    Operation("inbox", "delete", i.Delete, (i.Deleted,), seconds=30),
    Operation("inbox", "allow", i.Allow, (i.Allowed,), seconds=30),
    Operation("inbox", "register", i.Register, (i.Registered,), seconds=30),
)
_DIRECTORY: Final = (
    Operation("directory", "look", d.Look, (d.Person,), seconds=10),
    Operation("directory", "publish", d.Publish, (d.Published,), seconds=30),
    Operation("directory", "find", d.Find, (d.Sighted,), seconds=30),
    Operation("directory", "announce", d.Announce, (d.Announced,), seconds=60),
    Operation("directory", "show", d.ShowProfile, (d.ProfileShown,), seconds=30),
    Operation("directory", "profile", d.AskProfile, (d.Profile,), seconds=10),
)

_REPLICAS: Final = (
    Operation("replicas", "give", r.Give, (r.Given,), seconds=30),
    Operation("replicas", "standings", r.AskReplicas, (r.Replicas,), seconds=10),
    Operation("replicas", "follow", r.Follow, (r.Followed,), seconds=WAIT),
    Operation("replicas", "line", r.AskLine, (r.Line,), seconds=30),
    Operation("replicas", "fetch", r.Fetch, (r.Fetched,), seconds=60, most_out=r.MAX_FETCHED_BYTES),
    Operation("replicas", "needed", r.AskNeeded, (r.Needed,), seconds=30),
    Operation("replicas", "bring", r.Bring, (r.Brought,), seconds=60, most_in=r.MAX_FETCHED_BYTES),
    Operation("replicas", "arrive", r.Arrive, (r.Arrived,), seconds=120),
)

_COURIER: Final = (
    Operation("courier", "show", c.Show, (c.Shown,), seconds=10),
    Operation("courier", "carry", c.Carry, (c.Carried,), seconds=40, again=False),
    Operation("courier", "known", c.AskKnown, (c.Known,), seconds=10),
)


def _by_name(rows: Iterable[Operation]) -> dict[str, Operation]:
    return {row.name: row for row in rows}


OPERATIONS: Final[dict[str, dict[str, Operation]]] = {
    "accounts": _by_name(_ACCOUNTS),
    "blocks": _by_name(_BLOCKS),
    "pointers": _by_name(_POINTERS),
    "inbox": _by_name(_INBOX),
    "directory": _by_name(_DIRECTORY),
    "replicas": _by_name(_REPLICAS),
    "courier": _by_name(_COURIER),
}
"""door -> name -> row."""

PROTOCOLS: Final[dict[str, str]] = {
    "accounts": a.PROTOCOL,
    "blocks": b.PROTOCOL,
    "pointers": p.PROTOCOL,
    "inbox": i.PROTOCOL,
    "directory": d.PROTOCOL,
    "replicas": r.PROTOCOL,
    "courier": c.PROTOCOL,
}
"""The protocol id of each door, on carriers that have such."""
