"""START HERE: the doors of a node, as small Protocol classes.

A node is five doors. Each method takes one message and gives one answer; the
messages, their limits and their promises stand in the file named like the
door. Everything an answer says is to be verified by who asked: hash,
signature, sequence, size.

The same doors are served in process, over libp2p and (later) over HTTPS. What
a connection has proven (``accounts.prove``) belongs to that connection and
holds for all its doors. Every method may raise ``Unreachable``, ``TimedOut``,
``ProtocolViolation`` and ``TooMany``; the others it may raise are named with
its message. To a stranger, absent and forbidden are one answer: ``Denied``.

    door        file            what
    accounts    accounts.py     prove a key, sign up, sign in, usage
    blocks      blocks.py       stage blocks, read leaves with proof
    pointers    pointers.py     resolve, commit, watch
    inbox       inbox.py        leave, collect, delete sealed messages
    directory   directory.py    identity chains and whereabouts
"""

from typing import Protocol

from formats.whereabouts import Home
from protocols import accounts as a
from protocols import blocks as b
from protocols import directory as d
from protocols import inbox as i
from protocols import pointers as p


class Accounts(Protocol):
    """Who is calling, and what an account is."""

    async def hello(self, request: a.AskHello) -> a.Hello: ...
    async def prove(self, request: a.Prove) -> a.Proven: ...
    async def parameters(self, request: a.AskParameters) -> a.Parameters: ...
    async def sign_up(self, request: a.SignUp) -> a.SignedUp: ...
    async def sign_in(self, request: a.SignIn) -> a.SignInAnswer: ...
    async def replace_sign_in(self, request: a.ReplaceSignIn) -> a.Replaced: ...
    async def account(self, request: a.AskAccount) -> a.Account: ...


class Blocks(Protocol):
    """Sealed blocks in, verified leaves out."""

    async def open_session(self, request: b.OpenSession) -> b.Session: ...
    async def stage(self, request: b.Stage) -> b.Staged: ...
    async def missing(self, request: b.Missing) -> b.Lacking: ...
    async def recall(self, request: b.Recall) -> b.Recalled: ...
    async def close_session(self, request: b.CloseSession) -> b.Closed: ...
    async def read(self, request: b.Read) -> b.Found: ...


class Pointers(Protocol):
    """Where a space is, and moving it."""

    async def resolve(self, request: p.Resolve) -> p.Resolved: ...
    async def move(self, request: p.Move) -> p.Committed | p.Conflict: ...
    async def watch(self, request: p.Watch) -> p.Resolved: ...


class Inbox(Protocol):
    """Sealed messages between people."""

    async def leave(self, request: i.Leave) -> i.Taken: ...
    async def collect(self, request: i.Collect) -> i.Messages: ...
    async def delete(self, request: i.Delete) -> i.Deleted: ...
    async def allow(self, request: i.Allow) -> i.Allowed: ...


class Directory(Protocol):
    """Identity chains and whereabouts."""

    async def look(self, request: d.Look) -> d.Person: ...
    async def publish(self, request: d.Publish) -> d.Published: ...


class Doors(Protocol):
    """One connection to one node: its doors, and which node it is."""

    @property
    def peer(self) -> bytes:
        """The node's peer id, authenticated by the carrier."""
        ...

    @property
    def accounts(self) -> Accounts: ...
    @property
    def blocks(self) -> Blocks: ...
    @property
    def pointers(self) -> Pointers: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def directory(self) -> Directory: ...

    async def aclose(self) -> None:
        """Close the connection; what is under way ends with ``Unreachable``."""
        ...


class Network(Protocol):
    """How a client reaches nodes. The daemon hands one to each session."""

    async def reach(self, home: Home) -> Doors:
        """A fresh connection of its own to that node, within seconds, or ``Unreachable``.

        The own node is reached in process. Retrying is always allowed and
        never blocked by an earlier failure.
        """
        ...
