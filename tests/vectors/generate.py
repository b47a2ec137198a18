"""Make the vectors of the records anew: python -m tests.vectors.generate

Keys come from words, so bodies are the same in every run; ML-DSA signatures are
not. See tests/records/vectors.py, signed_vectors.py and published_vectors.py, and
tests/node/dht/message_vectors.py and tests/client/recovery/kit_vectors.py, where all of it is made.
"""

from tests.client.recovery.kit_vectors import notes, opens, shares
from tests.node.dht.message_vectors import messages
from tests.records.published_vectors import published
from tests.records.signed_vectors import SIGNED
from tests.records.vectors import settled, write

if __name__ == "__main__":
    signed = {name: make() for name, make in SIGNED.items()}
    more = {"published/values": published(), "dht/messages": messages(), "recovery/opens": opens()}
    more |= {"recovery/shares": shares(), "recovery/notes": notes()}
    write(settled() | signed | more)
