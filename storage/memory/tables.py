"""What a store in memory keeps: dictionaries, one for each kind of row."""

from dataclasses import dataclass, field, fields

from formats.cid import Cid
from storage.contracts import (
    AccountRow,
    DepartureRow,
    IdentityRow,
    InboxRow,
    InviteRow,
    PinRow,
    Release,
    ReplicaRow,
    RetainedRoot,
    SessionRow,
    SpaceKey,
    SpaceRow,
    TokenRow,
)


@dataclass(slots=True)
class Tables:
    """All there is. Values are immutable or dictionaries of immutables."""

    blocks: dict[Cid, bytes] = field(default_factory=dict)
    holders: dict[Cid, int] = field(default_factory=dict)
    garbage: dict[Cid, int | None] = field(default_factory=dict)
    references: dict[tuple[SpaceKey, Cid], tuple[int, int]] = field(default_factory=dict)
    used: dict[SpaceKey, int] = field(default_factory=dict)
    charges: dict[tuple[SpaceKey, Cid], bytes] = field(default_factory=dict)
    spaces: dict[SpaceKey, SpaceRow] = field(default_factory=dict)
    history: dict[tuple[SpaceKey, int], bytes] = field(default_factory=dict)
    retained: dict[tuple[SpaceKey, int], RetainedRoot] = field(default_factory=dict)
    pins: dict[tuple[SpaceKey, int], PinRow] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    sessions: dict[bytes, SessionRow] = field(default_factory=dict)
    staged: dict[bytes, dict[Cid, None]] = field(default_factory=dict)
    accounts: dict[str, AccountRow] = field(default_factory=dict)
    identities: dict[bytes, IdentityRow] = field(default_factory=dict)
    departures: dict[bytes, DepartureRow] = field(default_factory=dict)
    messages: dict[bytes, dict[int, InboxRow]] = field(default_factory=dict)
    last_seq: dict[bytes, int] = field(default_factory=dict)
    tokens: dict[tuple[bytes, bytes], TokenRow] = field(default_factory=dict)
    invites: dict[bytes, InviteRow] = field(default_factory=dict)
    replicas: dict[tuple[bytes, bytes], ReplicaRow] = field(default_factory=dict)
    settings: dict[str, bytes] = field(default_factory=dict)

    def copy(self) -> "Tables":
        """A copy that shares no dictionary with this one."""
        made = Tables()
        for each in fields(self):
            table = getattr(self, each.name)
            copied = {k: dict(v) if isinstance(v, dict) else v for k, v in table.items()}
            setattr(made, each.name, copied)
        return made
