"""The engine under the drive: verified reading, replayed commits.

reading.py    the interfaces: Reading, Changing, Space
"""
