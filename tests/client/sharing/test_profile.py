"""Profiles: who sees which field; what others write is shown within limits or not at all."""

import pytest

from client.session import Session
from client.sharing import profile as p
from client.sharing.circles import verbs
from client.sharing.drive import own_drive
from client.sharing.profile import Shown
from client.sharing.profile_fields import MAX_LINKS, MAX_PICTURE, TEXTS
from client.sharing.seen import who_sees
from client.sharing.share import share
from formats.errors import Malformed, NotFound, TooLarge, Usage
from tests.client.sharing.trees import put

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def seen(who: Session, person: str) -> dict[str, str]:
    found, problems = await p.profile_of(who, own_drive(who), person)
    assert problems == []
    return {each.field: each.value for each in found}


async def test_each_field_is_seen_by_whom_it_is_for(
    alice: Session, bob: Session, carol: Session
) -> None:
    drive = own_drive(alice)
    await verbs.new(alice, "family")
    await verbs.add(alice, "family", ["carol"])
    for field, value in (("name", "Alice"), ("text", "one\ntwo"), ("links", "https://a.example")):
        await p.set_text(alice, drive, field, value)
    await p.set_picture(alice, drive, PNG)
    assert await seen(bob, "alice") == {}
    await p.share_field(alice, drive, "name", ["all-contacts"])
    await p.share_field(alice, drive, "text", ["family"])
    await p.share_field(alice, drive, "picture", ["family", "bob"])
    assert await seen(bob, "alice") == {"name": "Alice", "picture": "/alice/.profile.picture"}
    assert await seen(carol, "alice") == {
        "name": "Alice", "text": "one\ntwo", "picture": "/alice/.profile.picture",
    }  # fmt: skip
    assert await p.profile(alice, drive) == [
        Shown("name", "Alice", ("all-contacts",)),
        Shown("text", "one\ntwo", ("family",)),
        Shown("links", "https://a.example"),
        Shown("picture", "/alice/.profile/picture", ("bob", "family")),
    ]
    await p.set_text(alice, drive, "text", "three")  # who sees it stays
    assert (await seen(carol, "alice"))["text"] == "three"
    await p.share_field(alice, drive, "name", ["bob"])
    await p.share_field(alice, drive, "picture", ["nobody"])
    assert await seen(carol, "alice") == {"text": "three"}
    assert await seen(bob, "alice") == {"name": "Alice"}
    assert [each.contact for each in await who_sees(alice, ".profile/name")] == ["bob"]


async def test_what_cannot_be_set_or_shared(alice: Session, bob: Session) -> None:
    drive = own_drive(alice)
    for field, value, error in (
        ("name", "x" * (TEXTS["name"] + 1), TooLarge),
        ("name", "two\nlines", Malformed),
        ("text", "bell\a", Malformed),
        ("text", "\ud800", Malformed),
        ("text", "x" * (TEXTS["text"] + 1), TooLarge),
        ("links", "javascript:alert(1)", Malformed),
        ("links", "https://[", Malformed),
        ("links", "https://a b", Malformed),
        ("links", "\n".join(["https://a"] * (MAX_LINKS + 1)), TooLarge),
        ("picture", "x", Usage),
        ("__proto__", "x", Usage),
    ):
        with pytest.raises(error):
            await p.set_text(alice, drive, field, value)
    for data, error in ((b"<svg/>", Malformed), (PNG + bytes(MAX_PICTURE), TooLarge)):
        with pytest.raises(error):
            await p.set_picture(alice, drive, data)
    assert await p.profile(alice, drive) == []
    with pytest.raises(NotFound):
        await p.share_field(alice, drive, "name", ["bob"])  # never set
    await p.set_text(alice, drive, "name", "x" * TEXTS["name"])
    with pytest.raises(NotFound):
        await p.share_field(alice, drive, "name", ["zoe"])
    with pytest.raises(Usage):
        await p.share_field(alice, drive, "name", ["nobody", "bob"])
    with pytest.raises(Usage):
        await p.share_field(alice, drive, "age", ["bob"])
    with pytest.raises(NotFound):
        await p.profile_of(alice, drive, "zoe")


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("name", b"x" * 129),
        ("name", b"\xff\xfe"),
        ("text", b"\x1b[2Jgone"),
        ("links", b"file:///etc/passwd"),
        ("picture", b"<html>"),
    ],
)
async def test_what_a_hostile_friend_writes_is_not_shown_and_hides_nothing(
    alice: Session, bob: Session, field: str, data: bytes
) -> None:
    drive = own_drive(alice)
    for each in ("name", "text"):
        if each != field:
            await p.set_text(alice, drive, each, "good")
            await p.share_field(alice, own_drive(alice), each, ["bob"])
    await put(alice, {f".profile/{field}": data})
    await share(alice, f".profile/{field}", "bob", f".profile.{field}")
    found, problems = await p.profile_of(bob, own_drive(bob), "alice")
    assert {each.field for each in found} == {"name", "text"} - {field}
    assert len(problems) == 1
