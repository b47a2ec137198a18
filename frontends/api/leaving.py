"""Leaving a home: the account there is deleted; receipts of homes that were left."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import trio

from client.archive.exporting import Export
from client.archive.importing import Archive
from client.archive.manifest import Manifest
from client.identity.account import account
from client.identity.attempt import Attempt
from client.moving.leaving import Left, Stock, found_out, left, stock
from client.moving.receipts import Kept, Receipts
from client.session import Session
from formats.base58 import base58
from formats.errors import Usage
from formats.handle import handle
from frontends.api.accounts import entries
from frontends.api.archive import show_export
from frontends.api.homes import Homes
from frontends.api.moving import prove_where_it_is, show_step
from frontends.api.network import own_home
from frontends.api.presence import leave as sign_out
from frontends.api.proving import go_on
from frontends.api.reply import Json, Reply
from frontends.api.shapes import LocalPath, check_absolute
from frontends.api.state import State
from frontends.telling import tell


@dataclass(frozen=True, slots=True)
class Leaving:
    """``file``: an absolute local path of what ``export`` wrote: it has to have all there is. Where
    nothing is, it is written first.

    Or ``without_export``: nothing keeps it. ``accept``: the code of what is deleted, as it was
    shown; without it, it is shown, nothing is done, and no ``password`` is needed.
    """

    file: LocalPath = ""
    without_export: bool = False
    accept: str | None = None
    password: str = ""


async def leave(state: State, asked: Leaving, reply: Reply) -> Json:
    """Have your account deleted at its home, or see what that would be; friends are told."""
    _check_choice(asked)
    session, receipts = state.session, _receipts(state)
    before = await found_out(session, receipts)
    if before is not None:
        async with state.signing:
            return await _gone(state, session, before, receipts)
    if asked.accept is None:
        return await _shown(state, session, await stock(session))
    return await _leave(state, asked, asked.accept, reply)


async def _leave(state: State, asked: Leaving, accept: str, reply: Reply) -> Json:
    session, receipts = state.session, _receipts(state)

    async def then(attempt: Attempt, reply: Reply) -> Json:
        async with state.signing:
            file = await _kept(session, attempt, asked, reply) if asked.file else None
            told = partial(_step, reply)
            done = await left(session, attempt, accept, receipts, told, file)
            return await _gone(state, session, done, receipts)

    return await go_on(state, await prove_where_it_is(session, asked.password), then, reply)


async def receipts(state: State) -> Json:
    """What homes signed that were left from this machine, verified once more."""
    kept = _receipts(state)
    found = await trio.to_thread.run_sync(kept.all)
    return {"receipts": [_receipt(kept, each) for each in found]}


def _check_choice(asked: Leaving) -> None:
    if asked.file:
        check_absolute(asked.file)
        if _is_there(asked.file):
            with Archive.opened(asked.file):  # that it is one, before anything else
                pass
    if bool(asked.file) == asked.without_export:
        raise Usage(
            "say whether something keeps what is deleted: a file, or nothing",
            hint="'holdfast leave --export FILE' writes one first, or takes one that has all of it",
        )


def _is_there(path: str) -> bool:
    return os.path.lexists(path)


async def _kept(session: Session, attempt: Attempt, asked: Leaving, reply: Reply) -> Manifest:
    """What the file has, once all of it was read and verified; it is written if it is not there."""
    if not _is_there(asked.file):
        tell = partial(show_export, reply, (await account(session)).usage.used)
        await Export(session, attempt).into_file(asked.file, tell)
    with Archive.opened(asked.file) as archive:
        await archive.unlock(asked.password, session.around.hardness.floor, attempt.device)
        return (await archive.check(partial(show_step, reply, archive.size))).manifest


async def _shown(state: State, session: Session, found: Stock) -> Json:
    here = await own_home(state)
    return {
        "left": False,
        "code": found.code,
        **_who(session.name, session.id, session.whereabouts.home.peer),
        "here": session.whereabouts.home.peer == here.peer,
        "bytes": found.used,
        "spaces": len(found.heads),
        "replicas": len(found.replicas),
    }


async def _gone(state: State, session: Session, done: Left, receipts: Receipts) -> Json:
    """Nobody is signed in to it any more; what was kept here of what it read goes, too."""
    await trio.to_thread.run_sync(entries(state).remove, session.id)
    peer = base58(done.kept.home.peer)
    await trio.to_thread.run_sync(Homes(state.place).keep, session.name, None, peer)
    await sign_out(state, session.id)
    await trio.to_thread.run_sync(session.around.forget, session.bundle)
    return {
        "left": True,
        **_receipt(receipts, done.kept),
        "lacking": done.lacking,
        "late": done.late,
        "problems": [tell(each) for each in done.problems],
    }


def _receipts(state: State) -> Receipts:
    return Receipts(Path(Homes(state.place).folder))


def _receipt(receipts: Receipts, kept: Kept) -> dict[str, Json]:
    said, path = kept.said(), receipts.path(kept)
    return {
        **_who(kept.name, kept.farewell.id, kept.home.peer),
        "path": None if path is None else str(path),
        "left_at": kept.farewell.time,
        "receipt": None
        if said is None
        else {
            "time": said.time,
            "spaces": len(said.spaces),
            "bytes": said.stored,
            "messages": said.messages,
            "rests": said.rests,
        },
    }


def _who(name: str, id: bytes, peer: bytes) -> dict[str, Json]:
    return {"name": name, "handle": handle(name, id), "home": base58(peer)}


_STEPS: Final = {"replicas": "ending replicas", "leaving": "leaving"}


def _step(reply: Reply, step: str) -> None:
    show_step(reply, 0, _STEPS[step], 0)
