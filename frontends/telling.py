"""An error as the local API and ``--json`` tell it, and back.

{"kind": "NotFound", "message": "...", "hint": "...", "exit": 9}
"""

from collections.abc import Mapping
from typing import Final

from formats.errors import KINDS, HoldfastError, ProtocolViolation

_BY_NAME: Final = {kind.__name__: kind for kind in KINDS.values()}


def tell(error: HoldfastError) -> dict[str, str | int]:
    """What a program needs to know of an error."""
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.advice,
        "exit": error.exit_code,
    }


def told(fields: Mapping[str, object]) -> HoldfastError:
    """The error that was told; one we do not know is the daemon being of another version."""
    kind = _BY_NAME.get(str(fields.get("kind")))
    message = fields.get("message")
    hint = fields.get("hint")
    if kind is None or not isinstance(message, str) or not isinstance(hint, str):
        return ProtocolViolation(
            "the daemon answered with an error this program does not know",
            hint="they may be of two versions: stop the daemon and start it again",
        )
    return kind(message, hint)
