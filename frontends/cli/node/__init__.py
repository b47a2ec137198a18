"""``holdfast node ...``: looking after a node, for whoever runs it.

accounts.py     who lives on it, and what they use
config.py       whether its settings are in order
family.py       START HERE: the commands below ``holdfast node``
"""
