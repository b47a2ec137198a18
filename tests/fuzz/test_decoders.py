"""A sample for every decoder; ``make fuzz ARGS="--only decoders"`` is the same by the million."""

import ast
from random import Random

import pytest

from formats.dag_cbor import encode
from tests.architecture.tree import ROOT
from tests.conftest import SEED
from tests.fuzz.corpus import LONGEST, smaller, ways
from tests.fuzz.decoders import CORPUS, DECODERS, Decoder, Inputs, file_of, judge, kept, seeds

TIMES = 3000
"""Inputs for each decoder: together some 10^5."""

NOT_HERE = {
    "Envelope": "by every signed record",
    "IdentityChain": "a list of identity records",
    "Page": "needs the keys of its folder: tests/client/drive/test_page.py",
}
"""Decoders that others reach."""


def test_no_decoder_is_left_out() -> None:
    """Every class of ``formats`` with a ``decode`` or ``parse`` is under fire."""
    here = {name for each in DECODERS for name in _names(each)} | set(NOT_HERE)
    for file in (ROOT / "formats").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
                if methods & {"decode", "parse"}:
                    assert node.name in here, f"{node.name} of {file.name} is not in DECODERS"


def _names(decoder: Decoder) -> set[str]:
    """The class whose method it is, as far as it can be told."""
    inner = getattr(decoder.decode, "func", decoder.decode)
    found = {getattr(getattr(inner, "__self__", None), "__name__", "")}
    for cell in getattr(inner, "__closure__", None) or ():
        found.add(getattr(getattr(cell.cell_contents, "__self__", None), "__name__", ""))
    return found | {getattr(inner, "__name__", "")}


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda each: each.name)
def test_a_decoder_gives_a_value_or_one_of_our_errors(decoder: Decoder) -> None:
    inputs = Inputs(decoder, Random(f"{SEED} {decoder.name}"))
    read = sum(judge(decoder, inputs.next()) for _ in range(TIMES))
    assert read < TIMES, "nothing that was made was wrong"


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda each: each.name)
def test_every_input_that_is_kept_is_read_or_refused(decoder: Decoder) -> None:
    inputs = kept(decoder)
    assert len(inputs) >= 2, "nothing is kept: python -m tests.fuzz.corpus"
    read = [judge(decoder, data) for data in inputs]
    assert not all(read)


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda each: each.name)
def test_a_decoder_is_shot_at_with_something_right(decoder: Decoder) -> None:
    """Or all that is made of it would be refused by its first line."""
    assert any(judge(decoder, data) for data in (*seeds(decoder.vectors), *kept(decoder)))


def test_what_is_kept_is_small_and_of_some_decoder() -> None:
    files = {file_of(each): kept(each) for each in DECODERS}
    assert {each for each in CORPUS.iterdir() if each.suffix == ".txt"} == set(files)
    assert all(len(set(inputs)) == len(inputs) for inputs in files.values())
    assert max(len(data) for inputs in files.values() for data in inputs) <= LONGEST
    assert sum(file.stat().st_size for file in files) < 2**20


def test_an_input_is_made_smaller_without_losing_its_way() -> None:
    decoder = next(each for each in DECODERS if each.name == "dag_cbor")
    long = encode(5) + bytes(500)
    wanted = ways(decoder, long)
    short = smaller(decoder, long, wanted)
    assert len(short) == 2
    assert ways(decoder, short).issuperset(wanted)
