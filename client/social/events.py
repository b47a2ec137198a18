"""What the inbox tells whoever watches: small values, in plain words when shown as text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FollowRequested:
    """Somebody wants to follow me; ``handle`` tells them from others of that name."""

    name: str
    handle: str

    def __str__(self) -> str:
        return f"{self.handle} wants to follow you: 'holdfast accept {self.name}'"


@dataclass(frozen=True, slots=True)
class Followed:
    """Somebody I had asked said yes, or asked me as well; from now on I see what they share."""

    name: str
    both: bool

    def __str__(self) -> str:
        return f"you follow {self.name} now" + (", and they follow you" if self.both else "")


@dataclass(frozen=True, slots=True)
class SharesChanged:
    """A contact shares something new, or no longer something."""

    name: str

    def __str__(self) -> str:
        return f"{self.name} changed what they share with you: 'holdfast ls /{self.name}'"


@dataclass(frozen=True, slots=True)
class Gone:
    """A contact had their account deleted at their home, and has not said where they live now."""

    name: str

    def __str__(self) -> str:
        return f"{self.name} has left their home: what they shared is gone until they have another"


@dataclass(frozen=True, slots=True)
class ShareKept:
    """A contact gave me a share of their recovery kit to keep."""

    name: str

    def __str__(self) -> str:
        return (
            f"{self.name} trusts you with a share of their recovery kit: 'holdfast recovery kept'"
        )


@dataclass(frozen=True, slots=True)
class ShareEnded:
    """What I kept for a contact opens nothing any more, and is not kept any longer."""

    name: str

    def __str__(self) -> str:
        return f"the share that you kept for {self.name} is of no more use, and gone"


@dataclass(frozen=True, slots=True)
class ShareGone:
    """A contact says that they do not have the share that they were given."""

    name: str

    def __str__(self) -> str:
        return (
            f"{self.name} does not have the share of your recovery kit: 'holdfast recovery holders'"
        )


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that made no sense or was not to be believed."""

    reason: str

    def __str__(self) -> str:
        return f"a message was set aside: {self.reason}"


@dataclass(frozen=True, slots=True)
class TwoHistories:
    """A home showed two histories of a space. ``whose``: its owner, "" for oneself."""

    whose: str
    by: str

    def __str__(self) -> str:
        home, here = (f"{self.whose}'s home", "you") if self.whose else ("your home", "this device")
        return (
            f"{home} showed two histories: one to {here}, another to {self.by}; both are signed, "
            "and kept as proof: 'holdfast doctor'"
        )


@dataclass(frozen=True, slots=True)
class NotShown:
    """A home does not show that what somebody saw is of one line with what is seen here."""

    whose: str
    by: str

    def __str__(self) -> str:
        home = f"{self.whose}'s home" if self.whose else "your home"
        return (
            f"{self.by} saw a state that {home} does not show here: it withholds something, "
            "or shows two histories"
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Collecting or delivering fails, for another reason than that a node is away."""

    reason: str

    def __str__(self) -> str:
        return f"messages cannot be dealt with just now: {self.reason}"


Event = (
    FollowRequested
    | Followed
    | SharesChanged
    | Gone
    | ShareKept
    | ShareEnded
    | ShareGone
    | TwoHistories
    | NotShown
    | SetAside
    | Trouble
)
