"""Accounts, identities, departures, invites, replicas, and the node's own settings."""

from collections.abc import Iterator
from typing import Final

from formats.errors import Exists
from storage.contracts import AccountRow, DepartureRow, IdentityRow, InviteRow, ReplicaRow
from storage.sql.statements import Row, Sql

_ACCOUNT: Final = "SELECT name, id, sign_in, quota, created, signed_up, keep, factors FROM account"
_INVITE: Final = "SELECT hash, expires, quota, created, used_by, replica FROM invite"
_DEPARTURE: Final = "SELECT id, farewell, receipt, until FROM departure"
_REPLICA: Final = "SELECT owner, peer, granted, noted FROM replica"


def _account_row(row: Row) -> AccountRow:
    return AccountRow(*row)


def _invite_row(row: Row) -> InviteRow:
    hash, expires, quota, created, used_by, replica = row
    return InviteRow(hash, expires, quota, created, used_by, bool(replica))


class PeopleView:
    """Reading them."""

    _sql: Sql

    def account(self, name: str) -> AccountRow | None:
        row = self._sql.row(f"{_ACCOUNT} WHERE name = ?", name)
        return None if row is None else _account_row(row)

    def account_of(self, id: bytes) -> AccountRow | None:
        row = self._sql.row(f"{_ACCOUNT} WHERE id = ?", id)
        return None if row is None else _account_row(row)

    def accounts(self) -> Iterator[AccountRow]:
        where = "WHERE name > ? ORDER BY name LIMIT ?"
        return map(_account_row, self._sql.walk(f"{_ACCOUNT} {where}", ""))

    def identity(self, id: bytes) -> IdentityRow | None:
        row = self._sql.row("SELECT whereabouts FROM identity WHERE id = ?", id)
        if row is None:
            return None
        chain = self._sql.rows("SELECT record FROM identity_record WHERE id = ? ORDER BY place", id)
        return IdentityRow(id, tuple(each[0] for each in chain), row[0])

    def invite(self, hash: bytes) -> InviteRow | None:
        row = self._sql.row(f"{_INVITE} WHERE hash = ?", hash)
        return None if row is None else _invite_row(row)

    def invites(self) -> Iterator[InviteRow]:
        where = "WHERE hash > ? ORDER BY hash LIMIT ?"
        return map(_invite_row, self._sql.walk(f"{_INVITE} {where}", b""))

    def replica(self, owner: bytes, peer: bytes) -> ReplicaRow | None:
        row = self._sql.row(f"{_REPLICA} WHERE owner = ? AND peer = ?", owner, peer)
        return None if row is None else ReplicaRow(*row)

    def replicas(self) -> Iterator[ReplicaRow]:
        rows = self._sql.rows(f"{_REPLICA} ORDER BY owner, peer")
        return iter([ReplicaRow(*row) for row in rows])

    def departure(self, id: bytes) -> DepartureRow | None:
        row = self._sql.row(f"{_DEPARTURE} WHERE id = ?", id)
        return None if row is None else DepartureRow(*row)

    def departures(self) -> Iterator[DepartureRow]:
        where = "WHERE id > ? ORDER BY id LIMIT ?"
        return (DepartureRow(*row) for row in self._sql.walk(f"{_DEPARTURE} {where}", b""))

    def setting(self, name: str) -> bytes | None:
        row = self._sql.row("SELECT value FROM setting WHERE name = ?", name)
        return None if row is None else bytes(row[0])


class PeopleChanges(PeopleView):
    """Changing them."""

    def put_account(self, row: AccountRow) -> None:
        other = self.account_of(row.id)
        if other is not None and other.name != row.name:
            raise Exists("another account has that identity")
        self._sql.put(
            "INSERT INTO account (name, id, sign_in, quota, created, signed_up, keep, factors)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET id = excluded.id,"
            " sign_in = excluded.sign_in, quota = excluded.quota, created = excluded.created,"
            " signed_up = excluded.signed_up, keep = excluded.keep,"
            " factors = excluded.factors",
            row.name,
            row.id,
            row.sign_in,
            row.quota,
            row.created,
            row.signed_up,
            row.keep,
            row.factors,
        )

    def delete_account(self, name: str) -> None:
        self._sql.put("DELETE FROM account WHERE name = ?", name)

    def put_identity(self, row: IdentityRow) -> None:
        self._sql.put(
            "INSERT INTO identity (id, whereabouts) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET whereabouts = excluded.whereabouts",
            row.id,
            row.whereabouts,
        )
        self._sql.put("DELETE FROM identity_record WHERE id = ?", row.id)
        self._sql.run_many(
            "INSERT INTO identity_record (id, place, record) VALUES (?, ?, ?)",
            [(row.id, place, record) for place, record in enumerate(row.chain)],
        )

    def put_invite(self, row: InviteRow) -> None:
        self._sql.put(
            "INSERT INTO invite (hash, expires, quota, created, used_by, replica)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET"
            " expires = excluded.expires, quota = excluded.quota, created = excluded.created,"
            " used_by = excluded.used_by, replica = excluded.replica",
            row.hash,
            row.expires,
            row.quota,
            row.created,
            row.used_by,
            int(row.replica),
        )

    def delete_invite(self, hash: bytes) -> None:
        self._sql.put("DELETE FROM invite WHERE hash = ?", hash)

    def put_replica(self, row: ReplicaRow) -> None:
        sql = (
            "INSERT INTO replica (owner, peer, granted, noted) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (owner, peer) DO UPDATE SET"
            " granted = excluded.granted, noted = excluded.noted"
        )
        self._sql.put(sql, row.owner, row.peer, row.grant, row.noted)

    def delete_replica(self, owner: bytes, peer: bytes) -> None:
        self._sql.put("DELETE FROM replica WHERE owner = ? AND peer = ?", owner, peer)

    def delete_identity(self, id: bytes) -> None:
        self._sql.put("DELETE FROM identity WHERE id = ?", id)
        self._sql.put("DELETE FROM identity_record WHERE id = ?", id)

    def put_departure(self, row: DepartureRow) -> None:
        sql = (
            "INSERT INTO departure (id, farewell, receipt, until) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET farewell = excluded.farewell,"
            " receipt = excluded.receipt, until = excluded.until"
        )
        self._sql.put(sql, row.id, row.farewell, row.receipt, row.until)

    def delete_departure(self, id: bytes) -> None:
        self._sql.put("DELETE FROM departure WHERE id = ?", id)

    def put_setting(self, name: str, value: bytes) -> None:
        sql = (
            "INSERT INTO setting (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        self._sql.put(sql, name, value)

    def delete_setting(self, name: str) -> None:
        self._sql.put("DELETE FROM setting WHERE name = ?", name)
