"""What the daemon says for terminals, as the page says it: its own ways, or who has to do it."""

import json
from base64 import b64encode

from playwright.sync_api import Page, Route, expect

from frontends.checks import BAD, GOOD, WARNING, Check
from tests.browser.chromium import Tab
from tests.browser.visiting import go
from tests.daemons.processes import Home

PROOF = b"two signed records"
CHECKS = (
    Check(
        "network", WARNING, "only this machine can reach this node", "see 'listen' in config.toml"
    ),
    Check("state", BAD, "your home went back", "'holdfast restored' shows what it has"),
    Check("space", BAD, "0.0 GiB free", "free some space: nothing can be stored"),
    Check("histories", BAD, "your home showed two", "'holdfast doctor --acknowledge'"),
    Check("clock", GOOD, "the clock says noon"),
)
NEWS = (
    "bob~k7q2 wants to follow you: 'holdfast accept bob'",
    "bob changed what they share with you: 'holdfast ls /bob'",
    "carol trusts you with a share of their recovery kit: 'holdfast recovery kept'",
    "something else: 'holdfast unheard of'",
)


def answering(page: Page, home: Home, seen: list[int]) -> None:
    """The daemon's own answers, with findings that a test cannot bring about all at once."""

    def doctor(route: Route) -> None:
        proof = {"whose": "alice", "by": "bob", "time": 1, "proof": b64encode(PROOF).decode()}
        done = {
            "checks": [each.fields() for each in CHECKS if not seen or each.name != "histories"],
            "proofs": [{**proof, "seen": seen[0] if seen else None}],
        }
        route.fulfill(body=json.dumps({"done": done}) + "\n")

    standing = home.run("--json", "status").ok().events[-1]["done"]
    assert isinstance(standing, dict)
    news = [{"time": 1, "said": each} for each in NEWS]

    def status(route: Route) -> None:
        done = {**standing, "news": news}
        route.fulfill(body=json.dumps({"done": done}) + "\n")

    def acknowledge(route: Route) -> None:
        seen.append(2)
        route.fulfill(body='{"done": {"seen": 1}}\n')

    page.route("**/v1/doctor", doctor)
    page.route("**/v1/doctor/acknowledge", acknowledge)
    page.route("**/v1/status", status)


def test_a_command_becomes_a_way_on_the_page(tab: Tab, home: Home) -> None:
    page = tab.page
    answering(page, home, [])
    go(page, "settings/node")
    rows = page.get_by_role("listitem")
    network = rows.filter(has_text="only this machine")
    expect(network).to_contain_text("For whoever runs this machine: see listen in config.toml")
    expect(network.locator("code")).to_have_text(["listen", "config.toml"])
    state = rows.filter(has_text="went back")
    expect(state).to_contain_text("In a terminal on this machine: holdfast restored shows what")
    expect(rows.filter(has_text="0.0 GiB")).to_contain_text("free some space: nothing can")

    asked = rows.filter(has_text="wants to follow you")
    expect(asked).to_contain_text("wants to follow you. People")
    expect(asked.get_by_role("link")).to_have_attribute("href", "#/people")
    changed = rows.filter(has_text="changed what they share")
    expect(changed.get_by_role("link", name="bob")).to_have_attribute("href", "#/files/bob")
    kept = rows.filter(has_text="trusts you with a share")
    expect(kept.get_by_role("link")).to_have_attribute("href", "#/settings/security")
    expect(rows.filter(has_text="something else").locator("code")).to_have_text(
        "holdfast unheard of"
    )


def test_two_histories_are_kept_and_dealt_with(tab: Tab, home: Home) -> None:
    page = tab.page
    answering(page, home, [])
    go(page, "settings/node")
    expect(page.get_by_text("--acknowledge")).to_have_count(0)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Keep the proof").click()
    assert coming.value.suggested_filename == "two-histories-alice.proof"
    assert coming.value.path().read_bytes() == PROOF
    page.get_by_role("button", name="I have dealt with it").press("Enter")
    expect(page.get_by_text("The proof stays.")).to_be_visible()
    expect(page.get_by_text("your home showed two")).to_have_count(0)
    expect(page.get_by_role("button", name="Keep the proof")).to_have_count(0)
