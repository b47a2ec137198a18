"""What was opened lately: found by all it depends on, bounded, gone with the session."""

from client.space.opened import Opened


def test_what_was_put_is_found_until_there_is_no_room() -> None:
    opened = Opened(limit=100)
    for name in (b"a", b"b", b"c"):
        opened.put((name, bytes(30)), name)
    assert opened.get((b"a", bytes(30))) == b"a"
    opened.put((b"d", bytes(30)), b"d")
    assert opened.get((b"b", bytes(30))) is None
    assert opened.get((b"a", bytes(30))) == b"a"
    assert opened.get((b"a", bytes(31))) is None


def test_one_that_is_too_large_is_not_kept_and_harms_no_later_one() -> None:
    opened = Opened(limit=100)
    opened.put((bytes(101),), 1)
    assert opened.get((bytes(101),)) is None
    opened.put((b"small",), 2)
    opened.put((b"small",), 3)
    assert opened.get((b"small",)) == 3
    opened.clear()
    assert opened.get((b"small",)) is None
