"""What was loaded is left alone by the collector; what is made afterwards is not."""

import gc
import weakref

from frontends.daemon.tuning import YOUNG, settle


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = self


def test_what_was_there_is_frozen_and_new_cycles_are_still_collected() -> None:
    threshold = gc.get_threshold()
    try:
        settle()
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold()[0] == YOUNG
        ring = weakref.ref(Ring())
        gc.collect()
        assert ring() is None
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
