"""What a home is about to say, and how something else reaches an honest client instead.

A lie gets the answer as it would go over the wire, a head and bodies, and gives the
frames that are sent instead. They are read by ``protocols.exchange.Asker``, as every
client reads them: limits, hashes and all. In a world in one process nothing else is made up.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from formats import dag_cbor
from protocols.exchange import Asker
from protocols.frames import framed
from protocols.operations import OPERATIONS, Operation
from tests.world.faults import Call, Onward


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on its way: the message's name, its head as a map, and the bodies behind it."""

    kind: str
    head: dict[str, Any]
    bodies: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, operation: Operation, message: object) -> "Answer":
        """An honest one."""
        kind = type(message).__name__
        head, bodies = operation.answers[kind].write(message)
        return cls(kind, head, bodies)

    def but(self, **changed: Any) -> "Answer":
        """With other values in its head."""
        return replace(self, head={**self.head, **changed})

    def parts(self, operation: Operation) -> list[bytes]:
        """Its frames, but for their lengths."""
        reply: dict[str, Any] = {"i": 1, "r": self.head}
        if len(operation.answers) > 1:
            reply["k"] = self.kind
        if self.bodies:
            reply["n"] = [len(body) for body in self.bodies]
        return [dag_cbor.encode(reply), *self.bodies]


@dataclass(frozen=True, slots=True)
class Error:
    """An error instead of an answer: its number and its message."""

    number: int
    message: str

    def parts(self, operation: Operation) -> list[bytes]:
        """Its one frame, but for its length."""
        return [dag_cbor.encode({"i": 1, "e": self.number, "m": self.message})]


@dataclass(frozen=True, slots=True)
class Parts:
    """Whatever bytes, as frames."""

    frames: tuple[bytes, ...]

    def parts(self, operation: Operation) -> list[bytes]:
        """As they are."""
        return list(self.frames)


Instead = Answer | Error | Parts


@dataclass(frozen=True, slots=True)
class Saying:
    """What a liar knows when it is asked: the honest answer, and what was answered to others.

    ``earlier``: what this operation was first answered with, to this person. ``another``: what
    it was answered with to somebody else. None where that never happened.
    """

    operation: Operation
    request: object
    honest: Answer
    earlier: Answer | None
    another: Answer | None
    random: Random


Tell = Callable[[Saying], Instead | None]
"""Gives what is said instead; None if this answer has nothing to lie about in this way."""


@dataclass(frozen=True, slots=True)
class Lie:
    """One way to lie. ``does``: whether the home does what it was asked all the same.

    ``replays``: it says what it said before, if that was something else.
    """

    name: str
    tell: Tell
    does: bool = True
    replays: bool = False

    def __str__(self) -> str:
        return self.name


def message_of(operation: Operation, request: object, parts: Iterable[bytes]) -> object:
    """What an honest client makes of these frames; raises what it raises."""
    asker = Asker(OPERATIONS[operation.door])
    asker.ask(operation, request)
    asker.feed(b"".join(framed(parts)))
    reply = asker.next_reply()
    assert reply is not None, "what was sent is no whole answer"
    return reply.message()


@dataclass(slots=True)
class Memory:
    """What was answered: the first time, by operation; and to whom else. For replays."""

    first: dict[str, Answer] = field(default_factory=dict)
    others: dict[str, Answer] = field(default_factory=dict)


@dataclass(slots=True)
class Lying:
    """A ``tests.world.faults.Fault``: one operation is answered with one lie, every time."""

    lie: Lie
    on: Operation
    memory: Memory
    random: Random
    told: int = 0
    """How often it was told."""

    def has_something_to_say(self) -> bool:
        """Whether there is anything in what this operation answers that it could change."""
        known = self.memory.first[str(self.on)]
        other = self.memory.others.get(str(self.on))
        saying = Saying(self.on, None, known, None, other, self.random)
        return self.lie.replays or self.lie.tell(saying) is not None

    async def meet(self, call: Call, onward: Onward) -> object:
        """Ask the honest home, and say something else."""
        if str(call) != str(self.on):
            return await onward(call.request)
        return await self.answer(call.request, onward)

    async def answer(
        self, request: object, onward: Callable[[object], Awaitable[object]]
    ) -> object:
        """What the client gets for this request."""
        known = self.memory.first.get(str(self.on))
        if self.lie.does or known is None:
            honest = Answer.of(self.on, await onward(request))
        else:
            honest = known
        saying = Saying(
            self.on, request, honest, known, self.memory.others.get(str(self.on)), self.random
        )
        instead = self.lie.tell(saying)
        if instead is None:
            return message_of(self.on, request, honest.parts(self.on))
        self.told += 1
        return message_of(self.on, request, instead.parts(self.on))


@dataclass(slots=True)
class Listening:
    """A fault that is none: notes what is answered, for lies that replay it."""

    note: dict[str, Answer]

    async def meet(self, call: Call, onward: Onward) -> object:
        """Let it through."""
        answer = await onward(call.request)
        operation = OPERATIONS[call.door][call.name]
        self.note.setdefault(str(call), Answer.of(operation, answer))
        return answer


NEVER: Final = ("Traceback", "object at 0x", "<class", "None", "b'", "Error(")
"""What no message for people has in it."""
