"""The closed list of errors: every failure a person, a program or a peer can be told of.

Each kind has a wire number (never reused), an exit code for the command line,
an HTTP status for the local API, and a hint that says what to do next. The
message says what happened. Neither may hold a secret, and what a node raises
may hold no plaintext name.

``docs/spec/errors.md`` is the table for people; a test keeps both alike.
"""

from typing import ClassVar, Final

MAX_MESSAGE: Final = 1024
"""Longest message in characters that crosses a wire; longer ones are cut."""


class HoldfastError(Exception):
    """Base of the closed list. Raise a subclass, never this."""

    number: ClassVar[int] = 0
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    hint: ClassVar[str] = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = self.hint if hint is None else hint


class Usage(HoldfastError):
    """The words of a command or request do not fit together."""

    number, exit_code, http_status = 1, 2, 400
    hint = "see --help"


class Malformed(HoldfastError):
    """Bytes are not of the format they should be."""

    number, exit_code, http_status = 2, 3, 422
    hint = "nothing was stored; the sender must send well-formed bytes"


class UnknownVersion(HoldfastError):
    """A record, card or message is of a version this program does not know."""

    number, exit_code, http_status = 3, 4, 422
    hint = "one side is older: run 'holdfast version' on both and update the older one"


class BadBlock(HoldfastError):
    """A block's bytes do not hash to its name."""

    number, exit_code, http_status = 4, 5, 502
    hint = "the block was refused; run 'holdfast doctor' to see what it belongs to"


class MissingBlock(HoldfastError):
    """A block that should be here is not. ``cid`` names it where it is known."""

    number, exit_code, http_status = 5, 6, 502
    hint = "it is gone or withheld; another replica may still have it"

    def __init__(self, message: str, hint: str | None = None, cid: bytes | None = None) -> None:
        super().__init__(message, hint)
        self.cid = cid

    @classmethod
    def of(cls, cid: bytes) -> "MissingBlock":
        """The error for one block, named by its CID."""
        return cls(f"block {cid.hex()[8:24]}… is not here", cid=cid)


class Forged(HoldfastError):
    """A signature, hash chain or proof does not hold."""

    number, exit_code, http_status = 6, 7, 403
    hint = "it was refused; nothing it said was believed"


class Damaged(HoldfastError):
    """Sealed bytes do not open under the key that should open them."""

    number, exit_code, http_status = 7, 8, 502
    hint = "other files are not affected; a replica or an older version may be whole"


class NotFound(HoldfastError):
    """Nothing has that name or path."""

    number, exit_code, http_status = 8, 9, 404
    hint = "'holdfast ls' shows what is there"


class Exists(HoldfastError):
    """Something already has that name."""

    number, exit_code, http_status = 9, 10, 409
    hint = "choose another name, or move what is there"


class NotAFolder(HoldfastError):
    """A path goes through, or ends at, something that is no folder."""

    number, exit_code, http_status = 10, 11, 409
    hint = "'holdfast stat PATH' says what it is"


class IsAFolder(HoldfastError):
    """A file was needed and a folder is there."""

    number, exit_code, http_status = 11, 12, 409
    hint = "name a file in it, or use -r where the command has it"


class BadName(HoldfastError):
    """A name that no file or folder can have."""

    number, exit_code, http_status = 12, 13, 400
    hint = "names have 1 to 255 bytes of UTF-8, no '/', no control characters, not '.' or '..'"


class Denied(HoldfastError):
    """There is nothing there for this caller, whatever the reason."""

    number, exit_code, http_status = 13, 14, 403
    hint = "if it was shared with you before, it may have been taken back"


class WrongPassword(HoldfastError):
    """Name and password do not fit together on that home."""

    number, exit_code, http_status = 14, 15, 401
    hint = "check the name, the password and the node; nothing was changed"


class NotSignedIn(HoldfastError):
    """The daemon runs, and nobody is signed in."""

    number, exit_code, http_status = 15, 16, 401
    hint = "run 'holdfast login NAME', or 'holdfast signup NAME' the first time"


class NoDaemon(HoldfastError):
    """No daemon answers for this data folder."""

    number, exit_code, http_status = 16, 17, 503
    hint = "run 'holdfast up' in another terminal"


class AlreadyRunning(HoldfastError):
    """Another daemon holds this data folder."""

    number, exit_code, http_status = 17, 18, 409
    hint = "use the one that runs, or choose another folder with --home"


class Unreachable(HoldfastError):
    """A node does not answer."""

    number, exit_code, http_status = 18, 19, 503
    hint = "it may be off; try again when it is back, nothing needs to be reset"


class TimedOut(HoldfastError):
    """The other side did not answer in time."""

    number, exit_code, http_status = 19, 20, 504
    hint = "try again"


class Conflict(HoldfastError):
    """Somebody else changed it first, and it could not be replayed."""

    number, exit_code, http_status = 20, 21, 409
    hint = "look at the newer state and try again"


class Stale(HoldfastError):
    """An older state of the same line than was seen before."""

    number, exit_code, http_status = 21, 22, 502
    hint = "the node answered with the past; it was not believed"


class Forked(HoldfastError):
    """Two states that cannot both be true, both signed. An alarm, never a choice."""

    number, exit_code, http_status = 22, 23, 502
    hint = "the home showed two histories; the second was not believed, see 'holdfast doctor'"


