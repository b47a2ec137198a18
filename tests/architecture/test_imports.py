"""The trust boundary is a folder boundary, and each library has one owner.

The layers are the contracts in ``pyproject.toml``. What import-linter cannot
say, this file does: which folder may touch which library. Each rule is also
shown to catch somebody who breaks it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import FOLDERS, ROOT, imported_modules, source_files

CRYPTO: Final = "one folder to read for whoever checks our cryptography"
OWNERS: Final = {
    "libp2p": ("node", "its API changes; one folder follows it"),
    "multiaddr": ("node", "addresses of the network are strings to everybody else"),
    "google": ("node", "protobuf is how libp2p writes its messages"),
    "nacl": ("crypto", CRYPTO),
    "cryptography": ("crypto", CRYPTO),
    "shamir_mnemonic": ("crypto", CRYPTO),
    "hashlib": ("crypto", CRYPTO),
    "hmac": ("crypto", CRYPTO),
    "secrets": ("crypto", CRYPTO),
    "cbor2": ("formats", "its decoder is lax; formats.dag_cbor is strict"),
    "sqlite3": ("storage client", "bytes at rest; and the little that a client must never forget"),
    "psycopg": ("storage", "bytes at rest"),
    "fido2": ("crypto frontends", "keys are verified in crypto/, and talked to by a command"),
    "zxcvbn": ("client", "passwords are judged in one place"),
    "segno": ("frontends", "only frontends draw"),
}
"""Library -> the folders that may import it (one, but for good reason), and why."""


NO_IO: Final = ("trio", "socket", "asyncio", "subprocess", "http", "urllib")
PURE: Final = ("protocols", "formats", "crypto")
"""Folders that compute and never wait; a driver elsewhere does the waiting."""

RUN_IMPORT_LINTER: Final = (
    "from importlinter.cli import lint_imports_command; lint_imports_command()"
)


def trespasses(root: Path) -> list[str]:
    """Every import of a library from a folder that may not have it."""
    found = []
    for file in source_files(root):
        folder = file.relative_to(root).parts[0]
        for line, module in imported_modules(file):
            library = module.split(".")[0]
            owner, why = OWNERS.get(library, (folder, ""))
            if folder not in owner.split():
                rule = f"only {owner} may ({why})"
            elif folder in PURE and library in NO_IO:
                rule = f"{folder}/ does no I/O"
            elif module == "?":
                rule = "a module chosen at run time escapes every rule here"
            else:
                continue
            found.append(f"{file.relative_to(root)}:{line} imports {module}: {rule}")
    return found


def contracts(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the tree at ``root``; its own exit code says whether all are kept."""
    return subprocess.run(
        [sys.executable, "-c", RUN_IMPORT_LINTER, "--no-cache", "--no-logo"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_import_contracts_hold() -> None:
    said = contracts(ROOT)
    assert said.returncode == 0, said.stdout + said.stderr


def test_each_library_is_imported_by_its_owner_only() -> None:
    assert trespasses(ROOT) == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree, to plant violations in."""
    root = tmp_path_factory.mktemp("copy")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.mark.parametrize(
    ("culprit", "victim"),
    [
        ("client", "storage"),
        ("client", "node"),
        ("node", "client"),
        ("storage", "client"),
        ("storage", "protocols"),
        ("protocols", "storage"),
        ("node", "frontends"),
        ("formats", "protocols"),
        ("crypto", "formats"),
        ("crypto", "client"),
    ],
)
def test_an_import_that_points_up_or_across_is_caught(
    copy: Path, culprit: str, victim: str
) -> None:
    planted = copy / culprit / "planted.py"
    planted.write_text(f'"""A violation."""\n\nimport {victim}\n')
    try:
        said = contracts(copy)
    finally:
        planted.unlink()
    assert said.returncode != 0
    assert f"{culprit}.planted -> {victim}" in said.stdout


@pytest.mark.parametrize(
    ("culprit", "statement"),
    [
        ("client", "import libp2p"),
        ("protocols", "from libp2p.peer.id import ID"),
        ("frontends", "import importlib; importlib.import_module('libp2p')"),
        ("frontends", "__import__('libp2p.host')"),
        ("formats", "import hashlib"),
        ("storage", "from hashlib import sha256"),
        ("node", "import secrets"),
        ("client", "from nacl import bindings"),
        ("client", "def f() -> None:\n    from cryptography.hazmat import primitives"),
        ("node", "import hmac as h"),
        ("protocols", "import cbor2"),
        ("protocols", "import trio"),
        ("crypto", "import socket"),
        ("client", "import importlib\nimportlib.import_module(input())"),
    ],
)
def test_an_import_of_somebody_elses_library_is_caught(
    copy: Path, culprit: str, statement: str
) -> None:
    planted = copy / culprit / "planted.py"
    before = trespasses(copy)
    planted.write_text(f'"""A violation."""\n\n{statement}\n')
    try:
        found = [line for line in trespasses(copy) if line not in before]
    finally:
        planted.unlink()
    assert [line.split(":")[0] for line in found] == [f"{culprit}/planted.py"]
