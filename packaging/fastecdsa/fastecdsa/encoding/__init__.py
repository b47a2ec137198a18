"""Encodings, refused.

sec1.py    SEC1 points
util.py    integers as bytes
"""
