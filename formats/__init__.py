"""What a stranger's node may read: records, trees, errors.

errors.py    the closed list of errors: wire number, exit code, HTTP status, hint
"""
