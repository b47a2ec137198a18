"""The system's own Chromium, driven through playwright: nothing is ever downloaded.

The browser finds no name but those of this machine: ``*.localhost`` as everywhere, and whatever
ends in ``.example``, which tests use for the pages of others.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    expect,
    sync_playwright,
)

FLAGS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",  # Chromium's own does not run as root
    "--host-resolver-rules=MAP *.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, "
    "EXCLUDE localhost, EXCLUDE *.localhost",
)

PATIENCE: Final = 60_000
"""Milliseconds until something that a test waits for is given up: a busy machine is slow."""


def need_chromium() -> str:
    """Where it is; the test that asks is left out without it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if "chromium" in os.environ.get("HOLDFAST_REQUIRE", "").split():
            pytest.fail("Chromium is required (HOLDFAST_REQUIRE) and is not installed")
        pytest.skip("Chromium is not installed")
    return found


@contextmanager
def running() -> Iterator[Browser]:
    """A browser, until the block is left."""
    program = need_chromium()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(slots=True)
class Tab:
    """A tab of a browser that has no past, and what was seen of it.

    ``complaints``: errors and warnings on its console, and exceptions nobody caught.
    ``asked``: the address of every request, also of those that were refused. ``dialogs``: what
    was asked of a person, and waved off.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Watch from the first moment on, also the windows it opens."""
        context = self.page.context
        context.set_default_timeout(PATIENCE)
        complain, ask = self.complaints.append, self.asked.append
        context.on("console", lambda each: complain(_said(each)) if _counts(each) else None)
        context.on("weberror", lambda each: complain(str(each.error)))
        context.on("request", lambda each: ask(each.url))
        context.on("dialog", lambda each: self._wave_off(each))  # noqa: PLW0108  # not a method

    def _wave_off(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def strangers(self, *known: str) -> list[str]:
        """What was asked of hosts that are not among those ``known``, as ``name:port``.

        The browser's own parts (its PDF viewer) are nobody's.
        """
        remote = [
            each for each in self.asked if urlsplit(each).scheme in ("http", "https", "ws", "wss")
        ]
        return [each for each in remote if urlsplit(each).netloc not in known]


def _counts(message: ConsoleMessage) -> bool:
    return message.type in ("error", "warning")


def _said(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location['url']})"


@contextmanager
def opened(browser: Browser) -> Iterator[Tab]:
    """A tab of a fresh profile: no cookies, no storage."""
    context: BrowserContext = browser.new_context()
    try:
        yield Tab(context.new_page())
    finally:
        context.close()
