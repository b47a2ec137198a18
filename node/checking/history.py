"""The pointer records of a space: each names the one before, up to the one in force.

The newest was signed; the bodies before it are believed for the hashes that lead
to them, which is why they are walked from the first and compared at the end.
"""

from crypto.hashing import sha256
from formats.ancestry import Spine
from formats.errors import HoldfastError
from formats.pointer import PointerBody, read_body
from node.checking.pace import Pace
from storage.contracts import SpaceKey, SpaceRow, View


def check_history(view: View, row: SpaceRow, newest: bytes, pace: Pace) -> list[str]:
    """What is wrong with the records up to ``newest`` (a hash), in words; the first fault only."""
    spine = Spine()
    for seq in range(row.seq + 1):
        pace.step()
        body = view.history(row.key, seq)
        if body is None:
            return [f"pointer record {seq} is lost"]
        try:
            fault = _misfit(read_body(body), row.key, seq, spine)
        except HoldfastError as error:
            fault = error.message
        if fault:
            return [f"pointer record {seq}: {fault}"]
        spine = spine.then(seq, sha256(body))
    if spine.links[-1][1] != newest:
        return [f"pointer record {row.seq} is not the one in force"]
    return []


def _misfit(said: PointerBody, key: SpaceKey, seq: int, before: Spine) -> str:
    if (said.owner, said.space, said.seq) != (key.owner, key.space, seq):
        return "it is of another place"
    previous = before.links[-1][1] if before.links else None
    if said.prev != previous or said.skip != before.skip_hash():
        return "it does not follow the one before it"
    return ""
