"""Follow requests that wait for an answer, and those that were declined.

One record each, ``system/requests/<id in hex>``; a newer request of the same person
takes the place of the older. A declined one keeps only the number of its message,
so that the home cannot bring it up again.
"""

from dataclasses import dataclass, replace
from typing import Final

from client.capability import CAPABILITY_SIZE, Capability
from client.session import Session
from client.social.contacts import Reach, everybody, read_records
from client.social.messages import Message
from client.social.store import REQUESTS, System, look
from crypto.secret import Secret
from formats.dag_cbor import Value
from formats.errors import NotFound, Unfit
from formats.fields import Fields
from formats.handle import handle
from formats.limits import ID

MAX_REQUESTS: Final = 256
"""Requests that are kept. When there are as many, declined ones make way for new ones."""
_WHAT: Final = "request"


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants to follow me. ``time`` is theirs, in ms; ``pays``: as of a contact."""

    id: bytes
    records: tuple[bytes, ...]
    reach: Reach
    theirs: Capability
    seq: int
    time: int
    declined: bool = False
    pays: Secret | None = None

    @classmethod
    def of(cls, message: Message, records: tuple[bytes, ...]) -> "Request":
        """From a message that was verified."""
        content = message.content
        reach = Reach.of(content)
        return cls(
            message.sender,
            records,
            reach,
            content.log,
            message.seq,
            message.time,
            pays=content.tokens,
        )

    @property
    def name(self) -> str:
        """What they call themselves."""
        return self.reach.name

    @property
    def handle(self) -> str:
        """Their name and the fingerprint of their id."""
        return handle(self.reach.name, self.id)

    @property
    def value(self) -> dict[str, Value]:
        """As it is kept."""
        return {
            "id": self.id,
            "chain": list(self.records),
            "reach": self.reach.value,
            "theirs": self.theirs.encode(),
            "seq": self.seq,
            "time": self.time,
            "declined": self.declined,
            **({} if self.pays is None else {"pays": self.pays.reveal()}),
        }

    @classmethod
    def read(cls, fields: Fields) -> "Request":
        """As it was kept."""
        pays = fields.optional_bytes("pays", 32)
        return cls(
            id=fields.bytes_("id", ID),
            records=read_records(fields),
            reach=Reach.read(fields.map_("reach")),
            theirs=Capability.decode(fields.bytes_("theirs", CAPABILITY_SIZE)),
            seq=fields.uint("seq"),
            time=fields.uint("time"),
            declined=fields.flag("declined"),
            pays=None if pays is None else Secret(pays),
        )


async def get(system: System, id: bytes) -> Request | None:
    """The request of that person, waiting or declined."""
    fields = await system.get((REQUESTS, id.hex()), _WHAT)
    return None if fields is None else Request.read(fields)


async def put(system: System, request: Request) -> None:
    """Keep a request; raises Unfit when there are too many: no error that passes by waiting."""
    names = await system.names(REQUESTS)
    if request.id.hex() not in names and len(names) >= MAX_REQUESTS:
        await _make_room(system)
    await system.put((REQUESTS, request.id.hex()), request.value)


async def _make_room(system: System) -> None:
    """Forget the declined request that is the oldest; if none was declined, there is no room."""
    found = [Request.read(fields) for fields in (await system.all(REQUESTS)).values()]
    oldest = min(
        (each for each in found if each.declined), key=lambda each: each.time, default=None
    )
    if oldest is None:
        raise Unfit(f"{len(found)} follow requests wait already", hint=_ANSWER)
    await remove(system, oldest.id)


_ANSWER: Final = "accept or decline some of them: 'holdfast requests' lists them"


async def withdraw(system: System, request: Request, seq: int) -> None:
    """They do not ask any more: as if it had been declined at their message ``seq``."""
    if seq > request.seq:
        await put(system, replace(request, seq=seq, declined=True))


async def remove(system: System, id: bytes) -> None:
    """It was answered."""
    await system.remove(REQUESTS, id.hex())


async def waiting(system: System) -> list[Request]:
    """The requests that wait for an answer, the oldest first."""
    records = await system.all(REQUESTS)
    found = [Request.read(fields) for fields in records.values()]
    return sorted((each for each in found if not each.declined), key=lambda each: each.time)


async def by_name(system: System, name: str) -> Request:
    """The waiting request of that name or handle; raises NotFound (also when two have it)."""
    found = [each for each in await waiting(system) if name in (each.name, each.handle)]
    if len(found) == 1:
        return found[0]
    if found:
        handles = ", ".join(each.handle for each in found)
        raise NotFound(f"several people call themselves '{name}'", f"name one of: {handles}")
    known = any(name in (each.name, each.handle) for each in await everybody(system))
    said = f"'{name}' is a contact already" if known else f"'{name}' has not asked to follow you"
    raise NotFound(said, hint="'holdfast requests' lists who waits")


async def requests(session: Session) -> list[Request]:
    """Who waits for my answer, the oldest first."""
    return await waiting(await look(session))
