"""The ceilings that more than one format shares. Others stand beside the schema they bound.

Bytes unless said. The pages of docs/spec name each limit with what it bounds.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

FRAME: Final = MIB + 64 * KIB
"""One frame on a stream."""

BLOCK: Final = MIB
"""One block, of any kind."""

CHUNK: Final = 5 * MIB
"""What one leaf holds of a file, before sealing."""

SEGMENT: Final = 256 * KIB
"""What one segment holds of a chunk, before sealing."""

SEGMENTS_PER_CHUNK: Final = CHUNK // SEGMENT
"""Segments that one leaf may name."""

INLINE: Final = 64 * KIB
"""Content that lives in a leaf instead of segments, before sealing."""

PAGE: Final = 16 * KIB
"""One page of a folder, before sealing."""

MEMBERS: Final = 1024
"""Members of one space."""

NAME: Final = 255
"""The name of a file or folder, in UTF-8."""

PATH: Final = 4096
"""A whole path, in UTF-8."""

LABELS_A_FRAME: Final = 4096
"""Labels that one request may name."""

REQUESTS_IN_FLIGHT: Final = 64
"""Requests of one peer that wait for their answer."""

FILE: Final = 2**53
"""One file."""

TREE_DEPTH: Final = 52
"""Tree nodes on one path: 5 bits of a 32-byte label each."""

UINT: Final = 2**53
"""Any integer of a record (a time, a sequence number, a size): what a JavaScript number holds."""

ID: Final = 32
"""An identity id, a space id, a label, a hash of a record, the digest of a key."""

PEER: Final = 64
"""A libp2p peer id; never empty in a record."""

PEER_ID_PREFIX: Final = bytes.fromhex("002408011220")
"""What the peer id of a node's Ed25519 key begins with; the 32 bytes of the key follow."""

TOKEN: Final = 16
"""A card's token, an invite's code, a staging session's name."""
