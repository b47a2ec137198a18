"""Every folder introduces itself: one sentence, then one line for each file and folder in it."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, packages

LINE = re.compile(r"^(?P<name>[a-z0-9_]+(?:\.py|/))(?:\s{2,}|\s*$)", re.MULTILINE)


def introduction(package: Path) -> str:
    """The docstring of a package, or nothing."""
    init = package / "__init__.py"
    return ast.get_docstring(ast.parse(init.read_text("utf-8"))) or "" if init.exists() else ""


def contents(package: Path) -> set[str]:
    """What the docstring should name: ``name.py`` for files, ``name/`` for packages."""
    files = {file.name for file in package.glob("*.py")} - {"__init__.py"}
    return files | {f"{folder.parent.name}/" for folder in package.glob("*/__init__.py")}


@pytest.mark.parametrize("package", packages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_package_names_each_of_its_files(package: Path) -> None:
    named = {match["name"] for match in LINE.finditer(introduction(package))}
    assert named == contents(package)


@pytest.mark.parametrize("package", packages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_package_begins_with_a_sentence(package: Path) -> None:
    first = introduction(package).split("\n\n")[0]
    assert first.endswith(".")
    assert len(first) > len("x.")
