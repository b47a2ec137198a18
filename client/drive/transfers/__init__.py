"""What outlives its process: uploads and downloads that go on where they were cut off.

The formats are in docs/spec/transfers.md.

underway.py   what is known of one: from where, to where, its key, how far it is
journal.py    one sealed file that is only added to
journals.py   this machine's: begun, found again, let go of
shelf.py      what an upload notes in the owner's space, for their other devices
uploading.py  an upload that goes on: what is there already, what is staged now
uploads.py    finding the upload that a put goes on with, or beginning one
downloading.py  a download that goes on: what is in its temporary file already
listing.py    what is unfinished, and letting go of it
"""
