"""Weeks of roll-ups for the tests of the weekly review, written as polls would have left them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from data import models as m
from data.catalogue import Catalogue, catalogue
from data.panels import weekly
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary.review import Review, ScoreRow
from tests.conftest import NOW

CITY = "441600"
COUNTIES = [a.code for a in catalogue().counties()]
THIS, LAST = date(2026, 11, 16), date(2026, 11, 9)
"""Mondays of the week of NOW and of the newest whole one, 2026-W46."""
WEEK = "2026-W46"
Count = tuple[float, float | None] | float | None
"""numerator and denominator, or a numerator; None: nothing was told"""


def waves(n: int, centre: float = 100.0, step: float = 5.0) -> list[float]:
    """Return so many values that go up and down around a centre, without any signal."""
    pattern = (0.0, 1.0, -1.0, 0.6, -0.6, 1.2, -1.2, 0.3, -0.3)
    return [centre + step * pattern[i % len(pattern)] for i in range(n)]


def weeks(
    store: Store,
    code: str,
    areas: Mapping[str, Sequence[Count]],
    *,
    last: date = LAST,
    days: bool = True,
) -> None:
    """Write weeks of an indicator, the newest last; areas: county -> a count a week.

    The city is their sum, of those that told. days: each week evenly over its days.
    """
    rolls: dict[str, list[Count]] = {area: list(counts) for area, counts in areas.items()}
    if CITY not in rolls:
        rolls[CITY] = [_sum(counts) for counts in zip(*areas.values(), strict=True)]
    week_rows, day_rows = [], []
    with store.write() as conn:
        keys = read_keys(conn)
        for area, counts in rolls.items():
            place = {"indicator_id": keys.indicators[code], "area_id": keys.areas[area]}
            for back, count in enumerate(reversed(counts)):
                if count is None:
                    continue
                num, den = count if isinstance(count, tuple) else (count, None)
                monday = last - timedelta(weeks=back)
                week_rows.append({**place, "bucket": monday, **_row(num, den, area)})
                day_rows += [
                    {**place, "bucket": monday + timedelta(days=d), **_row(num / 7, _part(den), area)}
                    for d in range(7 if days else 0)
                ]  # fmt: skip
        conn.execute(insert(m.rollup_week), week_rows)
        if day_rows:
            conn.execute(insert(m.rollup_day), day_rows)


def _sum(counts: Sequence[Count]) -> Count:
    told = [c if isinstance(c, tuple) else (c, None) for c in counts if c is not None]
    if not told:
        return None
    dens = [den for _, den in told if den is not None]
    return sum(num for num, _ in told), (sum(dens) if dens else None)


def _part(den: float | None) -> float | None:
    return None if den is None else den / 7


def _row(num: float, den: float | None, area: str) -> dict[str, Any]:
    return {"num": num, "den": den, "n": 1, "last": num, "flag": 0, "native": int(area != CITY)}


def hear(store: Store, *sources: str, at: datetime = NOW) -> None:
    """Say that sources were heard."""
    with store.write() as conn:
        keys = read_keys(conn)
        for source in sources:
            values = {"source_id": keys.sources[source], "last_ok_at": at, "last_try_at": at}
            conn.execute(insert(m.source_state), {**values, "failures": 0})


def reviewed(
    store: Store, week: str = WEEK, area: str = CITY, *, now: datetime = NOW,
    facts: Catalogue | None = None,
) -> Review:  # fmt: skip
    """Return the review of a week."""
    with store.read() as conn:
        return weekly.build(conn, facts or catalogue(), read_keys(conn), week, area, now)


def row(review: Review, code: str) -> ScoreRow:
    """Return one row of the scorecard."""
    return next(r for r in review["rows"] if r["measure"]["code"] == code)


def cell(review: Review, code: str, area: str) -> Any:
    """Return one cell of the matrix."""
    line = next(x for x in review["matrix"] if x["code"] == code)
    return next(x for x in line["cells"] if x["area"] == area)
