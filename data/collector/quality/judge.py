"""From what was gathered to findings.

** To add a kind, add its rule here and its words in components/reasons.py. **
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from data.catalogue import Catalogue
from data.catalogue.addresses import waits
from data.catalogue.entries import Source
from data.collector.quality.arrivals import Arrivals
from data.collector.quality.book import Found
from data.collector.quality.expected import Late
from data.collector.quality.series import Jump
from data.indicators.freshness import source_state
from data.quality.figures import share
from data.quality.rhythm import UnitState, judge_declared
from data.quality.streaks import Streak, frozen, long_zero
from data.queries.keys import Keys
from data.queries.quality import Unit, UnitFigures
from data.vocabulary import SourceState

COMPLETE, TIMELY, REFUSED = 90.0, 80.0, 5.0
"""Percent: less complete or timely than this, or more refused, is a finding."""
LEAST_PERIODS, LEAST_ROWS = 10, 5
"""Fewer periods or refused rows than this make no share to speak of."""

EVENTS = {
    "position_outside": "position_outside",
    "implausible_position": "position_outside",
    "bad_position": "position_outside",
    "outside_area": "outside_area",
    "out_of_range": "out_of_range",
    "total_differs": "total_differs",
    "duplicate": "duplicate_rows",
    "conflicting_duplicate": "duplicate_rows",
    "duplicate_entity_id": "duplicate_rows",
}
"""Reasons of refused rows and warnings that are findings of their own, and the kind they are."""

EVENT_KINDS = frozenset({*EVENTS.values(), "unlisted", "same_file", "unreadable"})
RHYTHM_KINDS = frozenset({"never", "late", "silent", "failed", "quiet"})
FIGURE_KINDS = frozenset({"incomplete", "untimely", "refused_share"})
SERIES_KINDS = frozenset({"frozen", "zero_streak"})


def rhythm_findings(
    catalogue: Catalogue, keys: Keys, states: dict[int, tuple[datetime | None, int]],
    figures: dict[Unit, UnitFigures], *, now: datetime,
) -> list[Found]:  # fmt: skip
    """Return sources that do not answer, and units that answer but bring nothing new.

    states: last good answer and failures by source id.
    """
    found = []
    for key, source in catalogue.sources.items():
        own = keys.sources[key]
        last_ok, failures = states.get(own, (None, 0))
        state = source_state(
            last_ok_at=last_ok, failures=failures, every_s=source.every,
            stale_after_s=source.stale_after, now=now,
        )  # fmt: skip
        if last_ok is None and not failures and waits(source):
            continue  # it has no address yet: nobody can expect anything of it
        if source.rhythm is not None:
            news = figures.get((own, 0, 0))
            judged = judge_declared(news.last_at if news else None, source.rhythm, now)
            state = SourceState(judged.value)
        if state is not SourceState.FRESH:
            said = last_ok.isoformat() if last_ok else ""
            found.append(Found(state.value, own, value=said, detail=f"failures {failures}"))
            if state is not SourceState.FAILED:
                continue  # its units are as silent as the source: one finding, not ten
        found += _quiet(source, own, keys, figures)
    return found


def _quiet(source: Source, own: int, keys: Keys, figures: dict[Unit, UnitFigures]) -> list[Found]:
    """Return the units of an answering source whose new content stopped."""
    found = []
    for (source_id, indicator, area), unit in figures.items():
        if source_id != own or unit.state not in (UnitState.LATE, UnitState.SILENT):
            continue
        if source.rhythm is not None and not area:
            continue  # judged by what is declared
        usual = f"usual {unit.median_s:.0f} s, {unit.n} gaps" if unit.median_s else ""
        at = unit.last_at.isoformat() if unit.last_at else ""
        found.append(Found("quiet", own, indicator or None, area or None, at, usual))
    declared = {keys.areas[code] for code in source.areas}
    heard = {unit[2] for unit in figures if unit[0] == own}
    return found + [Found("never", own, None, area) for area in sorted(declared - heard)]


def figure_findings(figures: dict[Unit, UnitFigures]) -> list[Found]:
    """Return units whose last 24 hours are incomplete, late, or refused in part."""
    found = []
    for (source, indicator, area), unit in figures.items():
        if indicator:
            continue
        place = area or None
        complete = share(unit.received, unit.expected)
        timely = share(unit.timely, unit.due)
        refused = share(unit.refused, unit.read)
        if area and unit.expected >= LEAST_PERIODS and complete is not None and complete < COMPLETE:
            said = f"{unit.received} of {unit.expected} periods in 24 h"
            found.append(Found("incomplete", source, None, place, f"{complete:.1f} %", said))
        if area and unit.due >= LEAST_PERIODS and timely is not None and timely < TIMELY:
            said = f"{unit.timely} of {unit.due} periods in time in 24 h"
            found.append(Found("untimely", source, None, place, f"{timely:.1f} %", said))
        if unit.refused >= LEAST_ROWS and refused is not None and refused > REFUSED:
            said = f"{unit.refused} of {unit.read} rows in 24 h"
            found.append(Found("refused_share", source, None, place, f"{refused:.1f} %", said))
    return found


def event_findings(arrivals: Arrivals, catalogue: Catalogue, keys: Keys) -> list[Found]:
    """Return what single rows and files did wrong since the last look, by source and kind."""
    found: dict[tuple[int, str], Found] = {}
    for (source, reason), what in sorted(arrivals.reasons.items()):
        kind = EVENTS.get(reason)
        if kind is not None:
            said = f"{what.times} {reason}; {what.detail}"
            found[(source, kind)] = Found(
                kind, source, value=what.value or "", detail=said, run_id=what.run_id
            )
    for source, (times, run) in arrivals.unlisted.items():
        found[(source, "unlisted")] = Found("unlisted", source, value=str(times), run_id=run)
    for source, what in arrivals.failed.items():
        if source not in arrivals.ran:
            found[(source, "unreadable")] = Found(
                "unreadable", source, value=str(what.times), detail=what.detail, run_id=what.run_id
            )
    by_hand = {keys.sources[k] for k, s in catalogue.sources.items() if s.rhythm is not None}
    for source, times in arrivals.same.items():
        if source in by_hand:
            found[(source, "same_file")] = Found("same_file", source, value=str(times))
    return list(found.values())


def series_findings(
    streaks: dict[tuple[int, int], Streak], catalogue: Catalogue, keys: Keys
) -> list[Found]:
    """Return series that stand still, or tell zero, longer than ever before."""
    sources = _sources(catalogue, keys)
    found = []
    for (indicator, area), streak in streaks.items():
        if indicator not in sources:
            continue
        kind = "frozen" if frozen(streak) else "zero_streak" if long_zero(streak) else None
        if kind:
            longest = streak.longest_zero if streak.zero else streak.longest
            said = f"{streak.length} h since {streak.since.isoformat()}, longest before {longest} h"
            value = f"{streak.num:g}" + ("" if streak.den is None else f"/{streak.den:g}")
            found.append(Found(kind, sources[indicator], indicator, area, value, said))
    return found


def jump_findings(jumps: Iterable[Jump], catalogue: Catalogue, keys: Keys) -> list[Found]:
    """Return hours far outside their normal band. Kept and shown: it may be a real event."""
    sources = _sources(catalogue, keys)
    return [
        Found("jump", sources[j.pair[0]], *j.pair, f"{j.value:g}",
              f"{j.hour.isoformat()}: {j.sigmas:+.1f} sigma from {j.band.centre:g}")
        for j in jumps
    ]  # fmt: skip


def late_findings(late: Iterable[Late], catalogue: Catalogue, keys: Keys) -> list[Found]:
    """Return values changed after they were due: how many, the newest was, now and how late."""
    sources, by_series = _sources(catalogue, keys), dict[tuple[int, int], Late]()
    times = Counter((x.indicator_id, x.area_id) for x in late)
    for x in sorted(late, key=lambda x: x.period_start):
        by_series[(x.indicator_id, x.area_id)] = x
    return [
        Found("late_correction", sources[i], i, a, f"{_counts(x.was)} -> {_counts(x.now)}",
              f"{times[(i, a)]} periods; {x.period_start.isoformat()}"
              f" {x.after_s / 3600:.1f} h after", x.run_id)
        for (i, a), x in by_series.items()
    ]  # fmt: skip


def _counts(counts: tuple[float, float | None]) -> str:
    return f"{counts[0]:g}" + ("" if counts[1] is None else f"/{counts[1]:g}")


def _sources(catalogue: Catalogue, keys: Keys) -> dict[int, int]:
    return {keys.indicators[i.code]: keys.sources[i.source] for i in catalogue.indicators.values()}
