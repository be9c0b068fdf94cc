"""The points of one indicator's chart, and where what is measured changed. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from data.catalogue.entries import Indicator
from data.indicators.spc import Chart, chart, grid
from data.indicators.spc.charts import chart_of
from data.indicators.value import Counts
from data.review.charted import kind_of
from data.review.period_figure import figure
from data.review.spans import Span, place
from data.vocabulary import Aggregation, Grain
from data.vocabulary.indicator_page import BreakLine, Point, VersionLine
from data.vocabulary.review import Aim, Figure
from data.vocabulary.review_terms import Doubt, Signal

SHARED = ("definition", "numerator", "denominator", "aggregation", "factor", "feed", "unit",
          "standard", "direction", "source", "target", "small_count", "rolls_up")  # fmt: skip
"""Fields of a definition whose change is told."""
NOTHING: Aim = {"kind": "none", "low": None, "high": None, "set_by": "", "since": ""}


@dataclass(frozen=True)
class Frame:
    """What every area of one page shares.

    until: places from here on are not over yet. since: limits stand on what comes from here on,
    as on the weekly page; what is older is drawn with its own.
    """

    indicator: Indicator
    spans: list[Span]
    breaks: list[BreakLine]
    until: int
    since: int = 0

    def days(self, at: int) -> int:
        """Return how often a period is told: by the day, or at once if its source is slower."""
        return 1 if self.indicator.grain > Grain.DAY else self.spans[at].days

    def cuts(self) -> list[int]:
        """Return the places where limits begin anew: breaks that nobody bridged, and `since`."""
        found = {b["at"] for b in self.breaks if b["bridged"] is None} | {self.since}
        return sorted(at for at in found if 0 < at < len(self.spans))

    def mixed(self, at: int) -> bool:
        """Return whether what is measured changed inside a period: it is of neither side."""
        first, last = self.spans[at].first.isoformat(), self.spans[at].last.isoformat()
        return any(b["bridged"] is None and first < b["on"] <= last for b in self.breaks)


@dataclass(frozen=True)
class Row:
    """One area over the places of a chart. counts: None where nothing was told or it is hidden.

    told: days of each place; whole: days that a place has, at the most.
    """

    area: str
    counts: list[Counts | None]
    hidden: list[bool]
    told: list[int]
    whole: int = 7

    def figure(self, frame: Frame, at: int) -> Figure:
        """Return one place as a figure."""
        shown = figure(
            frame.indicator, self.counts[at], told=self.told[at], of=frame.days(at),
            hidden=self.hidden[at], enough=self.enough(frame, at),
        )  # fmt: skip
        if shown["doubt"] is None and frame.mixed(at):
            shown["doubt"] = Doubt.BREAK
        return shown

    def enough(self, frame: Frame, at: int) -> int:
        """Return how many days must be told of a period that is over for it to be whole.

        A sum needs every day. A share without a case on a day has nothing to tell on it: there so
        many days do as are usual.
        """
        if frame.indicator.aggregation is Aggregation.SUM or at >= frame.until:
            return frame.days(at)
        return math.floor(self.usual * frame.days(at))

    @cached_property
    def usual(self) -> float:
        """The share of its days that is told of a period as a rule."""
        told = sorted(t for t in self.told if t)
        return min(told[len(told) // 2] / self.whole, 1.0) if told else 1.0

    def judged(self, frame: Frame) -> list[Counts | None]:
        """Return the counts that limits may stand on and signals be found in.

        Only what is over, and not a period in which the definition changed.
        """
        return [None if self._both(frame, i) else self.counts[i] for i in range(frame.until)]

    def _both(self, frame: Frame, at: int) -> bool:
        return bool(frame.breaks) and frame.mixed(at)


def charts(rows: Sequence[Row], frame: Frame) -> list[Chart]:
    """Return a control chart of each row, over the places that are over."""
    if not rows or not frame.until:
        return [chart([]) for _row in rows]
    counts = [row.judged(frame) for row in rows]
    fact = frame.indicator
    shared = fact.aggregation in (Aggregation.RATIO, Aggregation.MEAN)
    many = grid(
        [[_num(c) for c in row] for row in counts],
        kind=kind_of(fact),
        denominators=[[_den(c) for c in row] for row in counts] if shared else None,
        directions=fact.direction,
        baseline=fact.baseline_weeks if frame.spans[0].grain is Grain.WEEK else None,
        breaks=[frame.cuts()] * len(rows),
        scale=fact.factor,
    )
    return [chart_of(many, i) for i in range(len(rows))]


def _num(counts: Counts | None) -> float:
    return math.nan if counts is None else counts[0]


def _den(counts: Counts | None) -> float:
    return math.nan if counts is None or counts[1] is None else counts[1]


def breaks_of(
    indicator: Indicator, versions: Sequence[VersionLine], spans: Sequence[Span]
) -> list[BreakLine]:
    """Return where values before and after are not the same thing, oldest first."""
    found: list[BreakLine] = [
        {
            "on": v["since"], "at": 0, "kind": "definition", "why": v["definition"],
            "bridged": None,
        }
        for v in versions
        if v["version"] > 1
    ]  # fmt: skip
    found += [
        {"on": b.on.isoformat(), "at": 0, "kind": "series", "why": b.why, "bridged": b.bridged}
        for b in indicator.breaks
    ]
    if not spans:
        return []
    first, last = spans[0].first, spans[-1].last
    here = [b for b in found if first < date.fromisoformat(b["on"]) <= last]
    for b in here:
        at = place(spans, date.fromisoformat(b["on"]))
        b["at"] = at + (b["on"] > spans[at].first.isoformat())
    return sorted(here, key=lambda b: b["on"])


def between(breaks: Sequence[BreakLine], then: date, now: date) -> bool:
    """Return whether something changed after `then`, up to and with `now`, that nobody bridged."""
    return any(then < date.fromisoformat(b["on"]) <= now for b in breaks if b["bridged"] is None)


def versions_of(rows: Sequence[Any]) -> list[VersionLine]:
    """Return the versions of a definition, oldest first, each with what it changed."""
    found: list[VersionLine] = []
    before: Mapping[str, Any] | None = None
    for row in rows:
        entry = row.entry
        changed = [] if before is None else [f for f in SHARED if entry.get(f) != before.get(f)]
        if found:
            found[-1]["until"] = row.valid_from.isoformat()
        found.append(
            {
                "version": row.version,
                "since": row.valid_from.isoformat(),
                "until": None,
                "definition": entry["definition"],
                "numerator": entry["numerator"],
                "denominator": entry.get("denominator"),
                "unit": entry["unit"],
                "aggregation": entry["aggregation"],
                "factor": float(entry["factor"]),
                "standard": entry.get("standard", ""),
                "changed": changed,
            }
        )
        before = entry
    return found


def version_on(versions: Sequence[VersionLine], day: date) -> int:
    """Return the number of the version in force on a day; before the first, the first."""
    held = [v["version"] for v in versions if v["since"] <= day.isoformat()]
    return held[-1] if held else (versions[0]["version"] if versions else 1)


def aim_of_row(kind: str, limits: Mapping[str, Any], set_by: str, since: str) -> Aim:
    """Return a kept target as it is drawn: the mildest level's limits, as `figures.aim_of`."""
    mild, low = _mildest(limits.get("levels")), _mildest(limits.get("low"))
    if kind == "floor":
        low, mild = mild, None
    elif kind not in ("ceiling", "range"):
        low = mild = None
    return {"kind": kind, "low": low, "high": mild, "set_by": set_by, "since": since}


