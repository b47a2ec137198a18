"""What we import we declare, and what we declare we import."""

import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import FOLDERS, ROOT, imported_modules, source_files

AWAITED: Final = {"h11", "libp2p", "multiaddr", "segno"}
"""Declared ahead of the code that uses them. This set only ever shrinks."""

OURS: Final = {*FOLDERS, "holdfast", "benchmarks", "tests"}


def declared() -> set[str]:
    """The distributions that ``pyproject.toml`` asks for at run time."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}


def extras() -> set[str]:
    """The distributions that ``pyproject.toml`` asks for where somebody wants more."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [line for extra in project["optional-dependencies"].values() for line in extra]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def imported() -> dict[str, str]:
    """Distribution -> a file of ours that imports it."""
    owners = packages_distributions()
    found: dict[str, str] = {}
    for file in source_files():
        for line, module in imported_modules(file):
            top = module.split(".")[0]
            if top in OURS or top in sys.stdlib_module_names:
                continue
            (owner,) = set(owners.get(top, [top]))
            found.setdefault(canonicalize_name(owner), f"{file.relative_to(ROOT)}:{line}")
    return found


def test_every_import_is_declared() -> None:
    known = declared() | extras()
    assert {name: where for name, where in imported().items() if name not in known} == {}


def test_what_decodes_pictures_is_imported_by_the_process_that_draws_alone() -> None:
    """Decoders read what strangers wrote: never where there are keys."""
    importing = {
        str(file.relative_to(ROOT))
        for file in source_files()
        for _, module in imported_modules(file)
        if module.split(".")[0] == "PIL"
    }
    assert importing == {"client/drive/thumbnails/drawing.py"}


def test_every_declared_dependency_is_imported() -> None:
    assert declared() - set(imported()) <= AWAITED


def test_libp2p_is_pinned_exactly() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (wanted,) = [line for line in project["dependencies"] if line.startswith("libp2p")]
    assert [(one.operator, "*" in one.version) for one in Requirement(wanted).specifier] == [
        ("==", False)
    ]
