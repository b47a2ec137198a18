"""The units and the container's file say what this program does."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from frontends.cli.families import all_names
from frontends.daemon.run import STOP_TIME
from node.config import DEFAULT_PORT
from tests.architecture.tree import ROOT

PACKAGING = ROOT / "packaging"
UNITS = sorted((PACKAGING / "systemd").glob("*.service"))


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text("utf-8"))
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_there_is_and_leaves_it_time_to_stop(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["ExecStart"].split()[-1] in all_names()
    assert float(service["TimeoutStopSec"]) > STOP_TIME
    assert service["NoNewPrivileges"] == "yes"
    assert service["UMask"] == "0077"


def test_the_system_unit_is_unprivileged_and_can_reload() -> None:
    service = unit(PACKAGING / "systemd" / "holdfast.service")["Service"]
    assert service["User"] == "holdfast"
    assert "u holdfast " in (PACKAGING / "systemd" / "holdfast.sysusers").read_text("utf-8")
    assert service["CapabilityBoundingSet"] == ""
    assert "-HUP" in service["ExecReload"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_no_fault(path: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    program = tmp_path / "holdfast"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = path.read_text("utf-8")
    for there in ("/opt/holdfast/bin/holdfast", "%h/.local/bin/holdfast"):
        text = text.replace(there, str(program))
    checked = tmp_path / path.name
    checked.write_text(text.replace("User=holdfast", "User=root").replace("Group=holdfast\n", ""))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(checked)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if path.name in line]
    assert (done.returncode, said) == (0, []), done.stderr


def test_the_container_is_unprivileged_and_copies_what_is_there() -> None:
    lines = (PACKAGING / "Containerfile").read_text("utf-8").splitlines()
    words = [line.split() for line in lines if line and not line.startswith(("#", " "))]
    assert [rest for first, *rest in words if first == "USER"] == [["holdfast"]]
    assert ["EXPOSE", str(DEFAULT_PORT)] in words
    assert ["ENTRYPOINT", '["holdfast"]'] in words
    assert "wheelhouse:" in (ROOT / "Makefile").read_text("utf-8")
