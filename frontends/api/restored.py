"""A home that went back to a backup: what it has, and going on from there."""

from dataclasses import dataclass

from client.identity.whereabouts import publish_again
from client.sharing.own_spaces import own_key_in
from client.space.setting_back import Situation, look, set_back
from client.space.state import Tip
from formats.errors import Conflict
from frontends.api.reply import Json, Reply
from frontends.api.state import State


@dataclass(frozen=True, slots=True)
class Restored:
    """``accept``: the code of the state to go on from, as it was shown; without it, show."""

    accept: str | None = None


async def restored(state: State, asked: Restored, _reply: Reply) -> Json:
    """What your home has, compared with what was seen; or go on from what it has."""
    session = state.session
    view = session.space.view
    situation = await look(view)
    if asked.accept is None:
        return {**_said(situation), "accepted": False}
    if asked.accept != situation.code:
        raise Conflict(
            "that is not the state that your home has now", hint="'holdfast restored' shows it"
        )
    bundle, record = session.bundle, situation.home.record
    keys = own_key_in(bundle, bundle.space, record), bundle.daily
    await set_back(view, situation, session.chain, *keys, session.around.now())
    session.cache.opened.clear()
    await publish_again(session)
    return {**_said(situation), "accepted": True}


def _said(situation: Situation) -> dict[str, Json]:
    return {
        "verdict": situation.verdict.value,
        "code": situation.code,
        "home": _state(situation.home),
        "seen": None if situation.seen is None else situation.seen.seq,
        "newer": None if situation.newer is None else _state(situation.newer),
        "members_unsure": situation.is_members_unsure,
    }


def _state(tip: Tip) -> Json:
    """A state: its number, and when its writer said it was made."""
    return {"seq": tip.pointer.seq, "time": tip.pointer.time}
