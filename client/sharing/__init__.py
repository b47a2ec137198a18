"""Sharing: giving somebody the right to read, and taking it back at once.

job.py       the rest of a rotation, step by step, kept in a journal
rotate.py    a new secret for one node, and every label below it
"""
