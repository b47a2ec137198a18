"""Going on at the home that the newest whereabouts name: a new session with the same keys.

Lines, views and what is cached in memory belong to the node that they were made for, so nothing of
them is taken along. What the machine keeps on disk is: marks, what was read, transfers.
"""

from contextlib import suppress
from dataclasses import replace

from client.identity.bundle import Bundle
from client.identity.login import has_moved as moved_away
from client.identity.whereabouts import take_newest
from client.marks import MemoryMarks
from client.session import Session
from formats.errors import HoldfastError
from formats.sign_in import SignInRecord
from formats.whereabouts import Whereabouts


def at_home_of(
    session: Session,
    whereabouts: Whereabouts,
    bundle: Bundle | None = None,
    record: SignInRecord | None = None,
) -> Session:
    """A session at the home that these whereabouts name; the one before is to be closed.

    ``bundle`` and ``record``: where the account was sealed anew.
    """
    around, known = session.around, bundle or session.bundle
    known = replace(known, whereabouts_seq=max(known.whereabouts_seq, whereabouts.seq))
    marks = session.marks if isinstance(session.marks, MemoryMarks) else None
    home, name, chain = whereabouts.home, whereabouts.name, session.chain
    made = Session.at(around, home, name, chain, whereabouts, known, marks)
    made.record, made.told_set_back = record or session.record, session.told_set_back
    return made


async def has_moved(session: Session) -> bool:
    """Whether another device moved the account away, and it is where the new whereabouts say.

    Asks the home that this session knows; one that is away says nothing.
    """
    with suppress(HoldfastError):
        await take_newest(session)
    return await moved_away(session)
