"""What type content is given out as: its writer says it, and may be anybody who shares."""

import pytest

from frontends.web.showing import PLAIN, UNKNOWN, kind_of


@pytest.mark.parametrize("save", [False, True])
@pytest.mark.parametrize(
    "said",
    [
        "multipart/x-mixed-replace",  # parts with headers of their own
        "multipart/related",
        "message/rfc822",
        "application/x-xpinstall",  # some browsers offer to install these
        "application/x-x509-ca-cert",
        "application/pkix-cert",
        "no type",
        "text/html\r\nSet-Cookie: a=b",
        "TEXT/HTML",
        "",
    ],
)
def test_what_a_browser_would_act_upon_is_only_bytes(said: str, save: bool) -> None:
    assert kind_of(said, save) == UNKNOWN


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("image/png", "image/png"),
        ("video/mp4", "video/mp4"),
        ("application/pdf", "application/pdf"),
        ("text/html", "text/html"),
        ("text/javascript", PLAIN),
        ("text/xml", PLAIN),
    ],
)
def test_what_is_only_looked_at_is_what_it_is_said_to_be(said: str, shown: str) -> None:
    assert kind_of(said, save=False) == shown
