"""Messages to a home, by couriers: who of two people sent it, and to whom of two?

    python -m tests.privacy.drops                      # 10,000 runs of each question
    python -m tests.privacy.drops --runs 1000 --seed 7

In each run one person leaves one real message. What a node sees is all that reaches it:
who connects, every call with all its fields and sizes, in order, the layers it can open, what
it answers, what it logs, and when, in virtual time. Guessers learn from half of the runs and
are asked about the rest. Beside them a control: the same messages without couriers must be
told apart, or the guessers are of no use. Ends with 1 if anything shows that should not.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from random import Random, SystemRandom
from typing import Final

import trio
from trio.testing import MockClock

from client.capability import Capability
from client.home import Connected
from client.session import Session
from client.social.delivering import Parcel, deliver
from client.social.messages import Introduction, Message, Type
from crypto.secret import Secret, random_bytes
from protocols import inbox as i
from tests.privacy.distinguish import Verdict, judge
from tests.privacy.guessers import Case, Seen
from tests.privacy.letters import ReadWorld, logs_read
from tests.world.person import Person

MOST: Final = 0.52
"""How often a guesser may be right, with 10,000 runs."""

FULL: Final = 10_000

LEFT_OUT: Final = 0.02
"""The part of all runs that may be left out of a judgement, for a machine that is late."""

GAP: Final = 120.0
"""Virtual seconds between two messages, at most: nobody's limits are reached."""

COURIERS: Final = ("dave", "erin", "frank")


@dataclass(frozen=True)
class Question:
    """Something to guess. ``sender`` and ``target`` by the secret; ``near``: people sit at
    their own nodes, else their home is elsewhere and passes on first.
    """

    name: str
    sender: Callable[[bool], str]
    target: Callable[[bool], str]
    near: bool
    hidden: tuple[str, ...]
    """Who must not be able to tell: a name, or "the first" or "the last" of the couriers."""
    couriers: bool = True


def _either(one: str, other: str) -> Callable[[bool], str]:
    return lambda which: one if which else other


def _always(name: str) -> Callable[[bool], str]:
    return lambda _which: name


QUESTIONS: Final = (
    Question(
        "who wrote it, from their own node",
        _either("alice", "bob"),
        _always("carol"),
        True,
        ("carol", "the last"),
    ),
    Question(
        "who wrote it, by their home elsewhere",
        _either("alice", "bob"),
        _always("carol"),
        False,
        ("carol",),
    ),
    Question(
        "to whom it goes, from their own node",
        _always("alice"),
        _either("carol", "bob"),
        True,
        ("alice", "the first"),
    ),
    Question(
        "to whom it goes, by their home elsewhere",
        _always("alice"),
        _either("carol", "bob"),
        False,
        ("alice",),
    ),
)

CONTROL: Final = Question(
    "who wrote it, without couriers",
    _either("alice", "bob"),
    _always("carol"),
    True,
    ("carol",),
    couriers=False,
)


def answers(question: Question, runs: int, seed: int) -> dict[str, Verdict]:
    """What each who must not know could guess."""
    cases = trio.run(_played, question, runs, seed, clock=MockClock(rate=1.0))
    return {who: judge(_varying(found), f"{seed}/{who}") for who, found in cases.items()}


async def _played(question: Question, runs: int, seed: int) -> dict[str, list[Case]]:
    random = Random(f"{seed}/{question.name}")
    cases: dict[str, list[Case]] = {who: [] for who in question.hidden}
    async with ReadWorld.open("alice", "bob", "carol", *COURIERS) as world:
        assert isinstance(world, ReadWorld)
        for name in ("alice", "bob"):
            _settle(world, world.people[name], question)
        with logs_read(world):
            for number in range(runs):
                which = random.random() < 0.5
                world.later(seconds=random.uniform(1, GAP))
                for name in world.places:
                    world.read(name).again()
                target = world.people[question.target(which)]
                await _write(world.people[question.sender(which)], target, number)
                for who, seen in _seen(world, question).items():
                    cases[who].append((which, seen))
                await _emptied(target)
    return cases


def _settle(world: ReadWorld, person: Person, question: Question) -> None:
    """Everybody knows the same couriers."""
    session = person.session
    here = session.whereabouts.home.peer if question.near else None
    session.around = replace(session.around, here=here)
    met = [world.places[name].home for name in COURIERS] if question.couriers else []
    session.couriers.met, session.couriers.asked = tuple(met), inf


async def _write(sender: Person, target: Person, number: int) -> None:
    one, other = sender.session, target.session
    sealed = _sealed(one, other, number)
    parcel = Parcel(other.id, sealed, one.around.now())
    await deliver(one, parcel, other.whereabouts.homes, ())


def _sealed(one: Session, other: Session, number: int) -> bytes:
    log = Capability(one.id, one.bundle.space, Secret(bytes(32)))
    content = Introduction.of(one.whereabouts, log, True)
    numbers = (random_bytes(16), number, one.around.now())
    made = Message.make(Type.CHANGED, one.chain, other.id, numbers, content, one.bundle.daily)
    return made.seal(other.whereabouts.sealing)


async def _emptied(target: Person) -> None:
    """Collected and deleted, so that every message comes to the same inbox."""
    session = target.session

    async def ask(connected: Connected) -> None:
        found = await connected.doors.inbox.collect(i.Collect(session.id, 0, 0))
        seqs = tuple(each.seq for each in found.messages)
        await connected.doors.inbox.delete(i.Delete(session.id, seqs))

    await session.line.call(ask)


def _seen(world: ReadWorld, question: Question) -> dict[str, Seen]:
    """What each of those who must not know saw in this run."""
    lefts = {name: world.read(name).noted.passed for name in COURIERS}
    parts = {"the first": [2], "the last": [1]}
    seen: dict[str, Seen] = {}
    for who in question.hidden:
        places = [who]
        if who in parts:
            places = [name for name, left in lefts.items() if left and [max(left)] == parts[who]]
        if len(places) == 1:  # else a busy machine was late, and a second way was tried
            seen[who] = world.read(places[0]).all_seen
    return seen


def _varying(cases: Sequence[Case]) -> list[Case]:
    """Without what was the same in every run: it tells nothing, and costs much."""
    values: dict[str, set[object]] = {}
    for _, seen in cases:
        for name, value in seen.items():
            values.setdefault(name, set()).add(value)
    names = {name for name, found in values.items() if len(found) > 1}
    names |= {name for name in values if sum(name in seen for _, seen in cases) < len(cases)}
    return [(which, {n: v for n, v in seen.items() if n in names}) for which, seen in cases]


def main(words: Sequence[str] | None = None) -> int:
    """Ask everything; 1 if something shows that should not, or the control shows nothing."""
    options = _parser().parse_args(words)
    seed: int = SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"{options.runs:,} messages for each question, half of them judged; seed {seed}")
    failed = False
    for question in (*QUESTIONS, CONTROL):
        for who, verdict in answers(question, options.runs, seed).items():
            told = verdict.share > (MOST if options.runs >= FULL else 1) or verdict.tells()
            left = options.runs - options.runs // 2 - verdict.asked
            failed |= told is question.couriers or left > LEFT_OUT * options.runs
            print(f"{question.name}: {who}: {verdict}{_left_out(left)}", flush=True)
    return int(failed)


def _left_out(runs: int) -> str:
    return f"; {runs} more were left out, since a second way was tried in them" if runs else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.privacy.drops",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=FULL)
    parser.add_argument("--seed", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
