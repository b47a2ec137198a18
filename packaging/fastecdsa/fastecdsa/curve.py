"""The curve names that py-libp2p mentions at import time."""


class Curve:
    """A curve by name only; it can do no arithmetic."""

    def __init__(self, name: str) -> None:
        self.name = name


P256 = Curve("P256")
