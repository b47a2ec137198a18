"""What holds for the tree as a whole.

tree.py           the source tree as these tests see it
links.py          the links in our documents, and which of them lead nowhere
error_table.py    the table of errors for people, made from the closed list
"""
