"""The calls of the feed: what friends post and share, what one posts, comments, and what is new.

arriving.py     what comes in while somebody is signed in
reading.py      feed, seen, hide, watch
posts.py        post new, edit, delete, show
comments.py     comment, react
notices.py      notifications
shown.py        posts, comments and notifications as JSON
table.py        START HERE: the calls there are
"""
