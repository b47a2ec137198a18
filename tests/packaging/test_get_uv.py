"""Fetching uv: the right file for each machine, and only one whose hash we know."""

import hashlib
import io
import platform
import sys
import urllib.error
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

WHEELS = [
    "uv-0.13.9-py3-none-linux_armv6l.whl",
    "uv-0.13.9-py3-none-macosx_10_12_x86_64.whl",
    "uv-0.13.9-py3-none-macosx_11_0_arm64.whl",
    "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
    "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "uv-0.13.9-py3-none-musllinux_1_1_x86_64.whl",
    "uv-0.13.9-py3-none-win_amd64.whl",
]


@pytest.fixture
def get_uv() -> ModuleType:
    """A fresh copy of the script; it stands outside every package, so it is loaded by path."""
    path = Path(__file__).resolve().parents[2] / "packaging" / "get_uv.py"
    spec = spec_from_file_location("get_uv", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("system", "machine", "libc", "expected"),
    [
        ("linux", "x86_64", "glibc", "manylinux_2_17_x86_64"),
        ("linux", "aarch64", "glibc", "manylinux_2_17_aarch64"),
        ("linux", "x86_64", "", "musllinux_1_1_x86_64"),
        ("linux", "aarch64", "", "musllinux_1_1_aarch64"),
        ("darwin", "x86_64", "", "macosx_10_12_x86_64"),
        ("darwin", "arm64", "", "macosx_11_0_arm64"),
    ],
)
def test_each_machine_gets_one_wheel_that_runs_there(
    get_uv: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    machine: str,
    libc: str,
    expected: str,
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: (libc, ""))
    chosen = [wheel for wheel in WHEELS if get_uv.fits(wheel)]
    assert len(chosen) == 1
    assert expected in chosen[0]


def wheel_of(program: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("uv-0.13.9.data/scripts/uv", program)
    return made.getvalue()


def serve(get_uv: ModuleType, monkeypatch: pytest.MonkeyPatch, wheel: bytes) -> None:
    """Stand in for PyPI: one page with a link to every wheel, and ``wheel`` behind each."""
    names = [name.replace("0.13.9", get_uv.version()) for name in WHEELS]
    page = "".join(f'<a href="https://files.example/{name}#sha256=0">{name}</a>' for name in names)
    monkeypatch.setattr(
        get_uv, "download", lambda url: page.encode() if url == get_uv.INDEX else wheel
    )


def test_a_wheel_with_a_known_hash_is_used(
    get_uv: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = wheel_of(b"#!/bin/sh\n")
    serve(get_uv, monkeypatch, wheel)
    monkeypatch.setattr(get_uv, "hashes", lambda: {hashlib.sha256(wheel).hexdigest()})
    assert get_uv.binary_of(get_uv.fetch_wheel()) == b"#!/bin/sh\n"


def test_a_wheel_with_another_hash_is_refused(
    get_uv: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(get_uv, monkeypatch, wheel_of(b"something else"))
    with pytest.raises(SystemExit, match="nothing was used"):
        get_uv.fetch_wheel()


def test_no_network_is_one_line_that_says_what_to_do(
    get_uv: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(url: str) -> bytes:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(get_uv, "download", unreachable)
    with pytest.raises(SystemExit, match=r"no route.*make setup UV=uv") as raised:
        get_uv.fetch_wheel()
    assert "\n" not in str(raised.value)


def test_every_pinned_hash_is_read(get_uv: ModuleType) -> None:
    assert len(get_uv.hashes()) >= len(WHEELS)
    assert get_uv.version().count(".") == 2
