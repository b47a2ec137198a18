"""Put the folders of the source tree inside ``holdfast/_app/`` of a wheel.

A wheel that shipped ``node/`` and ``storage/`` as they are would merge with
any other distribution of that name without a word from pip. An editable
install copies nothing: a copy would go stale and be run in silence.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("frontends", "client", "node", "protocols", "storage", "formats", "crypto")


class OneNameInSitePackages(BuildHookInterface[Any]):
    """Adds the seven folders to a standard wheel, and nothing to an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build; ``version`` is ``standard`` or ``editable``."""
        if version == "editable":
            return
        for folder in FOLDERS:
            build_data["force_include"][folder] = f"holdfast/_app/{folder}"
