"""What is unfinished: listing it, and letting go of it."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from client.drive.crossing import inside
from client.drive.drive import Drive
from client.drive.transfers import shelf
from client.drive.transfers.downloading import Download, Downloads, Noted
from client.drive.transfers.journals import KEPT, UP
from client.drive.transfers.underway import Upload
from formats.errors import Conflict, Denied, Expired, NotFound, Usage
from formats.limits import CHUNK

SHORT: Final = 8
"""Letters of an id that are shown."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """One transfer that was begun. ``done`` of ``size`` bytes; times in milliseconds.

    ``session``: where an upload is staged; ``download``: what a download is.
    ``path`` is the one in the drive, ``local`` the one on the disk of ``device``.
    ``here``: a put on this machine goes on with it by itself. ``running``: it is being
    worked on in this process.
    """

    id: bytes
    session: bytes
    path: str
    local: str
    device: str
    done: int
    size: int
    began: int
    touched: int
    here: bool
    running: bool
    download: Download | None = None

    @property
    def verb(self) -> str:
        """What goes on with it: "put" or "get"."""
        return "put" if self.download is None else "get"

    @property
    def name(self) -> str:
        """What it is called by people."""
        return self.id.hex()[:SHORT]


async def unfinished(drive: Drive) -> list[Unfinished]:
    """Everything that was begun and not finished, the oldest first; what is too old goes."""
    found = await _all(drive)
    old = [each for each in found if not each.running and drive.now() - each.touched > KEPT]
    for each in old:
        await _let_go(drive, each)
    return [each for each in found if each not in old]


async def forget(drive: Drive, names: Sequence[str]) -> list[Unfinished]:
    """Let go of transfers by the first letters of their ids; without names, of all that rest.

    The home forgets what was sent of them. Raises NotFound, Usage for a name that
    fits several, and Conflict for one that is running.
    """
    found = await _all(drive)
    resting = [each for each in found if not each.running]
    chosen = [_called(found, name) for name in names] if names else resting
    for each in chosen:
        if each.running:
            raise Conflict(f"{each.name} is under way", hint="stop it with Ctrl-C where it runs")
    for each in chosen:
        await _let_go(drive, each)
    return chosen


async def _all(drive: Drive) -> list[Unfinished]:
    found: list[Unfinished] = []
    if drive.journals is not None:
        for here in drive.journals.uploads():
            running = here.upload.id in drive.journals.live
            found.append(_shown(drive, here.upload, here.held, here.touched, True, running))
        for noted in Downloads(drive.journals).all():
            running = noted.download.id in drive.journals.live
            found.append(_shown_download(drive, noted, running))
    known = {each.id for each in found}
    for there in await shelf.noted(drive):
        if there.upload.id not in known:
            found.append(_shown(drive, there.upload, there.held, there.touched, False, False))
    return sorted(found, key=lambda each: (each.began, each.id))


def _shown(
    drive: Drive, upload: Upload, held: Iterable[int], touched: int, here: bool, running: bool
) -> Unfinished:
    done = sum(min(CHUNK, upload.size - chunk * CHUNK) for chunk in held)
    path = upload.shared or str(drive.at(*upload.place))
    what = upload.id, upload.session, path, upload.source, upload.device
    return Unfinished(*what, done, upload.size, upload.began, touched, here, running)


def _shown_download(drive: Drive, noted: Noted, running: bool) -> Unfinished:
    it = noted.download
    done = sum(min(CHUNK, it.size - chunk * CHUNK) for chunk in noted.chunks)
    what = it.id, b"", it.path, it.target, drive.device
    return Unfinished(*what, done, it.size, it.began, noted.touched, True, running, it)


def _called(found: Sequence[Unfinished], name: str) -> Unfinished:
    fitting = [each for each in found if name and each.id.hex().startswith(name.lower())]
    if not fitting:
        hint = "'holdfast transfers' lists what is unfinished"
        raise NotFound(f"no unfinished transfer is called {name!a}", hint=hint)
    if len(fitting) > 1:
        raise Usage(f"several transfers begin with {name}", hint="write more of its name")
    return fitting[0]


async def _let_go(drive: Drive, each: Unfinished) -> None:
    """The home's part first: if it is away, the rest stays to be tried again."""
    if each.download is not None and drive.journals is not None:
        Downloads(drive.journals).forget(each.download)
        return
    its = await inside(drive, each.path)
    if its.outer is None:
        await drive.space.close_staging(each.session)
        await shelf.forget(drive, each.id)
    else:
        with suppress(Denied, Expired, NotFound):  # who may not write there any more has none
            await its.space.close_staging(each.session)
    if drive.journals is not None:
        drive.journals.forget(UP, each.id)
