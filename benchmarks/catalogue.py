"""Everything that is measured: the jobs, and what is said of each of their figures.

A job runs in a process of its own and measures one or more stretches; a ``Line``
is how the table shows one of them, beside Peergos and the goal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from benchmarks import (
    accounts,
    again,
    anchors,
    bulk,
    commands,
    crowded,
    engine,
    friends,
    handles,
    pipeline,
    rclone,
    records,
    small,
)
from benchmarks.measuring import Bench

Job = Callable[[Bench], None]


class Unit(StrEnum):
    """What a line is told in. ``RATE`` and ``COUNT`` are better when greater, the others not.

    ``SHARE`` is bytes stored for each byte given; ``GROWTH`` is memory beyond what there was,
    ``MEMORY`` all of it.
    """

    RATE = "MB/s"
    COUNT = "/s"
    TIME = "ms"
    SHARE = "bytes a byte"
    GROWTH = "MiB more"
    MEMORY = "MiB"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    ``peergos`` and ``goal`` are in the line's unit. ``requests`` are the most that the
    goal allows, for each item where items are timed one by one. ``against`` names the
    anchor, or the line, whose ratio is shown. ``beats``: anchors or lines of the same
    run, and how many times better than each it shall be.
    """

    name: str
    title: str
    unit: Unit
    peergos: float | None = None
    peergos_also: str = ""
    goal: float | None = None
    requests: int | None = None
    against: str | None = None
    beats: tuple[tuple[str, float], ...] = ()


JOBS: Final[Mapping[str, Job]] = {
    "anchor/cp": anchors.copy,
    "anchor/cp-small": anchors.copy_small,
    "anchor/append": anchors.append,
    "anchor/sha256": anchors.digest,
    "anchor/aes-gcm": anchors.cipher,
    "anchor/tcp": anchors.stream,
    "anchor/password": accounts.password,
    "pipeline": pipeline.there_and_back,
    "rclone/bulk": rclone.bulk,
    "rclone/small": rclone.small,
    "engine/stage": engine.stage,
    "engine/commit": engine.commit,
    "records": records.records,
    "own/bulk": bulk.own,
    "own/handle": handles.own,
    "own/pipe": again.piped,
    "own/resume": again.cut_off,
    "own/update": again.updated,
    "friend/bulk": bulk.friend,
    "own/small": small.own,
    "friend/small": small.friend,
    "own/small-stored": small.kept,
    "own/singly": small.singly,
    "own/crowded": crowded.crowded,
    "own/accounts": accounts.own,
    "friend/accounts": accounts.friend,
    "friends": friends.friends,
    "memory": bulk.memory,
    "cli/start": commands.start,
    "cli/bulk": commands.bulk,
}

ANCHORS: Final = (
    Line("anchor/cp", "`cp` and one fsync", Unit.RATE),
    Line("anchor/sha256", "SHA-256, one core", Unit.RATE),
    Line("anchor/aes-gcm", "AES-256-GCM as everything is sealed, one core", Unit.RATE),
    Line("anchor/tcp", "a TCP stream on loopback, two processes", Unit.RATE),
    Line("pipeline/up", "the bare pipeline: read, seal, hash, append, sync", Unit.RATE),
    Line("pipeline/down", "the bare pipeline back: read, hash, open, write, one fsync", Unit.RATE),
    Line("anchor/cp-small", "`cp -r` of the small files, not synced", Unit.COUNT),
    Line("anchor/append", "4 KiB appended and synced, one after another", Unit.COUNT),
    Line("rclone/up", "`rclone crypt`: the large file in, not synced", Unit.RATE),
    Line("rclone/down", "and back", Unit.RATE),
    Line("rclone/small-put", "the small files in, not synced", Unit.COUNT),
    Line("rclone/small-get", "and back", Unit.COUNT),
    Line("rclone/list", "listed", Unit.TIME),
    Line("anchor/password", "Argon2id as a sign-in does it", Unit.TIME),
)

