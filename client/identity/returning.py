"""Coming back to an account from what this machine keeps, with its home or without.

The password is checked against the record that the home handed over last time: a password that
was changed elsewhere since opens it here until the home is reached, and gets in nowhere else.
A second factor is not asked: it is the home's to ask.
"""

from client.identity.bundle import Bundle
from client.identity.device_secret import DeviceSecret
from client.identity.entry import Entry
from client.identity.password import password_keys
from client.identity.whereabouts import ALSO_EXPIRED
from client.session import Session, Surroundings
from crypto.kdf import derive
from crypto.purposes import KdfPurpose
from crypto.sealing import SealingKey
from crypto.secret import Secret
from formats.errors import Damaged, WrongPassword
from formats.identity import IdentityChain
from formats.sign_in import SignInRecord
from formats.whereabouts import Home, Whereabouts


def entry_of(session: Session, home: Home, machine: Secret | None = None) -> Entry | None:
    """What is to be kept of a session; with ``machine``, this machine's key, to stay signed in.

    None when the session does not know its sign-in record.
    """
    if session.record is None:
        return None
    bundle, name = session.bundle, session.name
    stay = None if machine is None else bundle.seal_here(_stay_key(machine), name)
    where = Home(home.peer, home.addresses or session.whereabouts.home.addresses)
    return Entry(
        session.id,
        name,
        where,
        session.record.encoded,
        session.chain.encoded,
        session.whereabouts.encoded,
        stay,
    )


async def open_with_password(
    around: Surroundings, entry: Entry, password: str, device: DeviceSecret | None = None
) -> Session:
    """Sign in without the home; raises WrongPassword."""
    record = SignInRecord.decode(entry.record)
    device = device or around.remembered.find(entry.name, entry.home.peer).secret
    keys = await password_keys(password, record.parameters, around.hardness.floor, device)
    if keys.sign_in.verify_key != record.sign_in:
        raise WrongPassword(
            "that is not the password of this account, as it was when it was used here last",
            hint="if it was changed since, sign in when the home can be reached",
        )
    return _session(around, entry, Bundle.open(record.bundle, entry.name, entry.id, keys))


def open_stayed(around: Surroundings, entry: Entry, machine: Secret) -> Session:
    """Be signed in again, as one wanted to stay; raises Damaged."""
    if entry.stay is None:
        raise Damaged("nothing is kept to stay signed in with")
    bundle = Bundle.open_here(entry.stay, entry.name, entry.id, _stay_key(machine))
    return _session(around, entry, bundle)


def _session(around: Surroundings, entry: Entry, bundle: Bundle) -> Session:
    """The session, as it was; what is newer at the home is taken when it is reached."""
    chain = IdentityChain.decode(entry.chain)
    chain.extends(bundle.id, bundle.head_seq, bundle.head)
    whereabouts = Whereabouts.decode(entry.whereabouts)
    whereabouts.verify(chain, ALSO_EXPIRED)
    session = Session.at(around, entry.home, entry.name, chain, whereabouts, bundle)
    session.record = SignInRecord.decode(entry.record)
    return session


def _stay_key(machine: Secret) -> SealingKey:
    return SealingKey(derive(machine, KdfPurpose.STAY))
