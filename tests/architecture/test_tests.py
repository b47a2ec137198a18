"""Tests test something, and none of them sleeps (on a virtual clock they may)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT

TESTS = sorted(file for file in (ROOT / "tests").rglob("test_*.py") if "vectors" not in file.parts)
SLEEPS = {"time.sleep", "trio.sleep", "asyncio.sleep"}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for found in ast.walk(tree):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            yield found


def claims_something(function: ast.AST, helpers: set[str]) -> bool:
    """Whether it asserts, expects an error, or calls a function of its file that does."""
    for found in ast.walk(function):
        if isinstance(found, ast.Assert | ast.Raise):
            return True
        if isinstance(found, ast.Call):
            name = ast.unparse(found.func).rsplit(".", 1)[-1]
            if name in helpers or name in {"raises", "RaisesGroup", "fail"}:
                return True
            if name.startswith(("check", "expect", "assert", "verify")):
                return True
    return False


def idle_tests(file: Path) -> list[str]:
    """The tests of a file that claim nothing."""
    tree = ast.parse(file.read_text("utf-8"), str(file))
    helpers: set[str] = set()
    while more := {
        function.name
        for function in functions(tree)
        if function.name not in helpers and claims_something(function, helpers)
    }:
        helpers |= more
    return [
        f"{file.relative_to(ROOT)}:{function.lineno} {function.name}"
        for function in functions(tree)
        if function.name.startswith("test_") and function.name not in helpers
    ]


def test_every_test_claims_something() -> None:
    assert [line for file in TESTS for line in idle_tests(file)] == []


def test_no_test_sleeps() -> None:
    asleep = [
        f"{file.relative_to(ROOT)}:{found.lineno}"
        for file in TESTS
        if not re.search("autojump_clock|MockClock", text := file.read_text("utf-8"))
        for found in ast.walk(ast.parse(text))
        if isinstance(found, ast.Call)
        and ast.unparse(found.func) in SLEEPS
        and ast.unparse(found) != "trio.sleep(0)"
    ]
    assert asleep == []
