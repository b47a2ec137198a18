"""Write down which accounts are guessed at, so that a restart forgives nobody.

    guesses = {v, passwords: [[name, wrong, when]], codes: the same}        when in milliseconds

In the store, as a setting of the node's own: names of accounts, or what somebody took for one.
Written once a minute while there is any, and at the end: a node that is killed forgets a minute.
"""

from typing import Final

import trio

from formats.dag_cbor import Value, decode, encode
from formats.errors import HoldfastError, Malformed, UnknownVersion
from formats.fields import Fields
from node.core import Core
from node.guesses import FORGET, MOST_WRITTEN, Guesses
from node.logs import Log

_log: Final = Log("node.jobs")
_SETTING: Final = "guesses"


async def keep_guesses(core: Core) -> int:
    """Write it down, if it is not what is written; answers 0: there is nothing more to do."""
    now = core.clock.now_ms()
    found = encode({"v": 1, **{key: _rows(each, now) for key, each in _both(core).items()}})
    before = await core.store.read(lambda view: view.setting(_SETTING))
    if found != (before or _NOTHING):
        await core.store.write(lambda tx: tx.put_setting(_SETTING, found))
    return 0


async def recall_guesses(core: Core) -> None:
    """Go on from what was written; what cannot be read is as if it were not there."""
    data = await core.store.read(lambda view: view.setting(_SETTING))
    if data is None:
        return
    now = core.clock.now_ms()
    try:
        fields = Fields(decode(data, max_depth=4), "guesses")
        fields.version()
        rows = {key: fields.list_(key, MOST_WRITTEN) for key in _both(core)}
        found = {key: dict(_read(row, now) for row in rows[key]) for key in rows}
    except (Malformed, UnknownVersion):
        _log.warning("what was written of guesses cannot be read")
        return
    for key, guesses in _both(core).items():
        guesses.recall(found[key])


async def keep_at_the_end(core: Core) -> None:
    """The last time, when the node stops, for whatever reason."""
    with trio.CancelScope(shield=True):
        try:
            await keep_guesses(core)
        except HoldfastError as error:
            _log.warning("guesses were not written down", kind=type(error).__name__)


def _both(core: Core) -> dict[str, Guesses]:
    return {"passwords": core.guesses, "codes": core.codes}


def _rows(guesses: Guesses, now: int) -> list[Value]:
    return [
        [name, number, max(0, now - int(ago * 1000))]
        for name, (number, ago) in sorted(guesses.of_names().items())
    ]


def _read(row: Value, now: int) -> tuple[str, tuple[int, float]]:
    match row:
        case [str(name), int(number), int(when)]:
            return name, (number, min(max(0, now - when) / 1000, FORGET))
    raise Malformed("guesses: a row is no name and two numbers")


_NOTHING: Final = encode({"v": 1, "passwords": [], "codes": []})
