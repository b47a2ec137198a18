"""Helpers of the front ends' tests: real sockets, real processes.

gateway.py      the owner's gateway in this process, on a real port
openapi.py      the local API as an OpenAPI file, from the table of calls
pages.py        the parts of our pages that are made from the program
processes.py    a daemon in a process of its own, and the command line against it
served.py       the local API in this process, with any routes one likes
"""
