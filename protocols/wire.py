"""Messages to and from the wire: one strict codec, made from the dataclasses themselves.

    head, bodies = to_wire(Stage(session, blocks))     # a Value, and the blocks' bytes
    message = from_wire(Stage, head, bodies)           # the same message, or Malformed

A message is a map: one key for each field, all of them known, an ``X | None``
field absent when None. Types and limits (``protocols.shapes``) are checked in
both directions. A ``tuple[Block, ...]`` field is a list of CIDs in the head;
the bytes follow as body frames and are hashed when they arrive, never when
they leave: who holds a Block has hashed it.

Reading has two steps, so that a head is refused before its bodies are read
and hashing can be done in a worker thread: ``Shape.parse(head, sizes)`` checks
everything but the hashes, ``Parsed.complete(bodies)`` only those.

Annotations are looked at once a class, when its shape is made; ``docs/spec/wire.md``
has the rules for another implementation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Final, Generic, TypeVar, Union, cast, get_args, get_origin
from typing import get_type_hints as hints_of

from formats.cid import MAX_BLOCK, Block, Cid
from formats.dag_cbor import Value
from formats.errors import Malformed
from protocols.shapes import AtMost, Below, Count, Exactly

MOST_BODIES: Final = 4096
"""Most body frames behind one head."""

M = TypeVar("M")

Check = Callable[[object, str], object]
"""Checks a value and turns it into its other form; the text names it in errors."""


@dataclass(frozen=True, slots=True)
class _Codec:
    """How values of one type are written into a head and read from it."""

    write: Check
    read: Check


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a message in its head."""

    name: str
    codec: _Codec
    optional: bool


@dataclass(frozen=True, slots=True)
class Parsed(Generic[M]):
    """A message whose head holds; its blocks are still to come, ``cids`` in order."""

    shape: "Shape[M]"
    values: dict[str, object]
    cids: tuple[Cid, ...]

    def complete(self, bodies: Sequence[bytes]) -> M:
        """The message with its blocks, each hashed now. Raises BadBlock, or Malformed by count.

        Takes about a millisecond for each MiB: from a few of them on, call it in
        a worker thread.
        """
        if len(bodies) != len(self.cids):
            raise Malformed(f"{self.shape.name}: {len(bodies)} bodies for {len(self.cids)} blocks")
        if self.shape.blocks is None:
            return self.shape.make(**self.values)
        blocks = tuple(map(Block.checked, self.cids, bodies))
        return self.shape.make(**self.values, **{self.shape.blocks: blocks})


@dataclass(frozen=True, slots=True)
class Shape(Generic[M]):
    """Everything the wire needs to know of one message class. Made once, by ``shape_of``."""

    name: str
    make: Callable[..., M]
    fields: tuple[_Field, ...]
    blocks: str | None
    """The field whose blocks travel as bodies."""
    most_blocks: int
    keys: frozenset[str]

    def write(self, message: object) -> tuple[dict[str, Value], tuple[bytes, ...]]:
        """Head and bodies. Raises Malformed for a message that its own limits do not allow."""
        head = _written(self, message)
        if self.blocks is None:
            return head, ()
        blocks = _blocks_of(getattr(message, self.blocks), self.most_blocks, self.name)
        head[self.blocks] = [block.cid for block in blocks]
        return head, tuple(block.data for block in blocks)

    def parse(self, head: Value, sizes: Sequence[int]) -> Parsed[M]:
        """The message up to its blocks, which will have these sizes. Raises Malformed."""
        found = _map(head, self.name, self.keys)
        values = _read(self, found)
        cids = () if self.blocks is None else _cids_of(found, self)
        if len(cids) != len(sizes):
            raise Malformed(f"{self.name}: {len(sizes)} bodies for {len(cids)} blocks")
        if sizes and max(sizes) > MAX_BLOCK:
            raise Malformed(f"{self.name}: a block of {max(sizes)} bytes, at most {MAX_BLOCK}")
        return Parsed(self, values, cids)


def to_wire(message: object) -> tuple[Value, tuple[bytes, ...]]:
    """The head of ``message`` and its bodies.

    Raises Malformed when the message breaks its own limits: our fault, found
    before it leaves.
    """
    head, bodies = shape_of(type(message)).write(message)
    return head, bodies


