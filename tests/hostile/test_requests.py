"""Requests of any content: answered with an error of the closed list, and the home lives on."""

from pathlib import Path

import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from formats.cid import Cid
from formats.errors import HoldfastError, Internal
from node.build import build
from node.config import Config
from protocols import accounts as a
from protocols import blocks as b
from protocols import directory as d
from protocols import inbox as i
from protocols import pointers as p
from protocols.services import Doors
from storage.memory import MemoryStore
from tests.node.people import Clock, Person, secret

ids = st.one_of(st.binary(min_size=32, max_size=32), st.just(Person("alice").space.record.space))
tokens = st.binary(min_size=16, max_size=16)
some = st.binary(max_size=200)
uints = st.integers(0, 2**53)
cids = st.binary(max_size=8).map(Cid.of_cbor)
names = st.text(max_size=8)
items = st.builds(
    b.Item, ids, st.none() | some, st.lists(uints, max_size=3).map(tuple), st.booleans()
)


def tuples(each: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(each, max_size=3).map(tuple)


REQUESTS = st.one_of(
    st.tuples(st.just("accounts.prove"), st.builds(a.Prove, some, some, some)),
    st.tuples(st.just("accounts.parameters"), st.builds(a.AskParameters, names)),
    st.tuples(st.just("accounts.sign_in"), st.builds(a.SignIn, names)),
    st.tuples(st.just("accounts.replace_sign_in"), st.builds(a.ReplaceSignIn, names, some)),
    st.tuples(st.just("accounts.account"), st.builds(a.AskAccount, ids)),
    st.tuples(
        st.just("accounts.sign_up"),
        st.builds(
            a.SignUp, names, tokens, some, some, some, some, some, st.none() | tokens, st.just(())
        ),
    ),
    st.tuples(st.just("blocks.open_session"), st.builds(b.OpenSession, ids, ids)),
    st.tuples(st.just("blocks.stage"), st.builds(b.Stage, tokens, st.just(()))),
    st.tuples(st.just("blocks.missing"), st.builds(b.Missing, tokens, tuples(cids))),
    st.tuples(st.just("blocks.close_session"), st.builds(b.CloseSession, tokens)),
    st.tuples(
        st.just("blocks.read"),
        st.builds(
            b.Read,
            ids,
            ids,
            st.none() | cids,
            st.none() | ids,
            st.none() | uints,
            tuples(items),
            tuples(cids),
        ),
    ),
    st.tuples(st.just("pointers.resolve"), st.builds(p.Resolve, ids, ids, st.none() | uints)),
    st.tuples(st.just("pointers.move"), st.builds(p.Move, some, st.just(()))),
    st.tuples(st.just("pointers.watch"), st.builds(p.Watch, ids, ids, uints, st.just(0))),
    st.tuples(st.just("inbox.leave"), st.builds(i.Leave, some, st.just(bytes(i.SEALED)))),
    st.tuples(st.just("inbox.collect"), st.builds(i.Collect, ids, uints, st.just(0))),
    st.tuples(st.just("inbox.delete"), st.builds(i.Delete, ids, tuples(uints))),
    st.tuples(st.just("inbox.allow"), st.builds(i.Allow, ids, ids, uints, uints)),
    st.tuples(
        st.just("directory.look"), st.builds(d.Look, ids, st.none() | ids, st.none() | tokens)
    ),
    st.tuples(st.just("directory.publish"), st.builds(d.Publish, ids, tuples(some), some)),
)


async def ask(doors: Doors, where: str, request: object) -> None:
    """Ask, and expect an answer or an error of the list, but never a fault of the home."""
    door, method = where.split(".")
    try:
        await getattr(getattr(doors, door), method)(request)
    except Internal as error:
        raise AssertionError(where) from error
    except HoldfastError:
        return


@given(st.lists(REQUESTS, max_size=6))
def test_any_request_is_answered_in_our_words(requests: list[tuple[str, object]]) -> None:
    async def run() -> None:
        config = Config(Path("/nowhere"), work_bits=4)
        async with build(config, store=MemoryStore(), clock=Clock(), key=secret("n")) as node:
            alice = Person("alice")
            doors = node.open()
            await alice.sign_up(doors)
            for where, request in requests:
                await ask(doors, where, request)
            found = await doors.pointers.resolve(
                p.Resolve(alice.id, alice.space.record.space, None)
            )
            assert found.record == alice.space.record.encoded

    trio.run(run, clock=trio.testing.MockClock(autojump_threshold=0))
