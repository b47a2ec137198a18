"""What people do with Holdfast, told once and run in a world and with real processes.

canaries.py   random words that must not appear where they could be read
proxy.py      between two nodes: writes down every byte that passes
search.py     many words looked for in gigabytes
trees.py      local folders to put, and to compare with what comes back
"""
