"""Integer helpers, refused."""

from fastecdsa import refuse as int_bytelen

__all__ = ["int_bytelen"]
