"""The accounts door: prove a key, sign up, sign in, usage."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace

import trio

from crypto.kdf import prf
from crypto.passwords import ARGON2ID, MODERATE, SALT_SIZE, PasswordParameters
from crypto.purposes import KdfPurpose
from crypto.signing import VerifyKey
from formats.errors import Unfit
from formats.names import check_account_name
from formats.sign_in import SignInRecord
from formats.statement import Hello, Role
from node import letters, settling, signups
from node.authorise import as_owner, own_account, wrong_password
from node.core import Changed, Told
from node.jobs.thinning import SECOND, Keeping
from node.known import known_as
from node.logs import Log
from node.notices import told_to
from node.proofs import remember, verify
from node.services.departing import Departing
from node.services.door import answers, writes
from node.usage import usage
from protocols import accounts as a
from storage.contracts import AccountRow, Transaction, View

_log = Log("node.accounts")


class Accounts(Departing):
    """``protocols.services.Accounts`` for one connection."""

    @answers
    async def hello(self, request: a.AskHello) -> a.Hello:
        """Greet the caller, whose program's version is nobody's business."""
        del request
        core, caller = self.core, self.caller
        bits = core.config.work_bits
        return a.Hello(core.peer, caller.peer, caller.nonce, self.now(), a.VERSION, bits)

    @answers
    async def prove(self, request: a.Prove) -> a.Proven:
        """Take a proof that this connection holds a key."""
        self.caller.check_room()
        hello = Hello.decode(request.statement)
        async with self._patiently(hello):
            await self._verify([(hello, request)])
        remember(self.caller, hello, request.key)
        return a.Proven()

    @answers
    async def enter(self, request: a.Enter) -> a.Entered:
        """Take several at once, and tell an owner who might pass drops on."""
        self.caller.check_room()
        said = [(Hello.decode(each.statement), each) for each in request.proofs]
        if any(hello.role is Role.SIGN_IN for hello, _ in said):
            raise Unfit("the key of a password is proven by itself")
        await self._verify(said)
        self.caller.check_room(len(said))  # once more: others may have been proven meanwhile
        self.caller.check_readers(hello.subject for hello, _ in said if hello.role is Role.READER)
        for hello, proof in said:
            remember(self.caller, hello, proof.key)
        is_owner = self.caller.in_process or bool(self.caller.owners)
        return a.Entered(self.core.courier.some_met() if request.met and is_owner else ())

    async def _verify(self, said: Sequence[tuple[Hello, a.Prove]]) -> None:
        now = self.now()

        def work(view: View) -> None:
            for hello, proof in said:
                verify(view, self.core, self.caller, hello, proof, now)

        await self.core.store.read(work)

    def _patiently(self, hello: Hello) -> AbstractAsyncContextManager[None]:
        """Around looking at a proof: who guesses passwords waits."""
        if hello.role is not Role.SIGN_IN:
            return nullcontext()
        return self.trying(self.core.guesses, hello.subject.decode("ascii"))

    @answers
    async def parameters(self, request: a.AskParameters) -> a.Parameters:
        """How to stretch a password; for unknown names as a real account would say it."""
        name = check_account_name(request.name)
        account = await self.core.store.read(lambda view: view.account(name))
        # Both are written and read, so that the time of this answer does not say which it is.
        unknown = self.core.nobody.encoded
        kept = unknown if account is None else account.sign_in
        real = SignInRecord.decode(kept)
        if request.known is not None:
            self._recognise(name, real.id, request.known)
        salt = prf(self.core.secret, KdfPurpose.SALT, name.encode())[:SALT_SIZE]
        p = real.parameters
        return a.Parameters(
            p.algorithm, p.opslimit, p.memlimit, salt if account is None else p.salt
        )

    def _recognise(self, name: str, id: bytes, shown: bytes) -> None:
        """Note a machine of the owner's; what is no such is no reason to answer otherwise."""
        found = known_as(self.core.secret, name, id, shown)
        if found is not None:
            self.caller.known[name] = found

    @writes
    async def sign_up(self, request: a.SignUp) -> a.SignedUp:
        """Make an account."""
        await self.check_new()
        now = self.now()
        config, caller = self.core.config, self.caller
        if request.invite is None:
            self.core.pace.check_sign_up(caller, config.limits, now)

        def examine(view: View) -> signups.Newcomer | None:
            if signups.repeats(view, request):
                return None
            signups.check_leave(view, config, caller, request.invite, now)
            signups.check_free(view, request.name)
            return signups.examine(request, self.core.peer, now)

        newcomer = await self.core.store.read(examine)

        def work(tx: Transaction) -> a.Usage:
            if newcomer is not None and not signups.repeats(tx, request):
                quota = signups.check_leave(tx, config, caller, request.invite, now)
                signups.carry_out(tx, newcomer, quota, now)
            return usage(tx, _account(tx, request.name).id)

        found = await self.core.store.write(work)
        if request.invite is None:
            self.core.pace.signed_up(caller)
        _log.info("signed up", bytes=found.used)
        return a.SignedUp(found)

    @writes
    async def settle(self, request: a.Settle) -> a.SignedUp:
        """Make an account for somebody who has an identity already."""
        await self.check_new()
        now, core, caller = self.now(), self.core, self.caller
        if request.invite is None:
            core.pace.check_sign_up(caller, core.config.limits, now)

        def examine(view: View) -> settling.Settler | None:
            if settling.repeats(view, request):
                return None
            settling.check_leave(view, core, caller, request, now)
            return settling.examine(view, request, core, caller, now)

        settler = await core.store.read(examine)

        def work(tx: Transaction) -> a.Usage:
            if settler is not None and not settling.repeats(tx, request):
                quota = settling.check_leave(tx, core, caller, request, now)
                known = settling.still(tx, settler, core, caller, now)
                settling.carry_out(tx, known, quota, now)
            return usage(tx, _account(tx, request.name).id)

        found = await core.store.write(work)
        if settler is not None:
            caller.owners.add((settler.identity.id, settler.daily))
            core.signals.fire(Changed(settler.identity.id))
            core.signals.fire(Changed(b""))
        if request.invite is None:
            core.pace.signed_up(caller)
        _log.info("settled", bytes=found.used)
        return a.SignedUp(found)

    @answers
    async def account(self, request: a.AskAccount) -> a.Account:
        """Name, usage and how long states are kept, for the owner."""
        return await self.core.store.read(lambda view: self._account(view, request.id))

    @writes
    async def keep(self, request: a.Keep) -> a.Account:
        """How long superseded states are kept from now on."""

        def work(tx: Transaction) -> a.Account:
            row = own_account(tx, self.caller, request.id)
            tx.put_account(replace(row, keep=request.keep))
            return self._account(tx, request.id)

        return await self.core.store.write(work)

    @answers
    async def notices(self, request: a.AwaitNotices) -> a.Notices:
        """What is told to this account from some moment on; if nothing is, what comes meanwhile."""
        until = trio.current_time() + min(request.wait, a.MAX_WAIT) / 1000
        while True:
            with self.core.signals.listening(Told()) as told:
                found = await self._later(request)
                if found.notices or trio.current_time() >= until:
                    return found
                with trio.move_on_at(until):
                    await told.wait()  # it may be for somebody else

    @writes
    async def write(self, request: a.Write) -> a.Written:
        """Take a line for whoever runs the node."""
        now = self.now()

        def work(tx: Transaction) -> int:
            as_owner(tx, self.caller, request.id)
            return letters.write(tx, request.id, request.text, now)

        return a.Written(await self.core.store.write(work))

    async def _later(self, request: a.AwaitNotices) -> a.Notices:
        def work(view: View) -> a.Notices:
            row = own_account(view, self.caller, request.id)
            told = told_to(view, row.name)
            return a.Notices(tuple(each for each in told if each.time > request.after))

        return await self.core.store.read(work)

    def _account(self, view: View, id: bytes) -> a.Account:
        row = own_account(view, self.caller, id)
        most = self.core.config.retention
        keeps = Keeping.of(row.keep, most).keep // SECOND
        told = told_to(view, row.name)
        return a.Account(row.name, usage(view, row.id), told, row.keep, keeps, most)


def nobody(key: VerifyKey) -> SignInRecord:
    """The record that unknown names are checked against: ``key`` is one whose secret was dropped.

    Its parameters are those that accounts are usually made with.
    """
    operations, memory = MODERATE
    parameters = PasswordParameters(
        algorithm=ARGON2ID, opslimit=operations, memlimit=memory, salt=bytes(SALT_SIZE)
    )
    return SignInRecord("nobody", bytes(32), key, parameters, b"\0", 0)


def _account(view: View, name: str) -> AccountRow:
    row = view.account(name)
    if row is None:
        raise wrong_password()
    return row
