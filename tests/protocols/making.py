"""Hypothesis strategies for messages, read from their annotations independently of ``wire``."""

from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from formats.cid import Block, Cid
from protocols.operations import OPERATIONS, Operation
from protocols.shapes import AtMost, Below, Count, Exactly

M = TypeVar("M")

ROWS: list[Operation] = [row for rows in OPERATIONS.values() for row in rows.values()]
MESSAGES: list[type] = sorted(
    {kind for row in ROWS for kind in (row.request, *row.replies)}, key=lambda kind: kind.__name__
)

blocks = st.builds(Block.raw, st.binary(max_size=40)) | st.builds(
    Block.cbor, st.binary(max_size=40)
)


def messages(cls: type) -> st.SearchStrategy[Any]:
    """Any message of this class, small."""
    hints = get_type_hints(cls, include_extras=True)
    return st.builds(cls, **{field.name: _values(hints[field.name]) for field in fields(cls)})


def plain(cls: type[M], **values: Any) -> M:
    """A message with these values, and in every other field the least that is allowed."""
    hints = get_type_hints(cls, include_extras=True)
    least = {field.name: _least(hints[field.name]) for field in fields(cls)}  # type: ignore[arg-type]
    return cls(**(least | values))


def _least(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return None
    if get_origin(hint) is Annotated:
        base, limit = get_args(hint)
        size = limit.size if isinstance(limit, Exactly) else 0
        return bytes(size) if base is bytes else () if get_origin(base) is tuple else base()
    return False if hint is bool else Cid.of_raw(b"") if hint is Cid else plain(hint)


def _values(hint: Any) -> st.SearchStrategy[Any]:
    if get_origin(hint) in (Union, UnionType):
        choices = [st.none() if arg is NoneType else _values(arg) for arg in get_args(hint)]
        return st.one_of(*choices)
    if get_origin(hint) is Annotated:
        return _limited(*get_args(hint))
    if hint is bool:
        return st.booleans()
    if hint is Cid:
        return st.builds(lambda block: block.cid, blocks)
    assert is_dataclass(hint)
    return messages(hint)  # type: ignore[arg-type]


def _limited(base: Any, limit: object) -> st.SearchStrategy[Any]:
    if base is bytes and isinstance(limit, Exactly):
        return st.integers(0, 255).map(lambda byte: bytes([byte]) * limit.size)
    if base is bytes and isinstance(limit, AtMost):
        return st.binary(max_size=min(limit.size, 50))
    if base is str and isinstance(limit, AtMost):
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=limit.size // 4)
    if base is int and isinstance(limit, Below):
        return st.integers(0, limit.value)
    assert get_origin(base) is tuple
    assert isinstance(limit, Count)
    inner = get_args(base)[0]
    items = blocks if inner is Block else _values(inner)
    return st.lists(items, max_size=min(limit.most, 3)).map(tuple)
