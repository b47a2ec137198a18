"""What is shown on a terminal cannot deceive, and fits."""

import random

import pytest

from frontends.cli.terminal import columns, counted, duration, moment, safe, size, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Grüße 日本 👨‍👩‍👧.txt", "Grüße 日本 👨‍👩‍👧.txt"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\r", "a\\nb\\r"),
        ("invoice\u202efdp.exe", "invoice\\u202efdp.exe"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("caf\udce9", "caf\\udce9"),
        ("\x7f\x9b", "\\x7f\\x9b"),
    ],
)
def test_what_could_deceive_is_escaped(text: str, shown: str) -> None:
    assert safe(text) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (1 << 20, "1.0 MiB"),
        (5 << 30, "5.0 GiB"),
        (1 << 50, "1.0 PiB"),
        (1 << 63, "8192.0 PiB"),
    ],
)
def test_sizes(count: int, shown: str) -> None:
    assert size(count) == shown


def test_no_size_up_to_the_largest_file_is_wider_than_its_column(rng: random.Random) -> None:
    for _ in range(2000):
        assert len(size(rng.randrange(2 ** rng.randrange(1, 54)))) <= 10


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (99, "99 s"),
        (100, "2 min"),
        (3600, "60 min"),
        (7800, "2 h 10 min"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_times_of_other_ages_are_no_fault() -> None:
    assert moment(2**62) == "????-??-?? ??:??"
    assert moment(-(2**62)) == "????-??-?? ??:??"


def test_counting() -> None:
    assert (counted(1, "file"), counted(1200, "file")) == ("1 file", "1,200 files")


def test_wide_letters_take_two_columns() -> None:
    assert (width("abc"), width("日本"), width("é"), width("e\u0301")) == (3, 4, 1, 1)


def test_names_stand_in_columns_read_downwards() -> None:
    assert columns(["a", "bb", "ccc", "dddd", "e"], 12) == ["a   ccc   e", "bb  dddd"]


def test_columns_never_overflow_and_lose_nothing(rng: random.Random) -> None:
    for _ in range(200):
        names = ["n" * rng.randrange(1, 30) + str(i) for i in range(rng.randrange(60))]
        rows = columns(names, 80)
        assert all(len(row) <= 80 for row in rows)
        assert sorted(" ".join(rows).split()) == sorted(names)


def test_one_name_wider_than_the_terminal_stands_alone() -> None:
    assert columns(["x" * 100, "y"], 80) == ["x" * 100, "y"]