LAYERS: Final = (
    Line("engine/stage", "sealed segments into the store, durable", Unit.RATE, against="anchor/cp"),
    Line("engine/seal", "small files sealed, in memory", Unit.COUNT),
    Line("engine/commit", "sealed small files into a folder, one commit", Unit.COUNT),
    Line("records/blocks-embedded", "blocks of 4 KiB staged, 200 a request", Unit.COUNT),
    Line(
        "records/blocks-postgres",
        "the same with records in PostgreSQL",
        Unit.COUNT,
        against="records/blocks-embedded",
    ),
    Line("records/many-embedded", "small commits to one space, 16 writers", Unit.COUNT),
    Line(
        "records/many-postgres",
        "the same with records in PostgreSQL",
        Unit.COUNT,
        against="records/many-embedded",
    ),
    Line("records/one-embedded", "small commits, one after another", Unit.COUNT),
    Line(
        "records/one-postgres",
        "the same with records in PostgreSQL",
        Unit.COUNT,
        against="records/one-embedded",
    ),
)

_UP: Final = 17.2
_DOWN: Final = 20.2
_RANDOM: Final = 246.0
_SMALL: Final = 54.0
_LIST: Final = 3600.0
_LIST_AGAIN: Final = 360.0
_DEEP: Final = 122.0
_EDIT: Final = 119.0
_SIGN_UP: Final = 3200.0
_SIGN_IN: Final = 1170.0
_FRIENDS: Final = 12_100.0
# Peergos 1.32.0 as it was measured on a machine of this kind; of ranges, its best.

