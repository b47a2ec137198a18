"""A home on a disk, to be backed up."""

from tests.node.checking.conftest import disk_world

__all__ = ["disk_world"]
