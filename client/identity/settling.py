"""Settling in: an account at a node for an identity that there is already.

    papers = await papers_for(around, Living((home,), name), chain, bundle, keys, parameters)
    await settle(around, home, papers, invite)

All or nothing, and idempotent: the same papers again get the same answer. What the identity
has in its spaces is there already, where a replica was kept, or comes afterwards.
"""

from dataclasses import dataclass, field, replace

import trio

from client.home import Connected, HomeLine
from client.identity.bundle import Bundle
from client.identity.password import PasswordKeys
from client.identity.whereabouts import sign_whereabouts
from client.provers import HybridProver
from client.session import Surroundings
from crypto.passwords import PasswordParameters
from crypto.secret import random_bytes
from formats.identity import IdentityChain
from formats.sign_in import SignInRecord
from formats.statement import Role
from formats.whereabouts import Home, Living, Whereabouts
from protocols.accounts import Settle, SignedUp, Usage


@dataclass(frozen=True, slots=True)
class Papers:
    """What somebody brings to a new home. ``bundle`` is what ``record`` holds sealed."""

    chain: IdentityChain
    whereabouts: Whereabouts
    bundle: Bundle
    record: SignInRecord
    nonce: bytes = field(default_factory=lambda: random_bytes(16))

    @property
    def name(self) -> str:
        """The account name there."""
        return self.record.name


async def papers_for(
    around: Surroundings,
    living: Living,
    chain: IdentityChain,
    bundle: Bundle,
    keys: PasswordKeys,
    parameters: PasswordParameters,
) -> Papers:
    """Whereabouts of who lives so, and the bundle sealed for a password's ``keys``.

    One of the homes has the role "home". The whereabouts' number is above the bundle's: that
    is to be the highest that was seen.
    """
    seq = bundle.whereabouts_seq + 1
    sealing, now = bundle.sealing[0].pair, around.now()
    where = sign_whereabouts(chain, seq, living, sealing, now, bundle.daily)
    known = replace(bundle, head=chain.head_hash, head_seq=chain.seq, whereabouts_seq=seq)
    name = living.name
    sealed = await trio.to_thread.run_sync(known.seal, name, keys)
    record = SignInRecord(name, chain.id, keys.sign_in.verify_key, parameters, sealed, 0)
    return Papers(chain, where, known, record)


async def settle(
    around: Surroundings, home: Home, papers: Papers, invite: bytes | None = None
) -> Usage:
    """Make the account at ``home``; returns what it uses there, and may.

    Raises Exists (the name is taken there, or this identity lives there), BadInvite, Stale and
    Forked (that node knows newer records of this identity, or others), QuotaExceeded,
    Unreachable.
    """
    prover = HybridProver(Role.OWNER, papers.chain.id, papers.bundle.daily)

    async def ask(connected: Connected) -> SignedUp:
        proof = await trio.to_thread.run_sync(prover.prove, connected.hello)
        request = Settle(
            name=papers.name,
            nonce=papers.nonce,
            chain=papers.chain.encoded,
            whereabouts=papers.whereabouts.encoded,
            sign_in=papers.record.encoded,
            statement=proof.statement,
            signature=proof.signature,
            invite=invite,
        )
        return await connected.doors.accounts.settle(request)

    line = HomeLine(around.network, [home])
    try:
        return (await line.call(ask)).usage
    finally:
        await line.aclose()
