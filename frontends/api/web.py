"""The owner's page: a link to it."""

from formats.errors import Unfit
from frontends.api.reply import Json, Reply
from frontends.api.routes import Nothing
from frontends.api.state import State


async def link(state: State, _asked: Nothing, _reply: Reply) -> Json:
    """A link to the owner's page: good once, for ten minutes. Only for the command line."""
    node = await state.node.wait()
    web = state.web.now
    if web is None:
        said = "is turned off" if not node.config.web else "is not there"
        raise Unfit(f"this daemon's page {said}", hint="'web = true' in config.toml turns it on")
    return {"link": web.link(), "page": web.sites.page}
