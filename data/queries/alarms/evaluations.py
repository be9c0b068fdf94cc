"""The last times a rule was judged in one place, computed again from what is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.alarms.conditions import baseline, spc, threshold
from data.alarms.facts import Measured
from data.alarms.judging import City
from data.alarms.spans import within
from data.catalogue import Catalogue
from data.catalogue import alarm_entries as e
from data.catalogue.alarm_entries import AlarmRule
from data.catalogue.entries import Indicator
from data.indicators.band import Band
from data.indicators.value import Counts, add_areas, value_of
from data.models.facts import VOIDED
from data.queries.alarms.charts import ends_of, label_of, last_period, said, weekly_charts
from data.queries.alarms.dry_run import Past, raw_spans
from data.queries.alarms.past_values import Point, bands_of, series, slot_of
from data.queries.keys import Keys
from data.vocabulary import Grain, Names

FAR = timedelta(days=8)
"""How far back things that come and go are looked for."""


@dataclass(frozen=True)
class Evaluation:
    """One judgement. at: when. holds: whether the condition held, None unknown; hold times apart.

    value, limit: in shown units. said: one line of why.
    """

    at: datetime
    holds: bool | None
    value: float | None
    limit: float | None
    unit: Names | None
    said: Names


def last_evaluations(
    conn: Connection, catalogue: Catalogue, keys: Keys, rule: AlarmRule, area: str, object_: str,
    now: datetime, n: int = 10,
) -> list[Evaluation]:  # fmt: skip
    """Return the last `n` judgements of a rule in one place, newest first.

    Of values each period they were told of; of what comes and goes (warnings, cases, silence,
    combinations) each time it did. Nothing is written at a tick for it.
    """
    city, condition = City.of(catalogue), rule.condition
    found: Iterable[Evaluation] = ()
    if isinstance(condition, e.Threshold | e.Baseline):
        found = _valued(conn, city, keys, condition, area, now, n)
    elif isinstance(condition, e.Spc) and condition.grain == "week":
        found = _charted(conn, city, keys, condition, area, now, n)
    elif not isinstance(condition, e.Watch):
        found = _came_and_went(conn, city, keys, rule, area, object_, now)
    return sorted(found, key=lambda one: one.at, reverse=True)[:n]


# ---- values ----


def _valued(
    conn: Connection, city: City, keys: Keys, condition: e.Threshold | e.Baseline, area: str,
    now: datetime, n: int,
) -> list[Evaluation]:  # fmt: skip
    indicator = city.catalogue.indicators[condition.indicator]
    window = baseline.window_of(indicator)
    if isinstance(condition, e.Threshold):
        window = condition.window
    points = _points(conn, city, keys, indicator, area, window, now, 2 * n)
    bands: dict[tuple[str, int], Band] = {}
    if isinstance(condition, e.Baseline):
        bands = bands_of(conn, keys, indicator.code, (area,))
    was, found = False, []
    for start, end, value in points:
        at = min(end, now)
        told = Measured(value, "" if value is not None else "no_data", at)
        if isinstance(condition, e.Threshold):
            verdict = threshold.judge(condition, indicator, told, was=was, now=now)
        else:
            late = timedelta(hours=1) if window == "hour" else timedelta(0)
            band = bands.get((area, slot_of(start - late, city)))
            verdict = baseline.judge(condition, indicator, told, band, was=was, now=now)
        was = was if verdict.holds is None else verdict.holds
        found.append(
            Evaluation(at, verdict.holds, verdict.value, verdict.limit, verdict.unit, verdict.said)
        )
    return found


def _points(
    conn: Connection, city: City, keys: Keys, indicator: Indicator, area: str, window: str,
    now: datetime, n: int,
) -> list[Point]:  # fmt: skip
    if window == "now" and indicator.grain is Grain.MINUTE and not indicator.small_count:
        minutes = _minutes(conn, keys, indicator, area, city, now, n)
        if minutes:
            return minutes
    days = {Grain.DAY: 1, Grain.WEEK: 7}.get(indicator.grain, 31)
    step = timedelta(hours=1) if indicator.grain <= Grain.HOUR else timedelta(days=days)
    told = series(conn, city, keys, indicator.code, (area,), window, now - (n + 1) * step, now)
    return [p for p in told[area] if p[0] <= now][-n:]


def _minutes(
    conn: Connection, keys: Keys, indicator: Indicator, area: str, city: City, now: datetime, n: int
) -> list[Point]:
    """Return the values of the last minutes told, of all reporting areas together."""
    o, latest = m.observation.c, m.latest.c
    iid, own = keys.indicators[indicator.code], keys.areas[area]
    told = conn.scalars(select(latest.area_id).where(latest.indicator_id == iid)).all()
    whole = area == city.code and indicator.rolls_up
    natives = [x for x in told if whole or x == own
               or (indicator.rolls_up and keys.county_of[x] == own)]  # fmt: skip
    query = (
        select(o.period_start, o.num, o.den)
        .where(o.indicator_id == iid, o.area_id.in_(natives), o.grain == int(Grain.MINUTE))
        .where(o.period_start > now - timedelta(hours=6), o.period_start <= now, o.flag < VOIDED)
        .order_by(o.period_start.desc())
        .limit(n * max(1, len(natives)))
    )
    found: dict[datetime, list[Counts]] = defaultdict(list)
    for start, num, den in conn.execute(query):
        found[start].append((num, den))
    return [
        (at, at, value_of(add_areas(found[at]), indicator.aggregation, indicator.factor))
        for at in sorted(found)
    ][-n:]


def _charted(
    conn: Connection, city: City, keys: Keys, condition: e.Spc, area: str, now: datetime, n: int
) -> list[Evaluation]:
    indicator, last = city.catalogue.indicators[condition.indicator], last_period("week", now)
    drawn = dict(weekly_charts(conn, city, keys, condition.indicator, last))
    one, veiled = drawn[area]
    found = []
    for place in range(max(0, one.n - n), one.n):
        week = last - timedelta(days=7 * (one.n - 1 - place))
        hidden = veiled and place == one.n - 1
        charted = said(one, hidden, ends_of("week", week), label_of("week", week), place)
        verdict = spc.judge(condition, indicator, charted, now=now)
        told = Evaluation(
            charted.at or now, verdict.holds, verdict.value, None, verdict.unit, verdict.said
        )
        found.append(told)
    return found


# ---- what comes and goes ----

CAME = Names(zh="条件成立", en="the condition began to hold")
WENT = Names(zh="条件解除", en="the condition was over")


def _came_and_went(
    conn: Connection, city: City, keys: Keys, rule: AlarmRule, area: str, object_: str,
    now: datetime,
) -> Iterable[Evaluation]:  # fmt: skip
    past = Past(conn, city, keys, now - FAR, now)
    here = rule.model_copy(update={"areas": (area,)}) if area != city.code else rule
    spans = raw_spans(past, here.condition, (area,))
    unit, limit = None, _limit(rule)
    for span in within(spans.get((area, object_), []), past.since, now):
        yield Evaluation(span.start, True, span.worst, limit, unit, CAME)
        if span.end is not None:
            yield Evaluation(span.end, False, None, limit, unit, WENT)


def _limit(rule: AlarmRule) -> float | None:
    condition: Any = rule.condition
    if isinstance(condition, e.Cases):
        return float(condition.count)
    if isinstance(condition, e.Combination):
        return float(condition.at_least or len(condition.of))
    return None
