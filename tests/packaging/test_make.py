"""One word from a clone to a working program, on a machine that has next to nothing."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

TOOLS = ["make", "git", "sh", "awk", "cat", "env", "find", "grep", "ls", "mkdir", "rm", "sed"]
TOOLS += ["touch", "tr", "uname"]
VERBS = {"setup", "run", "test", "check", "story", "town", "bench", "docs", "fmt"}
PASSED_ON = ("SSL_CERT_FILE", "https_proxy", "HTTPS_PROXY", "no_proxy", "UV_DEFAULT_INDEX")


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty home, and a PATH with make, git and a shell: no compiler."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found is None:
            pytest.skip(f"this machine has no {tool}")
        (tmp_path / "bin" / tool).symlink_to(found)
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**passed_on, "PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What git would give somebody who cloned the tree as it is now."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this copy of the tree is not a git clone")
    for name in listed.stdout.rstrip("\0").split("\0"):
        if (ROOT / name).is_file():
            target = tmp_path / "clone" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return tmp_path / "clone"


def make(where: Path, words: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *words], cwd=where, env=env, capture_output=True, text=True, check=False
    )


def test_a_bare_make_lists_its_words(bare: dict[str, str]) -> None:
    said = make(ROOT, [], bare)
    assert said.returncode == 0
    assert {line.split()[1] for line in said.stdout.splitlines()} >= VERBS


def test_no_python_is_one_line_that_says_what_to_install(clone: Path, bare: dict[str, str]) -> None:
    said = make(clone, ["setup"], bare)
    assert said.returncode != 0
    ours = [line for line in said.stderr.splitlines() if not line.startswith("make")]
    assert len(ours) == 1
    assert "Python 3.11 or newer" in ours[0]


@pytest.fixture
def bare_with_python(bare: dict[str, str]) -> dict[str, str]:
    """The same with the Python that runs this test, and a way to PyPI."""
    try:
        urllib.request.urlopen("https://pypi.org/simple/uv/", timeout=10).close()
    except (urllib.error.URLError, OSError):
        pytest.skip("no way to PyPI from here")
    python = Path(bare["PATH"]) / f"python3.{sys.version_info.minor}"
    python.symlink_to(os.path.realpath(sys.executable))
    return bare


@pytest.mark.slow
def test_set_up_needs_python_make_git_and_nothing_else(
    clone: Path, bare_with_python: dict[str, str]
) -> None:
    said = make(clone, ["setup"], bare_with_python)
    assert said.returncode == 0, said.stdout + said.stderr
    program = [str(clone / ".venv" / "bin" / "python"), "-W", "error", "-c"]
    subprocess.run([*program, "import libp2p, holdfast, crypto"], env=bare_with_python, check=True)
    assert (clone / ".venv" / "bin" / "holdfast").exists()
    again = make(clone, ["setup"], bare_with_python)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.slow
def test_the_wheelhouse_installs_without_a_compiler(
    clone: Path, bare_with_python: dict[str, str], tmp_path: Path
) -> None:
    said = make(clone, ["wheelhouse"], bare_with_python)
    assert said.returncode == 0, said.stdout + said.stderr
    (wheel,) = (clone / "dist").glob("holdfast-*.whl")
    uv, site = str(clone / ".uv" / "bin" / "uv"), tmp_path / "site"
    install = ["pip", "install", "--quiet", "--python", str(site), "--find-links", "dist"]
    for words in (["venv", "--quiet", str(site)], [*install, f"dist/{wheel.name}"]):
        subprocess.run([uv, "--no-config", *words], cwd=clone, env=bare_with_python, check=True)
    code = (
        "import libp2p, holdfast, crypto, fastecdsa; fastecdsa.Unsupported; print(crypto.__file__)"
    )
    where = subprocess.run(
        [str(site / "bin" / "python"), "-W", "error", "-c", code],
        cwd=tmp_path,
        env=bare_with_python,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert where.startswith(str(site))
    assert "holdfast/_app/crypto" in where
