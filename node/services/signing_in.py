"""Signing in at the accounts door: the record's release, second factors, a new record."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from formats.factors import Factors
from formats.sign_in import SignInRecord
from node import factors as rules
from node.authorise import is_let_in, own_account, wrong_password
from node.caller import Attempt
from node.guesses import Guesses
from node.known import make_known
from node.proofs import record_of
from node.services.door import Door, answers, writes
from protocols import accounts as a
from protocols import factors as f
from storage.contracts import AccountRow, Transaction, View

Take = Callable[[Factors, Attempt, int], tuple[Factors, bool]]
"""What becomes of the factors, and whether what was shown is right."""


class SigningIn(Door):
    """The part of the accounts door that hands out the sign-in record, or does not."""

    @answers
    async def sign_in(self, request: a.SignIn) -> a.SignInAnswer:
        """The sign-in record, for who proved its key; or what is asked besides."""

        def work(view: View) -> tuple[AccountRow | None, bool]:
            row = view.account(request.name)
            return row, is_let_in(record_of(self.core, row), rules.of_account(row), self.caller)

        row, let_in = await self.core.store.read(work)
        if row is None:
            raise wrong_password()
        return self._released(row) if let_in else a.SignInAnswer(None, self._ask(row))

    def _released(self, row: AccountRow) -> a.SignInAnswer:
        known = make_known(self.core.secret, row.name, row.id)
        return a.SignInAnswer(row.sign_in, None, known)

    def _ask(self, row: AccountRow) -> f.Asked:
        factors = rules.of_account(row)
        attempt = self.caller.asked.setdefault(row.name, Attempt(f.TRIES))
        keys = tuple(key.credential for key in factors.keys)
        backups, code = len(factors.backups), bool(factors.codes)
        return f.Asked(attempt.challenge, code, keys, backups, attempt.left)

    @writes
    async def show_code(self, request: f.ShowCode) -> a.SignInAnswer:
        """An app's code."""
        return await self._show(
            request.name, lambda factors, _, now: rules.take_code(factors, request.code, now)
        )

    @writes
    async def show_backup(self, request: f.ShowBackup) -> a.SignInAnswer:
        """A backup code."""
        return await self._show(
            request.name, lambda factors, _, now: rules.take_backup(factors, request.code)
        )

    @writes
    async def show_key(self, request: f.ShowKey) -> a.SignInAnswer:
        """A key's signature."""
        peer = self.core.peer
        return await self._show(
            request.name,
            lambda factors, attempt, now: rules.take_key(
                factors, request, peer, attempt.challenge, now
            ),
        )

    async def _show(self, name: str, take: Take) -> a.SignInAnswer:
        """One answer of an attempt, of which there are few, one at a time, slower and slower."""
        async with self.trying(self.core.codes, name):
            attempt = self.caller.asked.get(name)
            if attempt is None:
                raise wrong_password()
            attempt.left -= 1
            row, good = await self.core.store.write(lambda tx: self._shown(tx, name, attempt, take))
            if not good:
                self._count(name, attempt)
                raise wrong_password()
        del self.caller.asked[name]
        self.caller.passed.add((name, record_of(self.core, row).sign_in.digest()))
        return self._released(row)

    def _shown(
        self, tx: Transaction, name: str, attempt: Attempt, take: Take
    ) -> tuple[AccountRow, bool]:
        row = tx.account(name)
        if row is None:
            raise wrong_password()
        factors = rules.of_account(row)
        is_let_in(record_of(self.core, row), factors, self.caller)
        after, good = take(factors, attempt, self.now())
        if after != factors:
            row = replace(row, factors=after.encoded)
            tx.put_account(row)
        return row, good

    def _count(self, name: str, attempt: Attempt) -> None:
        """After the last wrong answer the password must be proven again."""
        if not attempt.left:
            self.caller.asked.pop(name, None)
            proven = {each for each in self.caller.sign_ins if each[0] == name}
            self.caller.sign_ins -= proven

    def trying(self, guesses: Guesses, name: str) -> AbstractAsyncContextManager[None]:
        """Around looking at an answer: who guesses waits. A machine of the owner's counts alone."""
        known, allowed = self.caller.known.get(name), self.core.config.limits.guesses
        return guesses.trying(name, known or self.caller.site, allowed, known is not None)

    @writes
    async def replace_sign_in(self, request: a.ReplaceSignIn) -> a.Replaced:
        """A new password or bundle, for who proved the old password."""
        fresh = SignInRecord.decode(request.record)

        def work(tx: Transaction) -> None:
            row = self._let_in(tx, request.name)
            fresh.check_replaces(record_of(self.core, row))
            tx.put_account(replace(row, sign_in=request.record))

        await self.core.store.write(work)
        return a.Replaced()

    def _let_in(self, view: View, name: str) -> AccountRow:
        """The account, for who may have its record; raises WrongPassword."""
        row = view.account(name)
        if (
            not is_let_in(record_of(self.core, row), rules.of_account(row), self.caller)
            or row is None
        ):
            raise wrong_password()
        return row

    @answers
    async def factors(self, request: f.AskFactors) -> f.Factors:
        """Which there are, for the owner."""

        def work(view: View) -> f.Factors:
            row = own_account(view, self.caller, request.id)
            return _told(rules.of_account(row))

        return await self.core.store.read(work)

    @writes
    async def add_code(self, request: f.AddCode) -> f.Factors:
        """One more app."""
        return await self._change(
            request.name, lambda factors, now: rules.add_code(factors, request, now)
        )

    @writes
    async def add_key(self, request: f.AddKey) -> f.Factors:
        """One more key."""
        peer, nonce = self.core.peer, self.caller.nonce
        return await self._change(
            request.name, lambda factors, now: rules.add_key(factors, request, peer, nonce, now)
        )

    @writes
    async def set_backups(self, request: f.SetBackups) -> f.Factors:
        """Other backup codes."""
        return await self._change(
            request.name, lambda factors, _: rules.set_backups(factors, request.hashes)
        )

    @writes
    async def remove_factor(self, request: f.RemoveFactor) -> f.Factors:
        """One factor less."""
        return await self._change(
            request.name, lambda factors, _: rules.remove(factors, request.number)
        )

    async def _change(self, name: str, change: Callable[[Factors, int], Factors]) -> f.Factors:
        def work(tx: Transaction) -> tuple[Factors, SignInRecord]:
            row = self._let_in(tx, name)
            after = change(rules.of_account(row), self.now())
            tx.put_account(replace(row, factors=after.encoded))
            return after, record_of(self.core, row)

        after, record = await self.core.store.write(work)
        self.caller.passed.add((name, record.sign_in.digest()))  # who added it is let in with it
        return _told(after)


def _told(factors: Factors) -> f.Factors:
    """What their owner is told: nothing with which one could be shown."""
    codes = tuple(f.Factor(c.number, c.label, c.added, c.used) for c in factors.codes)
    keys = tuple(f.Factor(k.number, k.label, k.added, k.used) for k in factors.keys)
    return f.Factors(codes, keys, len(factors.backups), factors.wrong, factors.since)
