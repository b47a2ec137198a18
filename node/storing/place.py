"""Which place the store is in: ``HOME/node/store.json``, written when it is first there.

    {"format": 1, "folder": "store", "store": {"blocks": "s3", "s3_endpoint": ..., ...}}

The settings say where the store should be. This says where it is, so that a changed setting
never makes a node begin with an empty store. Nothing secret is in it. Without the file, the
store is in files of the folder ``store``: so it is with homes of before there was a choice.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from formats.errors import BadConfig, StorageFailed, UnknownVersion
from node.folder import NodeFolder, failed, write_whole
from node.storing.settings import FILES, READERS, S3, StoreSettings
from storage.postgres.address import place_of

FORMAT: Final = 1
NAME: Final = "store.json"
FOLDER: Final = "store"
MOVE: Final = "store-move.json"
"""Where it is being moved to, as long as that is under way."""

OUTDATED: Final = "store-move.old"
"""The node ran since: what was moved so far is not what the store holds now."""


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A place. ``folder``: below the node's folder, for what is kept on this disk."""

    settings: StoreSettings
    folder: str = FOLDER

    @property
    def where(self) -> tuple[str, ...]:
        """What tells places apart; how they are reached may change."""
        settings = self.settings
        records = () if settings.records == FILES else place_of(settings.postgres_url)
        if settings.blocks == FILES:
            return (*records, FILES, settings.blocks_folder)
        return (*records, S3, settings.s3_endpoint, settings.s3_bucket, settings.s3_prefix)

    def reached_by(self, settings: StoreSettings) -> "StorePlace":
        """The same place, reached as these settings say."""
        return replace(self, settings=settings)

    def __str__(self) -> str:
        if self.settings.records == FILES and self.settings.blocks == FILES:
            return "in files of the data folder"
        records, blocks = "the data folder", str(self.settings.s3)
        if self.settings.records != FILES:
            records = f"the database at {'/'.join(place_of(self.settings.postgres_url))}"
        if self.settings.blocks == FILES:
            blocks = self.settings.blocks_folder or "the data folder"
        return f"in {records}, with larger blocks in {blocks}"


def place_in_use(node: NodeFolder) -> StorePlace | None:
    """The place of a node's store; None when it has none yet. Raises StorageFailed."""
    found = read_place(node.path / NAME)
    if found is None and (node.path / FOLDER / "index.db").exists():
        return StorePlace(StoreSettings())
    return found


def read_place(file: Path) -> StorePlace | None:
    """What a file says; None when it is not there. Raises StorageFailed, UnknownVersion."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise UnknownVersion(f"{file.name}: format {said['format']}")
        settings = {key: READERS[key](value) for key, value in said["store"].items()}
        folder = str(said["folder"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failed(f"{file.name} cannot be read", error) from None
    except (ValueError, KeyError, TypeError, AttributeError, BadConfig):
        raise StorageFailed(
            f"{file} does not say where the store is",
            hint="put the file back from a backup of the data folder",
        ) from None
    return StorePlace(StoreSettings(**settings), folder)  # type: ignore[arg-type]  # by READERS


def write_place(file: Path, place: StorePlace) -> None:
    """Write it, synced. Raises DiskFull, StorageFailed."""
    said = {"format": FORMAT, "folder": place.folder, "store": asdict(place.settings)}
    write_whole(file, json.dumps(said, indent=1).encode())