def from_wire(cls: type[M], head: Value, bodies: Sequence[bytes]) -> M:
    """The ``cls`` that ``to_wire`` made this head and these bodies from.

    Raises Malformed, and BadBlock for a body that is not the block it should be.
    """
    return shape_of(cls).parse(head, [len(body) for body in bodies]).complete(bodies)


_SHAPES: Final[dict[type, Shape[object]]] = {}


def shape_of(cls: type[M]) -> Shape[M]:
    """The shape of a message class, made at the first call.

    Raises TypeError for a class whose annotations are none of ``protocols.shapes``.
    """
    shape = _SHAPES.get(cls)
    if shape is None:
        shape = _SHAPES[cls] = _made(cls)
    return cast("Shape[M]", shape)


# --- making a shape from annotations


def _made(cls: type) -> Shape[object]:
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is no message")
    hints = hints_of(cls, include_extras=True)
    found: list[_Field] = []
    blocks, most = None, 0
    for field in fields(cls):
        count = _blocks_count(hints[field.name])
        if count is None:
            inner, optional = _unwrapped(hints[field.name])
            found.append(_Field(field.name, _codec(inner), optional))
        elif blocks is None:
            blocks, most = field.name, count
        else:
            raise TypeError(f"{cls.__name__} has two fields of blocks")
    keys = frozenset(field.name for field in fields(cls))
    return Shape(cls.__name__, cls, tuple(found), blocks, most, keys)


def _blocks_count(hint: object) -> int | None:
    """The most blocks of a ``tuple[Block, ...]`` field, None for any other."""
    base, limit = _annotated(hint)
    if get_origin(base) is tuple and get_args(base)[0] is Block:
        if not isinstance(limit, Count) or limit.most > MOST_BODIES:
            raise TypeError(f"blocks need a Count of at most {MOST_BODIES}")
        return limit.most
    return None


def _unwrapped(hint: object) -> tuple[object, bool]:
    if get_origin(hint) in (Union, UnionType):
        others = [arg for arg in get_args(hint) if arg is not NoneType]
        if len(others) != 1:
            raise TypeError(f"a field is of one type or None, not {hint}")
        return others[0], True
    return hint, False


def _annotated(hint: object) -> tuple[object, object]:
    if get_origin(hint) is not Annotated:
        return hint, None
    base, *limits = get_args(hint)
    if len(limits) != 1:
        raise TypeError(f"one limit a field, not {hint}")
    return base, limits[0]


def _codec(hint: object) -> _Codec:
    """The codec of one field's type; raises TypeError for what has no place on the wire."""
    base, limit = _annotated(hint)
    simple = _SIMPLE.get((base, type(limit)))
    if simple is not None:
        check = simple(limit)
        return _Codec(check, check)
    if get_origin(base) is tuple and isinstance(limit, Count) and get_args(base)[1:] == (...,):
        return _tuple_codec(_codec(get_args(base)[0]), limit.most)
    if isinstance(base, type) and is_dataclass(base) and limit is None:
        return _nested_codec(base)
    raise TypeError(f"no shape of protocols.shapes: {hint}")


def _nested_codec(cls: type) -> _Codec:
    shape: Shape[object] = shape_of(cls)
    if shape.blocks is not None:
        raise TypeError(f"{shape.name}: blocks stand in a message itself, not inside a field")

    def write(value: object, where: str) -> object:
        if type(value) is not cls:
            raise _wrong(where, f"not a {shape.name}")
        return _written(shape, value)

    def read(value: object, where: str) -> object:
        return shape.make(**_read(shape, _map(value, where, shape.keys)))

    return _Codec(write, read)


def _tuple_codec(item: _Codec, most: int) -> _Codec:
    def counted(value: object, where: str, kind: type) -> Sequence[object]:
        if type(value) is not kind:
            raise _wrong(where, f"not a {kind.__name__}")
        items = cast("Sequence[object]", value)
        if len(items) > most:
            raise _wrong(where, f"{len(items)} elements, at most {most}")
        return items

    def write(value: object, where: str) -> object:
        return [item.write(one, where) for one in counted(value, where, tuple)]

    def read(value: object, where: str) -> object:
        return tuple([item.read(one, where) for one in counted(value, where, list)])

    return _Codec(write, read)


