"""A request fits its shape or is told which key does not."""

from dataclasses import dataclass

import pytest

from formats.errors import HoldfastError, TooLarge, Usage
from frontends.api.shapes import MAX_ITEMS, MAX_TEXT, fit, parse


@dataclass(frozen=True, slots=True)
class Shape:
    """One of each kind."""

    path: str
    many: tuple[str, ...] = ()
    deep: bool = False
    limit: int | None = None
    name: str | None = None


def test_what_fits_becomes_the_dataclass() -> None:
    values = parse(b'{"path": "a", "many": ["b", "c"], "deep": true, "limit": 3, "name": null}')
    assert fit(Shape, values) == Shape("a", ("b", "c"), True, 3, None)


def test_what_has_a_default_can_be_left_out() -> None:
    assert fit(Shape, {"path": "a"}) == Shape("a")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"path": 1},
        {"path": None},
        {"path": "a", "many": "b"},
        {"path": "a", "many": [1]},
        {"path": "a", "deep": 1},
        {"path": "a", "deep": "true"},
        {"path": "a", "limit": True},
        {"path": "a", "limit": 1.5},
        {"path": "a", "colour": "red"},
    ],
)
def test_what_does_not_fit_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(Usage):
        fit(Shape, values)


@pytest.mark.parametrize(
    ("values", "good"),
    [
        ({"path": "x" * MAX_TEXT}, True),
        ({"path": "x" * (MAX_TEXT + 1)}, False),
        ({"path": "", "many": ["x"] * MAX_ITEMS}, True),
        ({"path": "", "many": ["x"] * (MAX_ITEMS + 1)}, False),
    ],
    ids=["longest text", "longer text", "most items", "more items"],
)
def test_both_sides_of_the_limits(values: dict[str, object], good: bool) -> None:
    try:
        fit(Shape, values)
    except TooLarge:
        assert not good
    else:
        assert good


@pytest.mark.parametrize("body", [b"", b" \n", b"{}"])
def test_nothing_is_an_empty_object(body: bytes) -> None:
    assert parse(body) == {}


@pytest.mark.parametrize(
    "body", [b"1", b"null", b'"{}"', b"{'a': 1}", b'{"a": 1, "a": 1}', b'{"a": Infinity}']
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(HoldfastError):
        parse(body)


def test_local_paths_keep_bytes_that_are_no_text() -> None:
    assert fit(Shape, parse(b'{"path": "caf\\udce9"}')).path.encode("utf-8", "surrogateescape") == (
        b"caf\xe9"
    )
