"""What the process is told once it has loaded everything."""

import gc
from typing import Final

YOUNG: Final = 10_000
"""Objects made before the collector looks for cycles among the new ones."""


def settle() -> None:
    """What is loaded stays: the collector need not look at it ever again.

    Without this each full collection walks everything that was ever imported, which
    stops the process for 50 to 70 ms, in the middle of a listing as often as not.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
