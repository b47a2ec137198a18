"""The feed among friends: posts, what is shared, comments, reactions. All of it is shared files.

What is written:

items.py          posts, and what a feed says of them
index.py          the list of the newest of one author for one audience
answers.py        comments and reactions, signed by whoever answers
files.py          small whole files within one operation
channels.py       one folder for each audience
names.py          what months and posts are called
posts.py          where posts of one's own are
posting.py        posts: written, changed, taken away
answering.py      comments and reactions: written, changed, taken back
gathering.py      taking in what others answer to my posts

What is read:

feed.py           START HERE: a page of the feed
everyone.py       everybody, read at the same time
source.py         what one person posts and shares, in three questions
months.py         posts that are older than the list of the newest
replies.py        who answered what I commented under posts of others
said.py           what an author took in about a post, believed by its writers' signatures
thread.py         one post with its comments
whose.py          whose a post is, by what was seen
naming.py         posts and comments by the beginnings of their ids
marks.py          what I saw, and when first; what I hid
notes.py          who answered what I wrote, as it came in
notifications.py  these, and who asks to follow
"""
