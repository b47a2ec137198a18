"""The committed envelope opens node by node, as a second implementation would open it."""

import json
from typing import Any

from crypto.hpke import SealKeyPair
from crypto.secret import Secret
from formats.courier.envelope import Arrive, Onward, Posted, check_work, fill, open_layer
from formats.courier.record import CourierRecord
from formats.courier.reply import Reply
from formats.drop import SEALED_MESSAGE, Drop
from formats.errors import TooMany
from tests.records.vectors import FOLDER

VECTOR: dict[str, Any] = json.loads((FOLDER / "courier" / "layers.json").read_text("utf-8"))


def test_every_node_opens_its_layer() -> None:
    kinds = []
    for layer in VECTOR["layers"]:
        peer = bytes.fromhex(layer["peer"])
        pair = SealKeyPair.from_seed(Secret(bytes.fromhex(layer["seed"])))
        assert CourierRecord.read(bytes.fromhex(layer["record"]), peer).key == pair.public
        posted = Posted(layer["left"], layer["work"], fill(bytes.fromhex(layer["layer"])))
        check_work(posted, peer, layer["bits"])
        head, rest = open_layer(posted, peer, [pair])
        kinds.append(type(head))
        if isinstance(head, Onward):
            assert head.next.peer.hex() == layer["next"]
            continue
        assert isinstance(head, Arrive)
        assert head.drop.hex() == layer["drop"]
        assert Drop.decode(head.drop).token == b"t" * 16
        assert rest == bytes.fromhex(VECTOR["message"]) * SEALED_MESSAGE
    assert kinds == [Onward, Onward, Arrive]


def test_the_reply_opens() -> None:
    reply = Reply.open(bytes.fromhex(VECTOR["reply"]), Secret(bytes.fromhex(VECTOR["key"])))
    assert isinstance(reply.error, TooMany)
    assert reply.error.message == "used up"
