"""Put uv into ``.uv/`` with Python's standard library alone.

``python packaging/get_uv.py DIR`` leaves ``DIR/bin/uv``, of the version and
with one of the hashes in ``uv.txt``. It asks pip first, since pip knows about
mirrors and proxies; Debian keeps pip, venv and ensurepip in packages of their
own, so without pip it fetches the wheel (a zip file) from PyPI by itself.
"""

import hashlib
import io
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urljoin

PINNED = Path(__file__).resolve().parent / "uv.txt"
INDEX = "https://pypi.org/simple/uv/"


def main(target: Path) -> None:
    """Fetch uv unless the pinned version is there already."""
    uv = target / "bin" / "uv"
    if is_pinned(uv):
        return
    if not (by_pip(target) and is_pinned(uv)):
        uv.parent.mkdir(parents=True, exist_ok=True)
        uv.write_bytes(binary_of(fetch_wheel()))
        uv.chmod(0o755)
    if not is_pinned(uv):
        raise SystemExit(f"{uv} does not run here; install uv yourself and say: make setup UV=uv")


def version() -> str:
    """The version of uv that ``uv.txt`` pins."""
    found = re.search(r"^uv==([0-9.]+)", PINNED.read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{PINNED} pins no version of uv")
    return found[1]


def hashes() -> set[str]:
    """SHA-256 of every wheel we accept, in hex."""
    return set(re.findall(r"sha256:([0-9a-f]{64})", PINNED.read_text()))


def is_pinned(uv: Path) -> bool:
    """Whether this file runs and is of the pinned version."""
    if not uv.exists():
        return False
    try:
        said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return said.stdout.split()[1:2] == [version()]


def by_pip(target: Path) -> bool:
    """Let pip do it, if this Python has pip; True if it succeeded."""
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--no-warn-script-location", "--no-input"]
        command += ["--only-binary", ":all:", "--require-hashes", "--requirement", str(PINNED)]
        done = subprocess.run(
            [*command, "--target", empty], capture_output=True, text=True, check=False
        )
        binary = Path(empty, "bin", "uv")
        if done.returncode != 0 or not binary.exists():
            return False
        uv = target / "bin" / "uv"
        uv.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(binary, uv)
    return True


def fetch_wheel() -> bytes:
    """Download this machine's wheel from PyPI and check it against ``uv.txt``."""
    try:
        page = download(INDEX).decode()
        for link, name in re.findall(r'href="([^"#]+/([^"/#]+\.whl))[#"]', page):
            if name.startswith(f"uv-{version()}-") and fits(name):
                wheel = download(urljoin(INDEX, link))
                break
        else:
            raise SystemExit(
                f"PyPI has no uv {version()} for {platform.machine()} {sys.platform};"
                " install uv yourself and say: make setup UV=uv"
            )
    except (urllib.error.URLError, OSError) as error:
        raise SystemExit(
            f"cannot reach {INDEX} ({error}) and pip is not of help here;"
            " check the network, or install uv yourself and say: make setup UV=uv"
        ) from None
    if hashlib.sha256(wheel).hexdigest() not in hashes():
        raise SystemExit(f"{INDEX} gave a uv whose hash is not in {PINNED.name}; nothing was used")
    return wheel


def fits(wheel: str) -> bool:
    """Whether a wheel of this file name runs on this machine."""
    machine = {"AMD64": "x86_64", "arm64": "arm64"}.get(platform.machine(), platform.machine())
    if sys.platform == "darwin":
        return "macosx" in wheel and wheel.endswith(f"_{machine}.whl")
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return any(
        tag.startswith(libc) and tag.endswith(f"_{machine}")
        for tag in wheel.removesuffix(".whl").split("-")[-1].split(".")
    )


def download(url: str) -> bytes:
    """One file over HTTPS, whole."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        content: bytes = answer.read()
        return content


def binary_of(wheel: bytes) -> bytes:
    """The ``uv`` program inside the wheel."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        for name in archive.namelist():
            if name.endswith(".data/scripts/uv"):
                return archive.read(name)
    raise SystemExit("the wheel of uv holds no program; please report this")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
