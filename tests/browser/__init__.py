"""What a real browser does with the owner's page, and with what people keep.

chromium.py     the system's browser, driven; one tab of it, watched
elsewhere.py    somebody else's web server on this machine
visiting.py     being on the owner's page, and asking through it
people.py       people with nodes of their own, and what two of them do
axe.py          what axe-core finds wrong with what is shown
screenshots.py  pictures of the page for the documents
conftest.py     fixtures: a browser, a daemon with somebody signed in, a tab on their page

Without a browser (Debian: ``apt-get install chromium``) these tests are left out, unless
HOLDFAST_REQUIRE names chromium. axe-core comes by ``make page``.
"""
