"""What doctor says of the last backup; and what is known of it, kept and read again."""

from pathlib import Path

import pytest

from frontends.api.node.last_backup import OLD, judged
from node.backups.last import LastBackup, last_backup, note_checked
from node.folder import NodeFolder

MADE = 1_795_000_000_000
GOOD = LastBackup(MADE, "/mnt/b/1", 1000, 0, MADE + 5)


@pytest.mark.parametrize(
    ("last", "lives", "now", "state", "said"),
    [
        (None, 0, MADE, "good", "nothing to back up"),
        (None, 1, MADE, "warning", "never backed up"),
        (GOOD, 1, MADE + OLD, "good", "found whole on 2026-11-18"),
        (GOOD, 1, MADE + OLD + 1, "warning", "long ago"),
        (LastBackup(MADE, "/b", 1, 0), 1, MADE, "good", "not checked"),
        (LastBackup(MADE, "/b", 1, 2), 1, MADE, "warning", "lacks"),
        (LastBackup(MADE, "/b", 1, 0, MADE, 3), 1, MADE, "warning", "damaged"),
    ],
)
def test_how_it_is_said(
    last: LastBackup | None, lives: int, now: int, state: str, said: str
) -> None:
    check = judged(last, lives, now)
    assert (check.state, said in check.said) == (state, True), check


def test_it_is_kept_and_read_again(tmp_path: Path) -> None:
    assert last_backup(tmp_path) is None
    note_checked(tmp_path, Path("/mnt/b/1"), MADE, 0)
    assert last_backup(tmp_path) is None
    GOOD.keep(tmp_path)
    assert last_backup(tmp_path) == GOOD
    note_checked(tmp_path, Path("/mnt/b/2"), MADE + 9, 1)
    assert last_backup(tmp_path) == GOOD, "another backup was checked"
    note_checked(tmp_path, Path("/mnt/b/1"), MADE + 9, 1)
    found = last_backup(tmp_path)
    assert found is not None
    assert (found.checked, found.wrong) == (MADE + 9, 1)


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"[]", b'{"format": 2}', b'{"format": 1}', b"\xff"])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, spoilt: bytes) -> None:
    NodeFolder(tmp_path).make()
    NodeFolder(tmp_path).backup_file.write_bytes(spoilt)
    assert last_backup(tmp_path) is None
