"""What a home handed over, read: what cannot be read is its doing, and is said so."""

from collections.abc import Iterator
from contextlib import contextmanager

from formats.errors import Malformed, ProtocolViolation


@contextmanager
def handed_over(what: str) -> Iterator[None]:
    """In this block an answer of a home is read; what is no ``what`` is ``ProtocolViolation``."""
    try:
        yield
    except Malformed as error:
        said = f"the home handed over something that is no {what} ({error.message})"
        raise ProtocolViolation(said) from error
