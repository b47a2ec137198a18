"""The elements of a small XML document from somebody who is not trusted.

No document type, so no entities of its own and nothing fetched; names without their
namespaces; UTF-8, whatever it says of itself. Whoever reads limits its size.
"""

from typing import Final
from xml.parsers import expat

from formats.errors import Malformed

MAX_DEPTH: Final = 32


def elements(document: bytes) -> list[tuple[str, str]]:
    """Each element's name and its own text, in the order in which they end. Raises Malformed."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(document, True)
    except expat.ExpatError:
        raise Malformed("a document that is no XML") from None
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._open: list[str] = []

    def doctype(self, _name: str, _system: str | None, _public: str | None, _own: int) -> None:
        raise Malformed("a document with a document type, which may hide anything")

    def start(self, _name: str, _attributes: dict[str, str]) -> None:
        self._open.append("")
        if len(self._open) > MAX_DEPTH:
            raise Malformed(f"elements within elements, more than {MAX_DEPTH} of them")

    def text(self, data: str) -> None:
        self._open[-1] += data

    def end(self, name: str) -> None:
        self.found.append((name.rpartition(":")[2], self._open.pop().strip()))
