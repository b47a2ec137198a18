"""Keys that a connection shows: whether a proof holds, and what it acts for from then on.

Whether such a key still counts is looked up with every request, in ``authorise.py``.
"""

from crypto.errors import BadKey
from crypto.signing import VerifyKey
from formats.errors import Malformed, Unfit
from formats.sign_in import SignInRecord
from formats.statement import Hello, Role
from node.authorise import check_daily, wrong_password
from node.caller import Caller
from node.core import Core
from node.records import chain
from protocols.accounts import Prove
from storage.contracts import AccountRow, SpaceKey, View


def verify(view: View, core: Core, caller: Caller, hello: Hello, proof: Prove, now: int) -> None:
    """Return if a proof, whose statement is ``hello``, holds on this connection.

    The signature first, and as much work for what is unknown as for what is known. Raises Forged,
    Expired, Malformed, WrongPassword.
    """
    _check_signed(core, caller, hello, proof, now)
    if hello.role is Role.OWNER:
        row = view.identity(hello.subject)
        check_daily(None if row is None else chain(row.chain), _key(proof.key))
    elif hello.role is Role.SIGN_IN:
        record = record_of(core, view.account(hello.subject.decode("ascii")))
        if record.sign_in != _key(proof.key):
            raise wrong_password()


def remember(caller: Caller, hello: Hello, key: bytes) -> None:
    """The connection acts for that subject too. Raises TooMany."""
    caller.check_room()
    subject = hello.subject
    if hello.role is Role.READER:
        caller.add_reader(subject)
    elif hello.role is Role.MEMBER:
        caller.members.add((SpaceKey(subject[:32], subject[32:]), _key(key).digest()))
    elif hello.role is Role.OWNER:
        caller.owners.add((subject, _key(key).digest()))
    else:
        caller.sign_ins.add((subject.decode("ascii"), _key(key).digest()))


def take_reader(core: Core, caller: Caller, proof: Prove, now: int) -> None:
    """Let the connection read as the reader whose proof came along with a request.

    Raises Unfit for a key of another role, Forged, Expired, TooMany.
    """
    hello = Hello.decode(proof.statement)
    _check_signed(core, caller, hello, proof, now)
    if hello.role is not Role.READER:
        raise Unfit("only a reader's proof goes along with what is read")
    remember(caller, hello, proof.key)


def record_of(core: Core, row: AccountRow | None) -> SignInRecord:
    """The sign-in record of an account; for unknown names one whose key nobody holds."""
    return core.nobody if row is None else SignInRecord.decode(row.sign_in)


def _check_signed(core: Core, caller: Caller, hello: Hello, proof: Prove, now: int) -> None:
    ends = (core.peer, caller.peer, caller.nonce)
    hello.verify(proof.key, proof.signature, *ends, now)


def _key(encoded: bytes) -> VerifyKey:
    try:
        return VerifyKey.decode(encoded)
    except BadKey as error:
        raise Malformed(f"hello statement: {error}") from None
