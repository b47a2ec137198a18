"""The stand-in for fastecdsa: enough for libp2p to be imported, and of no use for anything else."""

import ast
import importlib
import subprocess
import sys
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.architecture.tree import ROOT

STAND_IN = ROOT / "packaging" / "fastecdsa"
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def installed() -> None:
    """Skip where somebody has put the real, compiled fastecdsa into the environment."""
    if not hasattr(importlib.import_module("fastecdsa"), "Unsupported"):
        pytest.skip("the real fastecdsa is installed, so the stand-in is not")


def names_libp2p_imports() -> list[tuple[str, str]]:
    """Every ``from fastecdsa... import name`` in the libp2p of this environment."""
    spec = find_spec("libp2p")
    assert spec is not None
    assert spec.origin is not None
    return sorted(
        {
            (statement.module, alias.name)
            for file in Path(spec.origin).parent.rglob("*.py")
            if "fastecdsa" in (text := file.read_text("utf-8"))
            for statement in ast.walk(ast.parse(text))
            if isinstance(statement, ast.ImportFrom)
            and (statement.module or "").startswith("fastecdsa")
            and statement.module is not None
            for alias in statement.names
        }
    )


def test_it_is_what_libp2p_asks_for(tmp_path: Path) -> None:
    wheel = subprocess.run(
        [sys.executable, "-c", BUILD, str(tmp_path)],
        cwd=STAND_IN,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    name, version = wheel.split("-")[:2]
    asked = [Requirement(line) for line in requires("libp2p") or []]
    (wanted,) = [requirement for requirement in asked if requirement.name == name]
    assert wheel.endswith("-py3-none-any.whl")
    assert wanted.specifier.contains(Version(version))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("module", "name"), names_libp2p_imports())
def test_it_has_every_name_libp2p_imports(module: str, name: str) -> None:
    found = importlib.import_module(module)
    assert hasattr(found, name) or find_spec(f"{module}.{name}") is not None


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("module", "use"),
    [
        ("fastecdsa.keys", "gen_private_key"),
        ("fastecdsa.keys", "get_public_key"),
        ("fastecdsa.keys", "gen_keypair"),
        ("fastecdsa.point", "Point"),
        ("fastecdsa.encoding.util", "int_bytelen"),
        ("fastecdsa.encoding.sec1", "SEC1Encoder.encode_public_key"),
        ("fastecdsa.encoding.sec1", "SEC1Encoder.decode_public_key"),
    ],
)
def test_any_use_is_refused_with_the_way_out(module: str, use: str) -> None:
    found: object = importlib.import_module(module)
    for part in use.split("."):
        found = getattr(found, part)
    assert callable(found)
    with pytest.raises(NotImplementedError, match="install the real fastecdsa"):
        found(1, 2)
