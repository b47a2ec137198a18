"""Calls of the page that give out addresses of content."""

from dataclasses import dataclass
from functools import partial

from client.drive.resolve import resolve
from client.identity.account import account
from formats.errors import Usage
from frontends.api.archive import Poured, check_ready, pouring, show_export
from frontends.api.past import as_of
from frontends.api.reply import Json, Reply
from frontends.api.routes import Route, call
from frontends.api.state import State
from frontends.web.account import Account
from frontends.web.content import Addresses, File, Given, Pack
from frontends.web.sites import Sites
from frontends.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Showing:
    """A file. ``at``: as it was (see ``ls``). ``save``: it shall be stored, not shown."""

    path: str
    at: str | None = None
    save: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """What ``web/export`` gave."""

    address: str


@dataclass(frozen=True, slots=True)
class Packing:
    """Files and folders. ``at``: as they were (see ``ls``). ``name``: of the zip."""

    paths: tuple[str, ...]
    at: str | None = None
    name: str = "holdfast.zip"


def showing(addresses: Addresses, sites: Sites, visit: Visit) -> Route:
    """Giving out the address of one file."""

    async def show(state: State, asked: Showing, _reply: Reply) -> Json:
        """An address at which a file can be read, with ranges, as it is now: for a browser."""
        person = state.person
        drive = await as_of(state, asked.at, asked.path)
        found = await resolve(drive, drive.path(asked.path))
        reader = await found.reader()
        kind = reader.node.header.type or ""
        file = File(found.path.title, kind, reader)
        at = addresses.give(person, Given(visit, file, asked.save))
        return {"address": sites.content + at, "size": reader.size, "type": kind or None}

    return call("web/show", Showing, show)


def packing(addresses: Addresses, sites: Sites, visit: Visit) -> Route:
    """Giving out the address of a zip."""

    async def pack(state: State, asked: Packing, _reply: Reply) -> Json:
        """An address at which files and folders come as one zip, made while it is sent."""
        if not asked.paths:
            raise Usage("nothing was named")
        person = state.person
        drive = await as_of(state, asked.at, asked.paths[0])
        for path in asked.paths:
            await resolve(drive, drive.path(path))
        pack = Pack(asked.name, drive, asked.paths)
        return {"address": sites.content + addresses.give(person, Given(visit, pack, True))}

    return call("web/zip", Packing, pack)


def exporting(addresses: Addresses, sites: Sites, visit: Visit) -> Route:
    """Giving out the address of an account."""

    async def export(state: State, asked: Poured, _reply: Reply) -> Json:
        """An address at which all of your account comes as one sealed file, once."""
        check_ready(state, asked.ready)
        person = state.person
        total = (await account(person.session)).usage.used
        file = Account(f"{person.session.name}.car", total, partial(pouring, state, asked.ready))
        return {"address": sites.content + addresses.give(person, Given(visit, file, True))}

    return call("web/export", Poured, export)


def following(addresses: Addresses, sites: Sites) -> Route:
    """How it goes on with an account whose address was given out."""

    async def follow(_state: State, asked: Fetched, reply: Reply) -> Json:
        """How far your browser is with the file of your account, until it has all of it."""
        file = addresses.find(asked.address.removeprefix(sites.content)).what
        if not isinstance(file, Account):
            raise Usage("that is no account")
        file.tell = partial(show_export, reply, file.total)
        await file.ended()
        return {}

    return call("web/export/follow", Fetched, follow)
