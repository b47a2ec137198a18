"""The password, once more: whoever moves an account away shows that they may.

A session that was left open on some machine is not enough. With the home, the password is shown
there, and a second factor where it asks for one; without it, the password is held against the
record that was handed over last.
"""

from dataclasses import dataclass, replace

from client.identity.attempt import Attempt
from client.identity.bundle import Bundle, open_next, seal_next
from client.identity.password import PasswordKeys, password_keys
from client.session import Session
from crypto.passwords import PasswordParameters
from formats.errors import Unfit, WrongPassword


@dataclass(frozen=True, slots=True)
class Opened:
    """What the password opened: the newest bundle that is known, and what seals it again."""

    bundle: Bundle
    keys: PasswordKeys
    parameters: PasswordParameters

    def called(self, before: str, name: str) -> Bundle:
        """The bundle for an account of another name: its inner part is sealed with the name."""
        if before == name:
            return self.bundle
        seed = open_next(self.bundle.inner, before, self.bundle.id, self.keys)
        return replace(self.bundle, inner=seal_next(seed, name, self.bundle.id, self.keys))


def opened_by(session: Session, attempt: Attempt) -> Opened:
    """After an attempt that was shown all that the home asked for."""
    record = attempt.record
    bundle = Bundle.open(record.bundle, attempt.name, record.id, attempt.keys)
    return Opened(_newest(session, bundle), attempt.keys, record.parameters)


async def opened_here(session: Session, password: str) -> Opened:
    """Without the home; raises WrongPassword, and Unfit where its record was never seen here."""
    record, around = session.record, session.around
    if record is None:
        raise Unfit("what opens this account was never seen on this machine", hint="sign in once")
    here = around.remembered.find(record.name, session.whereabouts.home.peer)
    keys = await password_keys(password, record.parameters, around.hardness.floor, here.secret)
    if keys.sign_in.verify_key != record.sign_in:
        raise WrongPassword("that is not the password of this account")
    bundle = Bundle.open(record.bundle, record.name, session.id, keys)
    return Opened(_newest(session, bundle), keys, record.parameters)


def _newest(session: Session, bundle: Bundle) -> Bundle:
    seen = max(session.whereabouts.seq, session.bundle.whereabouts_seq, bundle.whereabouts_seq)
    return replace(bundle, whereabouts_seq=seen)