class QuotaExceeded(HoldfastError):
    """The account has no room for this."""

    number, exit_code, http_status = 23, 24, 507
    hint = "delete something (that always works) or ask the node's owner for more"


class DiskFull(HoldfastError):
    """The node's or this machine's disk has no room."""

    number, exit_code, http_status = 24, 25, 507
    hint = "free some space and try again; what was acknowledged is safe"


class StorageFailed(HoldfastError):
    """The disk refused a read or a write."""

    number, exit_code, http_status = 25, 26, 500
    hint = "check the disk; what was acknowledged before is not touched"


class SchemaTooNew(HoldfastError):
    """The data folder was written by a newer program."""

    number, exit_code, http_status = 26, 27, 409
    hint = "run the newer program; this one will not touch the data"


class BadConfig(HoldfastError):
    """The configuration has an unknown key or an impossible value."""

    number, exit_code, http_status = 27, 28, 400
    hint = "correct the line that is named and start again"


class TooLarge(HoldfastError):
    """Something is over its size limit."""

    number, exit_code, http_status = 28, 29, 413
    hint = "the limits are in docs/spec"


class TooMany(HoldfastError):
    """Too many requests at once or in a while."""

    number, exit_code, http_status = 29, 30, 429
    hint = "wait a little and try again"


class BadCard(HoldfastError):
    """A contact card or invite is cut short, altered or not one at all."""

    number, exit_code, http_status = 30, 31, 400
    hint = "copy it again, whole: it is one line"


class BadInvite(HoldfastError):
    """The node does not take this invite, or needs one."""

    number, exit_code, http_status = 31, 32, 403
    hint = "ask the node's owner for a new invite ('holdfast invite' on the node)"


class Partial(HoldfastError):
    """Some of it was done and some was not; what was not is listed."""

    number, exit_code, http_status = 32, 33, 207
    hint = "the rest was done; correct what is listed and run it again"


class ProtocolViolation(HoldfastError):
    """The other side sent what the protocol does not allow."""

    number, exit_code, http_status = 33, 34, 502
    hint = "the connection was closed; the other side's program is at fault or hostile"


class Withheld(HoldfastError):
    """Something a verified record says exists was not handed over."""

    number, exit_code, http_status = 34, 35, 502
    hint = "it is gone or withheld by the home; other files are not affected"


class Expired(HoldfastError):
    """A card, token, session or statement is past its time."""

    number, exit_code, http_status = 35, 36, 403
    hint = "ask for a new one"


class Unfit(HoldfastError):
    """The request cannot be done to this thing (a folder into itself, the root away)."""

    number, exit_code, http_status = 36, 37, 409
    hint = "choose another target"


class LivesElsewhere(HoldfastError):
    """The account moved: its home is another node now, which its newest whereabouts name."""

    number, exit_code, http_status = 39, 40, 409
    hint = "where it is now is asked for by itself; try again in a moment"


class BadKit(HoldfastError):
    """The words or the text of a recovery kit are not whole, or not of that person."""

    number, exit_code, http_status = 38, 39, 403
    hint = "compare with the paper, word by word; a newer kit makes an older one useless"


class NotKept(HoldfastError):
    """Its home cannot be reached, and this was not read here before, or has made room since."""

    number, exit_code, http_status = 44, 45, 503
    hint = "what was read before is still there; try again when that home answers"


class Internal(HoldfastError):
    """A fault of this program."""

    number, exit_code, http_status = 63, 70, 500
    hint = "this is a bug in Holdfast: please report it with the log"


class Interrupted(HoldfastError):
    """The person stopped it."""

    number, exit_code, http_status = 62, 130, 499
    hint = "what was committed stays; run the command again for the rest"


def _walk(base: type[HoldfastError]) -> list[type[HoldfastError]]:
    return [kind for kind in base.__subclasses__() if kind.__module__ == __name__]


KINDS: Final[dict[int, type[HoldfastError]]] = {kind.number: kind for kind in _walk(HoldfastError)}
"""Every kind by wire number."""


_OWN: Final = (
    NotSignedIn,
    NoDaemon,
    AlreadyRunning,
    BadConfig,
    SchemaTooNew,
    Partial,
    BadKit,
    NotKept,
    Interrupted,
)
"""What only a person's own machine can tell them."""

_FINDINGS: Final = (BadBlock, Forged, Damaged, Stale, Forked, ProtocolViolation, Withheld, Internal)
"""What somebody found who looked: whoever hears it from a peer has not looked."""

_NOT_LOOKED: Final = "so says the node that was asked; whether it is true was not looked into here"


def from_wire(number: int, message: str) -> HoldfastError:
    """The error a peer told us of, marked as its word where it could be taken for ours.

    One that no peer has reason to tell, or that is unknown, is its protocol violation.
    """
    kind = KINDS.get(number)
    if kind is None or kind in _OWN:
        return ProtocolViolation(f"the other side answered with error {number}: no node does")
    said = message[:MAX_MESSAGE].strip() or "no reason"
    if kind in _FINDINGS:
        return kind(f"the node answered: {said}"[:MAX_MESSAGE], _NOT_LOOKED)
    return kind(said)
