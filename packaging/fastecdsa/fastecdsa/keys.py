"""Key making, refused."""

from fastecdsa import refuse as gen_keypair
from fastecdsa import refuse as gen_private_key
from fastecdsa import refuse as get_public_key

__all__ = ["gen_keypair", "gen_private_key", "get_public_key"]
