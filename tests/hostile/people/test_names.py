"""Names that have broken other programs: for circles, petnames and shares."""

import pytest

from client.session import Session
from client.sharing.circles import verbs
from client.sharing.circles.share import share_with_circle
from client.sharing.seen import who_sees
from client.sharing.share import share, shared_by_me
from client.social.card import contact_card
from client.social.contacts import contact
from client.social.follow import follow
from formats.errors import BadName
from tests.client.sharing.trees import put, theirs

ODD = [
    "constructor", "__proto__", "toString", "hasOwnProperty", "null", "undefined", "NaN", "-rf",
    "--help", "*", "%s", "{0}", "'; DROP TABLE contacts; --", "\u202egpj.exe", "\u200fabc\u200e",
    "\u2066x\u2069", "Ω" * 127, "😀" * 63, "e\u0301", "nobody", " ", "a b", "con", "~", "a~b-c",
    "ﷺ" * 85,
]  # fmt: skip
BAD = ["", ".", "..", "a/b", "a\0b", "a\nb", "\x1b[31m", "😀" * 255, "x" * 256, "\x85", "\ud800"]


@pytest.mark.parametrize("name", ODD, ids=ascii)
async def test_odd_names_are_names(alice: Session, bob: Session, name: str) -> None:
    await put(alice, {"docs/a": b"a"})
    made = await verbs.new(alice, name)
    await verbs.add(alice, name, ["bob"])
    shared = await share_with_circle(alice, "docs", name, name)
    assert await theirs(bob, "alice") == {f"{shared.name}/a": b"a"}
    (way,) = await who_sees(alice, "docs")
    assert (way.circle, way.contact) == (made.name, "bob")
    assert [each.contact for each in await shared_by_me(alice)] == [made.name]
    await verbs.delete(alice, made.name)
    assert await theirs(bob, "alice") == {}
    await share(alice, "docs", "bob", name)
    assert await theirs(bob, "alice") == {f"{shared.name}/a": b"a"}
    await follow(bob, await contact_card(alice), as_name=name)
    assert (await contact(bob, made.name)).id == alice.id


@pytest.mark.parametrize("name", BAD, ids=ascii)
async def test_what_is_no_name_is_refused(alice: Session, bob: Session, name: str) -> None:
    await put(alice, {"docs/a": b"a"})
    with pytest.raises(BadName):
        await verbs.new(alice, name)
    with pytest.raises(BadName):
        await share(alice, "docs", "bob", name)
    with pytest.raises(BadName):
        await follow(bob, await contact_card(alice), as_name=name)
    assert await verbs.listing(alice) == []
    assert await shared_by_me(alice) == []
