"""Make the vectors of the records anew: python -m tests.vectors.generate

Keys come from words, so bodies are the same in every run; ML-DSA signatures are
not. See tests/records/vectors.py and signed_vectors.py, where all of it is made.
"""

from tests.records.signed_vectors import SIGNED
from tests.records.vectors import settled, write

if __name__ == "__main__":
    write(settled() | {name: make() for name, make in SIGNED.items()})
