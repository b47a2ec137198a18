"""The owner's page on loopback, inside the daemon: the same local API, for a browser.

answer.py     an answer that is no call's
assets.py     the page's own files, compressed, under names that change with them
doorstep.py   connections that have not said yet what they want
entering.py   a link's token for a cookie and a key; ending a visit
gateway.py    START HERE: one request, from its first byte to its answer
guard.py      who may ask for what, by what browsers say of a request
headers.py    what every answer tells the browser not to do
request.py    one request that came in
sites.py      the two sites of one port: the page, and what is shown apart from it
visits.py     who has entered
web.py        listening on loopback; links

``page/`` holds the page itself: HTML, CSS and ES modules, served as they are.
"""