WORKLOADS: Final = (
    Line(
        "own/up",
        "one large file into the own node, durable",
        Unit.RATE,
        _UP,
        ", 1,243 requests",
        400,
        against="pipeline/up",
        beats=(("pipeline/up", 0.85), ("rclone/up", 2.5)),
    ),
    Line(
        "own/down",
        "and back",
        Unit.RATE,
        _DOWN,
        "",
        540,
        against="pipeline/down",
        beats=(("pipeline/down", 0.85), ("rclone/down", 1.8)),
    ),
    Line("own/random", "64 KiB at a random place of it", Unit.TIME, _RANDOM, "", 1),
    Line(
        "own/handle-in-order",
        "it read in order through an open file",
        Unit.RATE,
        _DOWN,
        against="own/down",
    ),
    Line(
        "own/handle-random", "64 KiB at a random place of an open file", Unit.TIME, _RANDOM, "", 1
    ),
    Line("own/handle-again", "and of one chunk, again and again", Unit.TIME),
    Line("own/overwrite", "64 KiB overwritten at a random place, saved", Unit.TIME),
    Line("own/overwrite-moved", "bytes moved for each byte of that", Unit.SHARE, goal=16),
    Line("own/stored", "bytes on the disk for each byte of it", Unit.SHARE, 1.001, "", 1.003),
    Line(
        "own/pipe",
        "it through a pipe, of unknown length",
        Unit.RATE,
        against="own/up",
        beats=(("own/up", 0.8),),
    ),
    Line(
        "own/resume",
        "sent again after a put was stopped at half, for each byte of it",
        Unit.SHARE,
        goal=0.05,
    ),
    Line("friend/up", "it into a friend's node", Unit.RATE, _UP, "", 180, against="anchor/tcp"),
    Line("friend/down", "and back", Unit.RATE, _DOWN, "", 180, against="anchor/tcp"),
    Line("friend/random", "64 KiB at a random place of it", Unit.TIME, _RANDOM, "", 3),
    Line(
        "own/small-put",
        "small files into the own node, one put",
        Unit.COUNT,
        _SMALL,
        ", 10 requests",
        3300,
        5,
        "anchor/cp-small",
    ),
    Line("own/small-get", "and back", Unit.COUNT, against="anchor/cp-small"),
    Line("own/update-nothing", "`--update` of them when nothing changed", Unit.TIME, requests=3),
    Line("own/update-one", "and when one of them did", Unit.TIME, requests=3),
    Line("own/small-stored", "bytes on the disk for each byte", Unit.SHARE, 1.34, "", 1.35),
    Line("own/list-cold", "listed on a device that is new", Unit.TIME, _LIST, "", 50, 3),
    Line("own/list-warm", "and again", Unit.TIME, _LIST_AGAIN, "", 10),
    Line("friend/small-put", "small files into a friend's node", Unit.COUNT, _SMALL, "", None, 5),
    Line("friend/small-get", "and back", Unit.COUNT),
    Line("friend/list-cold", "listed on a device that is new", Unit.TIME, _LIST, "", 50, 3),
    Line("friend/list-warm", "and again", Unit.TIME, _LIST_AGAIN, "", 10),
    Line("own/one-by-one", "small files put one after another", Unit.COUNT, 2.7, "", 250),
    Line("own/sixteen", "sixteen at a time", Unit.COUNT, 2.7, "", 1000, against="anchor/append"),
    Line("own/edit", "a small file gets a new version", Unit.TIME, _EDIT, ", 4 requests", 5, 2),
    Line("friend/edit", "the same at a friend's node", Unit.TIME, _EDIT, ", 4 requests", None, 2),
    Line("own/add-few", "one more file into a folder of 10", Unit.TIME, _EDIT, "", 5),
    Line(
        "own/add-many",
        "one more file into a folder of 100,000",
        Unit.TIME,
        _EDIT,
        against="own/add-few",
        beats=(("own/add-few", 0.67),),
    ),
    Line("own/crowd-first", "the first screen of it on a new device", Unit.TIME, goal=100),
    Line("own/crowd-all", "all of it on a new device", Unit.TIME, goal=3000),
    Line("own/deep-cold", "a path ten deep, on a device that is new", Unit.TIME, _DEEP, "", 10, 11),
    Line("own/deep-warm", "and again", Unit.TIME, None, "", None, 1),
    Line("friend/deep-cold", "a path ten deep at a friend's node", Unit.TIME, _DEEP, "", None, 11),
    Line("own/sign-up", "sign up at the own node", Unit.TIME, _SIGN_UP, ", 33 requests", None, 2),
    Line("own/sign-in", "sign in there", Unit.TIME, _SIGN_IN, ", 20 requests", None, 4),
    Line("friend/sign-up", "sign up at a friend's node", Unit.TIME, _SIGN_UP, "", None, 2),
    Line("friend/sign-in", "sign in there", Unit.TIME, _SIGN_IN, "", None, 4),
    Line(
        "friends/all",
        "follow, accept, share, the friend reads",
        Unit.TIME,
        _FRIENDS,
        ", 196 requests",
        300,
        20,
    ),
    Line(
        "friends/share",
        "share one file of 100 MiB, until it can be read",
        Unit.TIME,
        300.0,
        ", 4 requests",
        15,
        2,
    ),
    Line("friends/read", "the friend gets it, over libp2p", Unit.RATE, _DOWN, "", 180),
    Line(
        "friends/unshare",
        "take it back, until it is refused",
        Unit.TIME,
        1160.0,
        ", 42 requests",
        50,
        5,
    ),
    Line("memory/small", "memory for a sparse file of a quarter", Unit.GROWTH, None, "", 128),
    Line("memory/large", "memory for one eight times as large", Unit.GROWTH, None, "", 128),
    Line("cli/start", "`holdfast version`", Unit.TIME, None, "", 100),
    Line("cli/up", "`holdfast up` to the first `holdfast status`", Unit.TIME, 8000.0, "", 700),
    Line("cli/idle", "the idle daemon", Unit.MEMORY, 438.0, " (1.6 GB after load)", 85),
    Line("cli/put", "`holdfast put` of the large file", Unit.RATE, _UP, against="pipeline/up"),
    Line("cli/get", "`holdfast get` of it", Unit.RATE, _DOWN, against="pipeline/down"),
    Line("cli/small-put", "`holdfast put` of the small files", Unit.COUNT, _SMALL),
    Line("cli/small-get", "`holdfast get` of them", Unit.COUNT),
    Line("cli/list", "`holdfast ls` of them", Unit.TIME, _LIST_AGAIN),
    Line("cli/edit", "`holdfast put` of one small file", Unit.TIME, _EDIT),
)
