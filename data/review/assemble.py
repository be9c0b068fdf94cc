"""A review put together from what the store told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data.review.charted import noise
from data.review.facts import Facts
from data.review.fairness import flagged, of_below
from data.review.gaps import Flaws, gaps
from data.review.messages import messages
from data.review.rows import matrix_row, score_row
from data.review.totals import Due, Stay, by_day, totals
from data.vocabulary import Names
from data.vocabulary.review import Fair, LateCase, Review, ScoreRow, Totals
from data.vocabulary.review_terms import Doubt
from data.vocabulary.supervision import GroupLine


@dataclass(frozen=True)
class Loop:
    """The closed loop of a week. end: the place its counting ends at; see `totals`."""

    stays: Sequence[Stay]
    end: int
    due: Due
    last_due: Due
    departments: list[GroupLine]
    late: list[LateCase]
    more_late: int


NO_TOTALS = Totals(
    before=0, new=0, reopened=0, closed=0, open=0, late=0, due=0, on_time=0, last_new=0,
    last_closed=0, last_due=0, last_on_time=0, last_open=0,
)  # fmt: skip


def rows_of(facts: Facts) -> list[ScoreRow]:
    """Return the scorecard: domain by domain in the order of the catalogue, the strongest first."""
    order = {domain: place for place, domain in enumerate(facts.catalogue.domains)}
    rows = [score_row(facts, indicator) for indicator in facts.indicators.values()]
    return sorted(rows, key=lambda row: (order[row["measure"]["domain"]], -row["strength"]))


def review(
    facts: Facts, loop: Loop, flaws: Flaws, towns: Sequence[Fair], rows: list[ScoreRow],
    *, now: datetime, mark: str, demo: bool,
) -> Review:  # fmt: skip
    """Return the review. towns: comparisons of towns; rows: of `rows_of`."""
    matrix = [matrix_row(facts, indicator) for indicator in facts.indicators.values()]
    found = gaps(facts, flaws, rows)
    told = messages(facts, rows, matrix, loop.departments, loop.late, found)
    compared = [*of_below(facts, flagged(facts, rows)), *towns]
    empty = blank(facts, now=now, mark=mark, demo=demo)
    counted = totals(loop.stays, loop.end, loop.due, loop.last_due)
    by_days = by_day(loop.stays, loop.end)
    used = {row["measure"]["domain"] for row in rows}
    return {
        **empty,
        "areas": _areas(facts, compared),
        "domains": {k: d.name for k, d in facts.catalogue.domains.items() if k in used},
        "doubts": _doubts(facts, rows),
        "totals": counted,
        "noise": noise([facts.charts[code, facts.area] for code in facts.indicators]),
        "noise_below": noise(
            [facts.charts[code, area] for code in facts.indicators for area in facts.below]
        ),
        "messages": told,
        "bases": dict(facts.bases),
        "rows": rows,
        "matrix": matrix if facts.below else [],
        "fair": compared,
        "departments": loop.departments,
        "days": [
            (day.isoformat(), new, closed)
            for day, (new, closed) in zip(facts.week.days, by_days, strict=False)
        ],
        "late": loop.late,
        "more_late": loop.more_late,
        "gaps": found,
    }


def blank(
    facts: Facts, *, now: datetime, mark: str, demo: bool, doubt: Doubt | None = None
) -> Review:
    """Return the review of a week of which nothing can be told; doubt says why."""
    area = facts.catalogue.areas[facts.area]
    return Review(
        week=str(facts.week),
        first=facts.week.first.isoformat(),
        last=facts.week.last.isoformat(),
        area=facts.area,
        level=area.level,
        areas=_areas(facts, ()),
        domains={},
        as_of=now.timestamp(),
        mark=mark,
        whole=facts.whole,
        demo=demo,
        doubts=[doubt] if doubt else [],
        totals=NO_TOTALS,
        noise={"series": 0, "expected": 0.0, "found": 0},
        noise_below={"series": 0, "expected": 0.0, "found": 0},
        messages=[],
        bases=dict(facts.bases),
        rows=[],
        below=list(facts.below),
        matrix=[],
        fair=[],
        departments=[],
        days=[],
        late=[],
        more_late=0,
        gaps=[],
    )


def _areas(facts: Facts, compared: Sequence[Fair]) -> dict[str, Names]:
    known = facts.catalogue.areas
    codes = [facts.area, *facts.below]
    codes += [point["area"] for one in compared for point in one["points"]]
    return {code: known[code].short for code in dict.fromkeys(codes)}


def _doubts(facts: Facts, rows: Sequence[ScoreRow]) -> list[Doubt]:
    """Return what weakens the week as a whole."""
    found = [] if facts.whole else [Doubt.PARTIAL]
    short = [row for row in rows if row["now"]["doubt"] is Doubt.PARTIAL]
    if facts.whole and len(short) * 2 >= len(rows) > 0:
        found.append(Doubt.PARTIAL)
    return found
