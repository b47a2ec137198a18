"""Bytes at rest: contracts, and their implementations.

contracts.py    what every back end promises: START HERE
"""
