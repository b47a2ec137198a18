"""The calls below ``/v1/node/``. A further one is a line here and a function beside."""

from typing import Final

from frontends.api.node import accounts
from frontends.api.routes import look

NODE: Final = (look("node/accounts", accounts.accounts),)
"""Answered by every daemon, with people or without."""
