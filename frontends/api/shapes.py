"""A request's JSON object as a frozen dataclass: strict, and said in words when it does not fit.

A field of the dataclass is a key of the object; a field with a default may be
left out. Unknown keys, doubled keys, other kinds of values, NaN: ``Usage`` or
``Malformed``, naming the key.
"""

import json
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Annotated, Final, TypeVar, get_args, get_origin, get_type_hints

from formats.errors import Malformed, TooLarge, Usage

MAX_ITEMS: Final = 100_000
MAX_TEXT: Final = 64 * 1024

T = TypeVar("T")

HERE: Final = "of this machine"
LocalPath = Annotated[str, HERE]
"""A path on the disk of the daemon's machine: only callers of the Unix socket may name one."""
LocalPaths = Annotated[tuple[str, ...], HERE]
"""Several of them."""


def local_fields(shape: type) -> tuple[str, ...]:
    """The fields of a request that name files of this machine."""
    kinds = get_type_hints(shape, include_extras=True)
    return tuple(name for name, kind in kinds.items() if HERE in getattr(kind, "__metadata__", ()))


def check_absolute(path: str) -> None:
    """Return if a path means the same to the daemon as to its caller; raises Usage."""
    if not path.startswith("/") or "\0" in path:
        raise Usage(f"{path!a}: not an absolute path", hint="the daemon has a folder of its own")


def parse(body: bytes) -> dict[str, object]:
    """The JSON object in a request's body; an empty body is an empty object."""
    if not body.strip():
        return {}
    try:
        value = json.loads(body, object_pairs_hook=_pairs, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the request is not JSON: {error}", hint=_HINT) from None
    if not isinstance(value, dict):
        raise Malformed("the request is not a JSON object", hint=_HINT)
    return value


def fit(shape: type[T], values: dict[str, object]) -> T:
    """The request these values make; raises Usage."""
    kinds = get_type_hints(shape)
    unknown = sorted(values.keys() - kinds.keys())
    if unknown:
        raise Usage(f"unknown: {', '.join(unknown)}", hint=f"there are: {', '.join(kinds)}")
    lacking = sorted(_needed(shape) - values.keys())
    if lacking:
        raise Usage(f"lacking: {', '.join(lacking)}", hint="docs/spec/local_api.md has all of them")
    return shape(**{name: _value(name, kinds[name], value) for name, value in values.items()})


def _needed(shape: type) -> set[str]:
    return {
        field.name
        for field in fields(shape)
        if field.default is MISSING and field.default_factory is MISSING
    }


def _value(name: str, kind: object, value: object) -> object:
    if isinstance(kind, UnionType):
        kinds = [each for each in get_args(kind) if each is not NoneType]
        return None if value is None else _value(name, kinds[0], value)
    if get_origin(kind) is tuple:
        return _many(name, get_args(kind)[0], value)
    if not isinstance(kind, type) or type(value) is not kind:
        raise Usage(f"{name}: {json.dumps(value)[:40]} is no {_WORDS.get(kind, kind)}")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise TooLarge(f"{name}: {len(value)} characters, {MAX_TEXT} are the most")
    return value


def _many(name: str, kind: object, value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise Usage(f"{name}: not a list")
    if len(value) > MAX_ITEMS:
        raise TooLarge(f"{name}: {len(value)} of them, {MAX_ITEMS} are the most")
    return tuple(_value(name, kind, each) for each in value)


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key is there twice")
    return values


def _constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


_HINT: Final = "docs/spec/local_api.md says what requests look like"
_WORDS: Final[dict[object, str]] = {str: "text", bool: "true or false", int: "whole number"}
