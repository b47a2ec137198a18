"""Several devices changing one drive at once, held against a plain model.

Everything is real but the disk and the sockets (``tests.world``). Whatever the
devices do at the same time, and whatever goes wrong meanwhile, there must be one
order in which all of it happened one after another, with the same outcomes:
that order is read off the commits, and played again on a model of a few lines.

model.py      a drive as nested dicts
deeds.py      what a device may do, for real and to the model
order.py      which commit each deed is in, and so where in the one order it stands
record.py     what happened, and whether one order explains it
devices.py    devices at work, each a member of its own
trouble.py    what goes wrong meanwhile: broken lines, lost answers, dead devices, dead nodes
campaign.py   ``make together``: ten thousand deeds of eight devices
giving.py     ``make giving``: sharing and taking back, killed at random moments
"""