# --- values that are the same in a message and in its head


def _exactly(limit: Exactly) -> Check:
    def check(value: object, where: str) -> object:
        if type(value) is not bytes:
            raise _wrong(where, "not bytes")
        if len(value) != limit.size:
            raise _wrong(where, f"{len(value)} bytes, expected {limit.size}")
        return value

    return check


def _bytes_at_most(limit: AtMost) -> Check:
    def check(value: object, where: str) -> object:
        if type(value) is not bytes:
            raise _wrong(where, "not bytes")
        if len(value) > limit.size:
            raise _wrong(where, f"{len(value)} bytes, at most {limit.size}")
        return value

    return check


def _text_at_most(limit: AtMost) -> Check:
    def check(value: object, where: str) -> object:
        if type(value) is not str:
            raise _wrong(where, "not text")
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            raise _wrong(where, "text that UTF-8 cannot say") from None
        if size > limit.size:
            raise _wrong(where, f"{size} bytes of text, at most {limit.size}")
        return value

    return check


def _below(limit: Below) -> Check:
    def check(value: object, where: str) -> object:
        if type(value) is not int:
            raise _wrong(where, "not an integer")
        if not 0 <= value <= limit.value:
            raise _wrong(where, f"out of range 0 to {limit.value}")
        return value

    return check


def _of_type(kind: type, words: str) -> Callable[[object], Check]:
    def make(_limit: object) -> Check:
        def check(value: object, where: str) -> object:
            if type(value) is not kind:
                raise _wrong(where, f"not {words}")
            return value

        return check

    return make


_SIMPLE: Final[dict[tuple[object, type], Callable[..., Check]]] = {
    (bytes, Exactly): _exactly,
    (bytes, AtMost): _bytes_at_most,
    (str, AtMost): _text_at_most,
    (int, Below): _below,
    (bool, NoneType): _of_type(bool, "true or false"),
    (Cid, NoneType): _of_type(Cid, "a CID"),
}


# --- whole heads


def _wrong(where: str, problem: str) -> Malformed:
    return Malformed(f"{where}: {problem}")


def _written(shape: Shape[M], message: object) -> dict[str, Value]:
    head: dict[str, Value] = {}
    for field in shape.fields:
        value = getattr(message, field.name)
        if value is None and field.optional:
            continue
        written = field.codec.write(value, f"{shape.name}.{field.name}")
        head[field.name] = cast(Value, written)
    return head


def _map(value: object, where: str, keys: frozenset[str]) -> dict[str, object]:
    if type(value) is not dict:
        raise _wrong(where, "not a map")
    unknown = value.keys() - keys
    if unknown:
        raise _wrong(where, f"unknown field {ascii(min(unknown))[:40]}")
    return value


def _read(shape: Shape[M], found: dict[str, object]) -> dict[str, object]:
    values: dict[str, object] = {}
    for field in shape.fields:
        where = f"{shape.name}.{field.name}"
        if field.name in found:
            values[field.name] = field.codec.read(found[field.name], where)
        elif field.optional:
            values[field.name] = None
        else:
            raise _wrong(where, "missing")
    return values


def _blocks_of(value: object, most: int, name: str) -> tuple[Block, ...]:
    if type(value) is not tuple or any(type(one) is not Block for one in value):
        raise _wrong(name, "not a tuple of blocks")
    if len(value) > most:
        raise _wrong(name, f"{len(value)} blocks, at most {most}")
    return value


def _cids_of(found: dict[str, object], shape: Shape[M]) -> tuple[Cid, ...]:
    where = f"{shape.name}.{shape.blocks}"
    value = found.get(str(shape.blocks))
    if type(value) is not list or any(type(one) is not Cid for one in value):
        raise _wrong(where, "not a list of CIDs")
    if len(value) > shape.most_blocks:
        raise _wrong(where, f"{len(value)} blocks, at most {shape.most_blocks}")
    return tuple(value)
