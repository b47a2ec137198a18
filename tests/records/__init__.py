"""Made-up people and records for tests: the same ones in every run.

people.py          keys from words, an identity with a space and pointers
schemas.py         every record's schema as data, and the cases that follow from it
vectors.py         the vectors of the records that come out the same each time
signed_vectors.py  those with signatures, made once
published_vectors.py  and those of published people
"""
