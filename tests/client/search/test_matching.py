"""What fits a search, and what fits best."""

from dataclasses import replace

import pytest

from client.drive.entry import Kind
from client.search.matching import Item, Query, fold
from formats.errors import TooLarge, TooMany, Usage


def item(name: str, **more: object) -> Item:
    made = Item(name, fold(name), Kind.FILE, 100, 1000, None)
    return replace(made, **more)  # type: ignore[arg-type]


def fits(query: Query, thing: Item, above: str = "/alice") -> bool:
    """By the quick look and the slow one, which must agree."""
    lines = query.lines(thing.folded, fold(above))
    slow = query.named(thing.folded, fold(above)) and query.fits(thing)
    assert not slow or lines is None or list(lines)
    return slow


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("holiday", "My HOLIDAY.jpg"),
        ("uber", "Über.txt"),
        ("ÜBER", "uber.txt"),
        ("strasse", "Straße.pdf"),
        ("cafe", "cafe\u0301.txt"),
        ("oslo", "Øslo"),
        ("lodz", "Łódź.md"),
        ("ﬁn", "final.txt"),
        ("日本", "日本語.txt"),
        ("👩‍🚀", "a 👩‍🚀 b"),
        ("*.jpg", "A.JPG"),
        ("a?c", "abc"),
        ("*", "anything"),
        ("a*b*c", "axxbyyc"),
        ("[a]*", "[a] b"),
    ],
)
def test_a_word_fits_whatever_case_and_marks(word: str, name: str) -> None:
    assert fits(Query([word]), item(name))


@pytest.mark.parametrize(
    ("word", "name"), [("*.jpg", "a.jpg.txt"), ("a?c", "ac"), ("holiday", "holida"), ("?", "ab")]
)
def test_a_word_that_does_not_fit(word: str, name: str) -> None:
    assert not fits(Query([word]), item(name))


def test_several_words_fit_here_or_above_but_one_here() -> None:
    query = Query(["photos", "beach"])
    assert fits(query, item("beach.jpg"), "/alice/Photos/2026")
    assert fits(query, item("photos of a beach"), "/alice")
    assert not fits(query, item("other.jpg"), "/alice/photos/beach")
    assert not fits(query, item("beach.jpg"), "/alice/else")


def test_a_word_of_the_folder_alone_finds_what_has_it_in_its_name() -> None:
    assert fits(Query(["alice"]), item("alice.txt"), "/alice")
    assert not fits(Query(["alice"]), item("bob.txt"), "/alice")


@pytest.mark.parametrize(
    ("asked", "kind", "type_", "good"),
    [
        ("folder", Kind.FOLDER, None, True),
        ("folder", Kind.FILE, None, False),
        ("file", Kind.FILE, None, True),
        ("link", Kind.LINK, None, True),
        ("image", Kind.FILE, "image/png", True),
        ("image", Kind.FILE, "video/mp4", False),
        ("IMAGE/PNG", Kind.FILE, "image/png", True),
        ("application/*", Kind.FILE, "application/pdf", True),
        ("document", Kind.FILE, "application/pdf", True),
        ("archive", Kind.FILE, "application/zip", True),
        ("image", Kind.FILE, None, False),
        ("nonsense", Kind.FILE, "image/png", False),
    ],
)
def test_types(asked: str, kind: Kind, type_: str | None, good: bool) -> None:
    assert fits(Query([], asked), item("a", kind=kind, type=type_)) is good


def test_sizes_and_times_with_both_ends() -> None:
    query = Query(min_size=10, max_size=20, since=100, until=200)
    for size, modified, good in [(10, 100, True), (20, 200, True), (9, 100, False)]:
        assert fits(query, item("a", size=size, modified=modified)) is good
    assert not fits(query, item("a", size=21, modified=150))
    assert not fits(query, item("a", size=15, modified=99))
    assert not fits(query, item("a", size=15, modified=201))
    assert not fits(query, item("a", size=15, modified=150, kind=Kind.FOLDER))


def test_the_best_fit_is_first() -> None:
    names = ["a plan.txt", "explanation", "planet", "plan", "my-plan b", "plan.txt"]
    ranked = sorted(names, key=lambda name: (Query(["plan"]).rank(item(name)), name))
    assert ranked == ["plan", "plan.txt", "planet", "a plan.txt", "my-plan b", "explanation"]


def test_nothing_asked_is_refused() -> None:
    for words in ([], [""], ["\u0301"]):
        with pytest.raises(Usage):
            Query(words)


def test_limits_of_words() -> None:
    Query(["a"] * 16)
    Query(["a" * 255])
    with pytest.raises(TooMany):
        Query(["a"] * 17)
    with pytest.raises(TooLarge):
        Query(["a" * 256])


def test_a_pattern_of_many_stars_on_a_name_of_equal_letters_ends() -> None:
    assert not fits(Query(["*a" * 100 + "b"]), item("a" * 250))
    assert fits(Query(["*a" * 100 + "*b"]), item("a" * 250 + "b"))
