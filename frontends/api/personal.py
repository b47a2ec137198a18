"""The calls that need a person: accounts, files, friends. Loaded when the socket answers already.

What is imported from here holds keys; a headless node never loads it.
"""

from typing import Final

from frontends.api import (
    account,
    change,
    circles,
    files,
    finding,
    past,
    people,
    ranges,
    restored,
    search,
    settings,
    sharing,
    transfers,
    trash,
    tree,
)
from frontends.api.away import noticing
from frontends.api.routes import Nothing, call, look, pipe

_CALLS: Final = (
    call("signup", account.SigningUp, account.signup),
    call("login", account.SigningIn, account.login),
    call("logout", Nothing, account.logout),
    call("passwd", account.Passwords, account.passwd),
    look("whoami", account.whoami),
    call("restored", restored.Restored, restored.restored),
    call("ls", tree.Listing, tree.ls),
    call("stat", tree.Paths, tree.stat),
    call("du", tree.Measuring, tree.du),
    call("find", tree.Finding, tree.find),
    call("search", search.Searching, search.search),
    call("put", files.Putting, files.put),
    pipe("put/pipe", files.PipingIn, files.put_pipe),
    call("get", files.Getting, files.get),
    call("cat", files.Pouring, files.cat, gives_bytes=True),
    call("thumbnail", files.Thumbnail, files.thumbnail, gives_bytes=True),
    call("transfers", Nothing, transfers.transfers),
    call("transfers/forget", transfers.Forgetting, transfers.forget),
    pipe("write", ranges.Writing, ranges.write),
    pipe("append", ranges.Appending, ranges.append),
    call("truncate", ranges.Cutting, ranges.truncate),
    call("mkdir", change.Making, change.mkdir),
    call("mv", change.Moving, change.mv),
    call("cp", change.Copying, change.cp),
    call("rm", change.Removing, change.rm),
    call("trash", Nothing, trash.trash),
    call("trash/restore", trash.Restoring, trash.restore),
    call("trash/empty", trash.Emptying, trash.empty),
    call("versions", past.Versions, past.versions),
    call("restore", past.GoingBack, past.restore),
    call("log", past.Looking, past.log),
    call("snapshot", past.Snapshot, past.snapshot),
    call("snapshot/list", Nothing, past.snapshots),
    call("snapshot/delete", past.Snapshot, past.delete_snapshot),
    call("forget", past.Forgetting, past.forget),
    look("settings", settings.settings),
    call("settings/change", settings.Changing, settings.change),
    call("card", Nothing, people.card),
    call("follow", people.Following, people.follow),
    call("requests", Nothing, people.requests),
    call("accept", people.Accepting, people.accept),
    call("decline", people.Who, people.decline),
    call("contacts", Nothing, people.contacts),
    call("circle/new", circles.Named, circles.new),
    call("circle/add", circles.Membership, circles.add),
    call("circle/remove", circles.Membership, circles.remove),
    call("circle/list", Nothing, circles.circles),
    call("circle/delete", circles.Named, circles.delete),
    call("whois", finding.Whom, finding.whois),
    call("publish", finding.Publishing, finding.publish),
    call("share", sharing.Giving, sharing.share),
    call("unshare", sharing.TakingBack, sharing.unshare),
    call("shared", sharing.Shared, sharing.shared),
    call("access", sharing.Seeing, sharing.access),
)
"""In the order of the documents."""

PEOPLE: Final = tuple(map(noticing, _CALLS))
