"""Thumbnails: small pictures of images, made apart from everything that holds keys.

sealed.py    a thumbnail as a leaf beside its file's header leaf
maker.py     has them made, one at a time, by a process that it ends if it takes long
drawing.py   that process: bytes in, a small picture out; knows nothing of us
showing.py   the thumbnail of the file at a path
"""