def _mildest(limits: Mapping[str, float] | None) -> float | None:
    """Return the limit of the mildest level: 4 is milder than 1. JSON makes texts of keys."""
    return float(limits[max(limits, key=int)]) if limits else None


def points(
    row: Row, frame: Frame, found: Chart, versions: Sequence[VersionLine],
    then: Mapping[int, tuple[float, int]],
) -> list[Point]:  # fmt: skip
    """Return the chart place by place; places after the chart's last have no limits."""
    return [_point(row, frame, found, versions, then.get(i), i) for i in range(len(frame.spans))]


def _point(
    row: Row,
    frame: Frame,
    found: Chart,
    versions: Sequence[VersionLine],
    then: tuple[float, int] | None,
    i: int,
) -> Point:
    span, shown = frame.spans[i], row.figure(frame, i)
    inside = i < found.n and shown["value"] is not None
    return {
        "period": span.written,
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "value": shown["value"],
        "num": shown["num"],
        "den": shown["n"],
        "n": shown["n"],
        "told": shown["told"],
        "of": shown["of"],
        "doubt": shown["doubt"],
        "centre": _known(found.centre, i),
        "lower": _known(found.lower, i),
        "upper": _known(found.upper, i),
        "signal": found.signals[i] if inside else Signal.COMMON,
        "rules": sorted(found.rules[i]) if inside else [],
        "then": then[0] if then else None,
        "matched": then[1] if then else 0,
        "version": version_on(versions, span.first),
    }


def _known(line: Any, at: int) -> float | None:
    if at >= len(line) or not math.isfinite(line[at]):
        return None
    return float(line[at])


def doubts_of(points_: Sequence[Point], drawn: Chart | None, *, stale: bool) -> list[Doubt]:
    """Return what weakens the whole chart, each once, the gravest first."""
    found: list[Doubt] = []
    if drawn is not None and drawn.doubt is not None:
        found.append(drawn.doubt)
    known = [i for i, p in enumerate(points_) if p["doubt"] is not Doubt.NO_DATA]
    if known and any(p["doubt"] is Doubt.NO_DATA for p in points_[known[0] : known[-1]]):
        found.append(Doubt.GAP)
    if any(p["doubt"] is Doubt.HIDDEN for p in points_):
        found.append(Doubt.HIDDEN)
    if any(p["doubt"] is Doubt.ZERO_DENOMINATOR for p in points_):
        found.append(Doubt.ZERO_DENOMINATOR)
    if stale:
        found.append(Doubt.STALE)
    return list(dict.fromkeys(found))
