"""The figures of a node as text that Prometheus reads (exposition format 0.0.4).

A name, its kind and a sentence, then one line a value. Labels are words of our own
code: a door, a method, the kind of an error. Written out here, since it is so little.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from node.core import Core
from protocols.accounts import VERSION

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]


def metrics(core: Core) -> str:
    """All of them, now."""
    return "".join(_text(core))


def _text(core: Core) -> Iterator[str]:
    counts, gate, limits = core.counts, core.gate, core.config.limits
    yield _one("info", "gauge", "The program.", [({"version": VERSION}, 1)])
    yield _one("answers_total", "counter", "Answers, by outcome.", _answers(core))
    yield _one("answer_seconds_total", "counter", "Time answers took.", _seconds(core))
    yield _plain("connections", "gauge", "Connections now.", counts.connected)
    yield _plain("connections_total", "counter", "Connections made.", counts.arrived)
    yield _plain("turned_away_total", "counter", "Found no place.", counts.turned_away)
    yield _by("cut_off_total", "why", "Connections ended by us.", counts.cut_off)
    yield _by("slowed_total", "why", "Requests that waited for their turn.", counts.slowed)
    yield _plain("received_bytes_total", "counter", "From others.", counts.received)
    yield _plain("sent_bytes_total", "counter", "To others.", counts.sent)
    yield _by("job_items_total", "job", "What background jobs did.", counts.jobs)
    yield _by("job_failures_total", "job", "Passes that failed.", counts.failed_jobs)
    yield _plain("writing", "gauge", "Writes under way.", gate.writing)
    yield _plain("free_bytes", "gauge", "Free on the disk.", gate.free())
    yield _plain("min_free_bytes", "gauge", "Kept free on the disk.", limits.min_free)
    yield _plain("short_of_room", "gauge", "1: nothing is added.", int(gate.short(limits)))


def _answers(core: Core) -> Iterator[Sample]:
    for (door, method, outcome), number in sorted(core.counts.answers.items()):
        yield {"door": door.lower(), "method": method, "outcome": outcome}, number


def _seconds(core: Core) -> Iterator[Sample]:
    for (door, method), ms in sorted(core.counts.milliseconds.items()):
        yield {"door": door.lower(), "method": method}, ms / 1000


def _by(name: str, label: str, what: str, counts: Mapping[str, int]) -> str:
    samples = [({label: key}, number) for key, number in sorted(counts.items())]
    return _one(name, "counter", what, samples)


def _plain(name: str, kind: str, what: str, value: float) -> str:
    return _one(name, kind, what, [({}, value)])


def _one(name: str, kind: str, what: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP holdfast_{name} {what}", f"# TYPE holdfast_{name} {kind}"]
    for labels, value in samples:
        inside = ",".join(f'{key}="{_quoted(text)}"' for key, text in labels.items())
        lines.append(f"holdfast_{name}{{{inside}}} {value}" if inside else _bare(name, value))
    return "\n".join(lines) + "\n"


def _bare(name: str, value: float) -> str:
    return f"holdfast_{name} {value}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
