"""What a stranger's node may read: records, trees, errors.

errors.py    the closed list of errors: wire number, exit code, HTTP status, hint
dag_cbor.py  canonical DAG-CBOR: the one encoding of a value, and a decoder that accepts no other
cid.py       CIDs and blocks: names of bytes, and bytes that carry their name
fields.py    strict reading of a record's fields, with types and ranges
"""
