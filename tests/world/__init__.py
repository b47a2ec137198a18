"""A whole world in one process: nodes and people, with real formats, codecs and rules.

clock.py      one clock for everybody, that a test can move
faults.py     what can go wrong between a person and a node
person.py     what a person does
place.py      a node that can be killed and started again
postgres.py   a PostgreSQL of our own
road.py       how a device reaches nodes
town.py       three real nodes and a shell: ``make town``
world.py      all of it together
"""
