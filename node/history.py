"""How a state descends from earlier ones: bodies of pointer records (``formats.ancestry``)."""

from crypto.hashing import sha256
from formats.ancestry import descent, skip_seq
from formats.errors import StorageFailed
from formats.pointer import MAX_ANCESTRY
from storage.contracts import SpaceKey, View


def spine(view: View, key: SpaceKey, seq: int) -> tuple[bytes, ...]:
    """The bodies that record ``seq`` skips down over, newest first, without its own."""
    bodies = []
    while seq > 0:
        seq = skip_seq(seq)
        bodies.append(_body(view, key, seq))
    return tuple(bodies)


def between(view: View, key: SpaceKey, seq: int, since: int | None) -> tuple[bytes, ...]:
    """The bodies that prove that record ``seq`` descends from ``since``, without both ends."""
    if since is None or since >= seq:
        return ()
    way = descent(seq, since)[1:-1]
    return tuple(_body(view, key, each) for each in way[:MAX_ANCESTRY])


def skip_hash(view: View, key: SpaceKey, seq: int) -> bytes:
    """The hash that record ``seq`` (1 or more) must name as ``skip``."""
    return sha256(_body(view, key, skip_seq(seq)))


def _body(view: View, key: SpaceKey, seq: int) -> bytes:
    body = view.history(key, seq)
    if body is None:
        raise StorageFailed(f"pointer record {seq} of a space is lost")
    return body
