"""What is known of an upload that is under way: enough to go on after this process is gone.

Canonical DAG-CBOR, always sealed: in a journal of this machine, or in the owner's
space. The data key is in it, so whoever can read it can read the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from client.drive.content import Held
from client.drive.ring import FILE_ID, KEY_SIZE, DataKey
from crypto.sealing import HEAD_SIZE
from crypto.secret import Secret
from formats.cid import CID_SIZE
from formats.dag_cbor import Value
from formats.errors import Malformed
from formats.fields import Fields
from formats.leaf import MAX_GENERATION
from formats.limits import FILE, SEGMENTS_PER_CHUNK, TOKEN

ID: Final = 16
MAX_PLACE: Final = 4096
MAX_SOURCE: Final = 16 * 1024
MAX_DEVICE: Final = 64
MAX_MARK: Final = 64
MAX_CHUNK: Final = FILE // (4 * 1024)
MAX_AT_ONCE: Final = 64
"""Chunks in one record of chunks."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One large file on its way into the own home, or into a shared folder with a space of its own.

    ``place`` is its path below the home, ``source`` where it is read from on ``device``;
    ``size`` in bytes, ``began`` in milliseconds. ``key`` seals all of it, and
    ``session`` is where it is staged. ``shared``: its whole path, if it goes into a shared
    folder; ``place`` then is below that.
    """

    id: bytes
    place: tuple[str, ...]
    source: str
    device: str
    began: int
    size: int
    key: DataKey
    session: bytes
    shared: str | None = None

    @property
    def value(self) -> Value:
        """As it is sealed."""
        value: dict[str, Value] = {
            "id": self.id,
            "place": list(self.place),
            "source": self.source,
            "device": self.device,
            "began": self.began,
            "size": self.size,
            "key": [self.key.generation, self.key.secret.reveal(), self.key.id],
            "session": self.session,
        }
        return value if self.shared is None else {**value, "shared": self.shared}

    @classmethod
    def read(cls, value: Value) -> "Upload":
        """What was sealed; raises Malformed."""
        fields = Fields(value, "upload")
        upload = cls(
            fields.bytes_("id", ID),
            tuple(_text(each) for each in fields.list_("place", MAX_PLACE)),
            fields.text("source", MAX_SOURCE),
            fields.text("device", MAX_DEVICE),
            fields.uint("began"),
            fields.uint("size", FILE),
            _read_key(fields.list_("key", 3)),
            fields.bytes_("session", TOKEN),
            fields.optional_text("shared", MAX_PLACE),
        )
        fields.done()
        return upload


Chunks = Sequence[tuple[int, Held]]


def chunks_value(chunks: Chunks) -> Value:
    """Chunks that are durable at the home, as they are sealed."""
    return [[chunk, held.cids, held.heads] for chunk, held in chunks]


def read_chunks(rows: Sequence[Value]) -> list[tuple[int, Held]]:
    """What was sealed; raises Malformed."""
    return [_read_chunk(row) for row in rows]


def _read_chunk(row: Value) -> tuple[int, Held]:
    if not isinstance(row, list) or len(row) != 3:
        raise Malformed("upload: a chunk is not [number, cids, heads]")
    fields = Fields(dict(zip(("number", "cids", "heads"), row, strict=True)), "upload")
    held = Held(
        fields.bytes_("cids", maximum=SEGMENTS_PER_CHUNK * CID_SIZE),
        fields.bytes_("heads", maximum=SEGMENTS_PER_CHUNK * HEAD_SIZE),
    )
    count, rest = divmod(len(held.cids), CID_SIZE)
    if rest or not count or len(held.heads) != count * HEAD_SIZE:
        raise Malformed("upload: a chunk has not as many heads as segments")
    held.named()
    return fields.uint("number", MAX_CHUNK), held


def _read_key(row: Sequence[Value]) -> DataKey:
    if len(row) != 3:
        raise Malformed("upload: the key is not [generation, key, id]")
    fields = Fields(dict(zip(("generation", "key", "id"), row, strict=True)), "upload")
    return DataKey(
        fields.uint("generation", MAX_GENERATION),
        Secret(fields.bytes_("key", KEY_SIZE)),
        fields.bytes_("id", FILE_ID),
    )


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise Malformed("upload: a part of its place is not text")
    return value
