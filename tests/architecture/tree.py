"""The source tree as these tests see it: folders, files, and what each file imports."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("frontends", "client", "node", "protocols", "storage", "formats", "crypto")


def source_files(root: Path = ROOT) -> list[Path]:
    """Every Python file of the seven folders below ``root``."""
    return [file for folder in FOLDERS for file in sorted((root / folder).rglob("*.py"))]


def packages(root: Path = ROOT) -> list[Path]:
    """Every folder of the seven that holds Python files, however deep."""
    return sorted({file.parent for file in source_files(root)})


def imported_modules(file: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import, also of those made by name at run time."""
    for found in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
        if isinstance(found, ast.Import):
            for alias in found.names:
                yield found.lineno, alias.name
        elif isinstance(found, ast.ImportFrom) and found.level == 0:
            yield found.lineno, found.module or ""
        elif isinstance(found, ast.Call) and _is_import_by_name(found.func):
            for argument in found.args[:1]:
                name = argument.value if isinstance(argument, ast.Constant) else None
                yield found.lineno, name if isinstance(name, str) else "?"


def _is_import_by_name(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}
