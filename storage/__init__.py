"""Bytes at rest: contracts, and their implementations."""
