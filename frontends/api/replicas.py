"""A person's replicas: nodes of others that keep a second copy of their account."""

from dataclasses import dataclass

from client.replicas import ANY, Replica, find
from client.replicas import add as let_follow
from client.replicas import remove as end
from client.replicas import replicas as look
from client.social.follow import tell_everybody
from formats.base58 import base58
from formats.errors import Usage
from formats.invite import Invite
from frontends.api.reply import Json, Reply
from frontends.api.state import State
from frontends.telling import tell


@dataclass(frozen=True, slots=True)
class Adding:
    """``invite``: of whoever runs the node. ``ceiling`` in bytes: no more than that."""

    invite: str
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """``replica``: its peer id, or a part of it that no other has."""

    replica: str


async def replicas(state: State) -> Json:
    """The nodes that keep a replica: what each showed just now, and what your home says of it."""
    return {"replicas": [_told(each) for each in await look(state.session)]}


async def add(state: State, asked: Adding, _reply: Reply) -> Json:
    """Let a node keep a replica, with the invite of whoever runs it."""
    if asked.ceiling is not None and asked.ceiling <= 0:
        raise Usage("a replica has to hold some bytes", hint="'holdfast replicas remove' ends one")
    await state.listening.wait()
    invite = Invite.parse(asked.invite)
    ceiling = ANY if asked.ceiling is None else asked.ceiling
    allowed = await let_follow(state.session, invite, ceiling)
    await tell_everybody(state.session)
    return {"peer": base58(invite.peer), "allowed": min(allowed, ceiling)}


async def remove(state: State, asked: Ending, _reply: Reply) -> Json:
    """End a replica: what it holds is given up there."""
    known = await look(state.session)
    peer = find(known, {base58(each.home.peer): each.home.peer for each in known}, asked.replica)
    told = await end(state.session, peer)
    await tell_everybody(state.session)
    return {"peer": base58(peer), "told": told}


def _told(each: Replica) -> Json:
    grant, said = each.grant, each.standing
    told: dict[str, Json] = {
        "peer": base58(each.home.peer),
        "addresses": list(each.home.addresses),
        "seq": each.seq,
        "behind": each.behind,
        "problem": None if each.problem is None else tell(each.problem),
    }
    if grant is not None:
        told |= {"ceiling": grant.ceiling, "until": grant.until}
    if said is not None:
        told |= {
            "used": said.used,
            "seen": said.seen,
            "current": said.current,
            "proven": said.proven,
            "failed": said.failed,
            "told": said.told,
        }
    return told
