"""The owner's page on loopback, inside the daemon: the same local API, for a browser.

account.py    all of an account as one file, and how far a browser is with it
admins.py     who may run the node through the page
answer.py     an answer that is no call's
assets.py     the page's own files, compressed, under names that change with them
content.py    addresses of what people keep, given out to the page
doorstep.py   connections of those who have not shown that they may come in
entering.py   a link's token for a cookie and a key; ending a visit
gateway.py    START HERE: one request, from its first byte to its answer
giving.py     calls that give out addresses of content
guard.py      who may ask for what, by what browsers say of a request
headers.py    what every answer tells the browser not to do
ranges.py     which bytes of a file are asked for
request.py    one request that came in
showing.py    the site of content: a file with ranges, or a zip
sites.py      the two sites of one port: the page, and what is shown apart from it
visits.py     who has entered
web.py        listening on loopback; links
zipping.py    a zip that is sent while it is made

``page/`` holds the page itself: HTML, CSS and ES modules, served as they are.
"""
