"""A journal: what was written is read back, up to where it was cut off or altered."""

from pathlib import Path

import pytest

from client.drive.transfers.journal import Journal, read_journal
from crypto.sealing import SealingKey
from crypto.secret import Secret
from formats.dag_cbor import Value
from formats.errors import StorageFailed

KEY = SealingKey(Secret(bytes(32)))
ID = bytes(range(16))
VALUES: list[Value] = [{"n": number} for number in range(4)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    journal = Journal.create(tmp_path / "in" / "j", ID, KEY)
    for value in VALUES:
        journal.add(value)
    journal.close()
    return journal.path


def test_what_was_added_is_there_and_more_can_follow(path: Path) -> None:
    assert read_journal(path, ID, KEY) == VALUES
    journal, values = Journal.open(path, ID, KEY)
    assert values == VALUES
    journal.add({"n": 4})
    journal.close()
    assert read_journal(path, ID, KEY) == [*VALUES, {"n": 4}]


def test_cut_off_anywhere_it_is_what_was_whole(path: Path) -> None:
    data = path.read_bytes()
    size = len(data) // len(VALUES)
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        assert read_journal(path, ID, KEY) == VALUES[: cut // size]
        journal, values = Journal.open(path, ID, KEY)
        journal.add({"n": 9})
        journal.close()
        assert read_journal(path, ID, KEY) == [*values, {"n": 9}]


def test_altered_anywhere_it_ends_before(path: Path) -> None:
    data = path.read_bytes()
    size = len(data) // len(VALUES)
    for at in range(len(data)):
        altered = bytearray(data)
        altered[at] ^= 0x10
        path.write_bytes(altered)
        assert read_journal(path, ID, KEY) == VALUES[: at // size]


def test_records_cannot_be_moved_or_left_out(path: Path) -> None:
    data = path.read_bytes()
    size = len(data) // len(VALUES)
    rows = [data[at : at + size] for at in range(0, len(data), size)]
    path.write_bytes(b"".join((rows[0], rows[2], rows[1], rows[3])))
    assert read_journal(path, ID, KEY) == VALUES[:1]
    path.write_bytes(b"".join(rows[1:]))
    assert read_journal(path, ID, KEY) == []


def test_of_another_key_or_id_it_is_nothing(path: Path) -> None:
    assert read_journal(path, bytes(16), KEY) == []
    assert read_journal(path, ID, SealingKey(Secret(b"1" * 32))) == []
    assert read_journal(path.with_name("gone"), ID, KEY) == []


def test_what_the_disk_says_is_said(path: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageFailed):
        read_journal(tmp_path, ID, KEY)
