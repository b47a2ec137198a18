"""The tables: what was measured, beside the anchors of the same run, Peergos and the goals."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from benchmarks.catalogue import Line, Unit
from benchmarks.figures import Figure, Rounds

_BETTER_WHEN_GREAT: Final = (Unit.RATE, Unit.COUNT)
_MIB: Final = 1024 * 1024
_COLUMNS: Final = [
    *("", "median", "least – greatest", "CPU", "requests", "memory", "of the anchor"),
    *("Peergos", "times better", "goal", "reached"),
]

Measured = Mapping[str, Rounds]


def worse_than_peergos(lines: Iterable[Line], measured: Measured) -> list[str]:
    """Titles of lines that Peergos does better."""
    return [
        line.title
        for line in lines
        if line.peergos is not None
        and line.name in measured
        and _times(line, measured[line.name], line.peergos) < 1
    ]


def short_of_goal(lines: Iterable[Line], measured: Measured) -> list[str]:
    """Titles of lines whose goal was not reached."""
    return [
        line.title for line in lines if line.name in measured and _reaches(line, measured) is False
    ]


def anchors(lines: Iterable[Line], measured: Measured) -> str:
    """The table of what the machine itself can do, and of single layers."""
    rows = [["", "median", "least – greatest", "CPU", "of the anchor"]]
    for line in lines:
        if (rounds := measured.get(line.name)) is not None:
            middle, span = _middle(line, rounds), _span(line, rounds)
            rows.append([line.title, middle, span, _cpu(rounds), _against(line, measured)])
    return _markdown(rows)


def workloads(lines: Iterable[Line], measured: Measured) -> str:
    """The table of what a person does."""
    rows = [_COLUMNS]
    for line in lines:
        if (rounds := measured.get(line.name)) is not None:
            rows.append([*_ours(line, rounds), _against(line, measured), *_theirs(line, rounds)])
            rows[-1].append({True: "yes", False: "not yet", None: ""}[_reaches(line, measured)])
    return _markdown(rows)


def _ours(line: Line, rounds: Rounds) -> Iterator[str]:
    yield line.title
    yield f"**{_middle(line, rounds)}**{_slowest(rounds)}"
    yield _span(line, rounds)
    yield _cpu(rounds)
    requests = rounds.median(lambda figure: figure.asked)
    yield f"{requests:,.3g}" if 0 < requests < 100 else f"{requests:,.0f}" if requests else "–"
    growth = rounds.median(lambda figure: figure.growth) / _MIB
    yield f"+{growth:,.0f} MiB"


def _theirs(line: Line, rounds: Rounds) -> Iterator[str]:
    if line.peergos is None:
        yield from ("–", "–")
    else:
        yield f"{_said(line.unit, line.peergos)}{line.peergos_also}"
        yield f"{_times(line, rounds, line.peergos):,.1f}"
    goals = [] if line.goal is None else [_said(line.unit, line.goal)]
    goals += [f"{least:g} × {anchor}" for anchor, least in line.beats]
    if line.requests is not None:
        goals.append(f"{line.requests} requests")
    yield ", ".join(goals) or "–"


def _value(line: Line, figure: Figure) -> float:
    match line.unit:
        case Unit.RATE:
            return figure.rate
        case Unit.COUNT:
            return 1 / figure.each if figure.laps else figure.items / figure.seconds
        case Unit.TIME:
            return figure.each * 1000
        case Unit.SHARE:
            return figure.moved / figure.size
        case Unit.GROWTH:
            return figure.growth / _MIB
        case Unit.MEMORY:
            return figure.resident / _MIB


def _times(line: Line, rounds: Rounds, other: float) -> float:
    """How many times better than ``other`` the median is."""
    ours = rounds.median(lambda figure: _value(line, figure))
    return ours / other if line.unit in _BETTER_WHEN_GREAT else other / ours


def _reaches(line: Line, measured: Measured) -> bool | None:
    """Whether the goal is reached; None where there is none."""
    rounds = measured[line.name]
    if line.requests is not None and rounds.median(lambda each: each.asked) > line.requests:
        return False
    ratios = [
        _ratio(line, rounds, measured[anchor]) >= most
        for anchor, most in line.beats
        if anchor in measured
    ]
    if line.goal is not None:
        ratios.append(_times(line, rounds, line.goal) >= 1)
    return all(ratios) if ratios or line.requests is not None else None


def _middle(line: Line, rounds: Rounds) -> str:
    return _said(line.unit, rounds.median(lambda figure: _value(line, figure)))


def _span(line: Line, rounds: Rounds) -> str:
    least, greatest = rounds.between(lambda figure: _value(line, figure))
    return f"{_number(least)} – {_number(greatest)}"


def _slowest(rounds: Rounds) -> str:
    slowest = rounds.median(lambda figure: figure.slowest) * 1000
    return f" (p99 {_number(slowest)})" if slowest else ""


def _cpu(rounds: Rounds) -> str:
    """Processor time: for each GB where much was moved, for each item where there are many."""
    first = rounds.figures[0]
    used = rounds.median(lambda figure: figure.cpu)
    if first.size >= 8 * _MIB:
        return f"{used / first.size * 2**30:.2f} s/GiB"
    if first.items > 1:
        return f"{used / first.items * 1e3:.2f} ms each"
    return f"{used:.3f} s"


def _against(line: Line, measured: Measured) -> str:
    rounds = measured[line.name]
    anchor = None if line.against is None else measured.get(line.against)
    if anchor is None:
        return "–"
    told = [f"{_ratio(line, rounds, anchor):.2f} × {line.against}"]
    for name, _ in line.beats:
        if name != line.against and (other := measured.get(name)) is not None:
            told.append(f"{_ratio(line, rounds, other):.2f} × {name}")
    return ", ".join(told)


def _ratio(line: Line, rounds: Rounds, anchor: Rounds) -> float:
    """How many times better than an anchor of the same run the median is."""
    return _times(line, rounds, anchor.median(lambda figure: _value(line, figure)))


def _said(unit: Unit, value: float) -> str:
    if unit is Unit.TIME and value >= 1000:
        return f"{value / 1000:.2f} s"
    if unit is Unit.SHARE:  # what matters is behind the point
        return f"{value:.4f} {unit}"
    return f"{_number(value)}{'' if unit is Unit.COUNT else ' '}{unit}"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def _markdown(rows: list[list[str]]) -> str:
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
