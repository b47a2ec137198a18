"""Plain names inside, one name outside: what a wheel holds, and that it runs from there."""

import os
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.tree import FOLDERS, ROOT, source_files

BUILD = "import sys; from hatchling.build import {0}; {0}(sys.argv[1])"
OURS = {*FOLDERS, "holdfast"}


def build(into: Path, how: str = "build_wheel") -> Path:
    """Build with hatchling as pip would, but from this environment: nothing is fetched."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(how), str(into)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = into.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like site-packages with only our wheel unpacked in it."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_no_dependency_ships_our_folder_names() -> None:
    taken = {
        name: owners
        for name, owners in packages_distributions().items()
        if name in OURS and set(owners) != {"holdfast"}
    }
    assert taken == {}


def test_a_wheel_adds_one_name_to_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"holdfast"}


def test_a_wheel_holds_every_source_file_and_no_leavings(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix("holdfast/_app/") for name in archive.namelist()}
    wanted = {file.relative_to(ROOT).as_posix() for file in source_files()}
    assert wanted <= held
    assert [name for name in held if "__pycache__" in name or name.endswith(".pyc")] == []
    assert [name for name in held if name.startswith("tests/")] == []


def test_an_editable_install_copies_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path, "build_editable")) as archive:
        assert [name for name in archive.namelist() if "_app" in name] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_installed_copy_runs_its_own_folders(installed: Path, folder: str) -> None:
    code = f"import holdfast, {folder}; print({folder}.__file__)"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=installed.parent,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == str(installed / "holdfast" / "_app" / folder / "__init__.py")


def test_a_stranger_with_our_folder_name_does_not_get_in_the_way(
    installed: Path, tmp_path: Path
) -> None:
    stranger = tmp_path / "node"
    stranger.mkdir()
    (stranger / "__init__.py").write_text("raise RuntimeError('somebody else')\n")
    said = subprocess.run(
        [sys.executable, "-c", "import holdfast, node; print(node.__file__)"],
        cwd=tmp_path.parent,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{installed}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_app" in said.stdout
