"""One version, said in two places."""

import tomllib

from frontends.version import PROGRAM
from tests.daemons.processes import ROOT


def test_the_program_says_the_version_it_was_packaged_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == PROGRAM
