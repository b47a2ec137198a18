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
class SetAside:
    """A message that made no sense or was not to be believed."""

    reason: str

    def __str__(self) -> str:
        return f"a message was set aside: {self.reason}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Collecting or delivering fails, for another reason than that a node is away."""

    reason: str

    def __str__(self) -> str:
        return f"messages cannot be dealt with just now: {self.reason}"


Event = FollowRequested | Followed | SharesChanged | SetAside | Trouble
