"""Tests of the tree.

trees.py    labels that hurt, a store in a dict, and the tree as its definition has it
"""
