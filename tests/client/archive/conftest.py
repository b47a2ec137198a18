"""A town with three nodes, alice at the first, and her account in a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.archive.exporting import Export, Exported
from client.identity.attempt import Attempt
from client.session import Session
from tests.client.people import PASSWORD, Town, town
from tests.client.sharing.trees import Content, put, put_large

FILES: Content = {"docs/a.txt": b"one", "docs/deep/b.txt": b"two"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, "one", "two", "three") as made:
        yield made


@pytest.fixture
async def alice(world: Town) -> Session:
    made = await world.sign_up("alice", "one")
    await put(made, FILES)
    await put_large(made, "big.bin", 3)
    return made


@pytest.fixture
def small_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many frames for few files."""
    monkeypatch.setattr("client.archive.frames.FRAME", 4096)


async def exporting(session: Session) -> Export:
    """What the password opens, shown at the home."""
    home = session.line.homes[0]
    attempt = await Attempt.begin(session.around, home, session.name, PASSWORD)
    await attempt.aclose()
    return Export(session, attempt)


async def exported(session: Session, file: Path) -> Exported:
    """The whole account in a file."""
    return await (await exporting(session)).into_file(str(file), unseen)


def unseen(*_how_far: object) -> None:
    """Nobody watches."""
