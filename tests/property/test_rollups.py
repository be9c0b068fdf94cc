"""Whatever is reported, corrected and taken back: every bucket equals a recount by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from data.catalogue import catalogue
from data.ingest.observations import refuse_mixed_levels
from data.ingest.voids import void
from data.queries.keys import read_keys
from data.vocabulary import LOCAL, Grain
from tests.conftest import NOW
from tests.store.support import (
    BUCKETS,
    CALLS,
    CITY,
    DISPUTES_ON_TIME,
    LONGCHUAN,
    TICKETS_OPEN,
    TOWNS,
    YUANCHENG,
    ZIJIN,
    begin_run,
    observed,
    put_in,
    undone,
)

LIMITS = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
COUNTIES = [YUANCHENG, ZIJIN, LONGCHUAN]
FIRST = datetime(2026, 10, 29, tzinfo=LOCAL)
HOURS = 24 * 16  # over the end of a month and two ends of weeks


def starts(grain):
    if grain is Grain.DAY:
        return [FIRST + timedelta(days=d) for d in range(HOURS // 24)]
    return [FIRST + timedelta(hours=h) for h in range(0, HOURS, 5)]


@st.composite
def batches(draw, places, grains, *, ratio):
    """Return some extracts, each with a few values; later ones correct earlier ones."""
    batch = st.dictionaries(
        st.sampled_from([(a, g, s) for g in grains for a in places for s in starts(g)]),
        st.tuples(st.integers(0, 50), st.integers(0, 50)),
        min_size=1,
        max_size=25,
    )
    found = draw(st.lists(batch, min_size=1, max_size=3))
    if not ratio:
        return [{k: (n, None) for k, (n, _) in b.items()} for b in found]
    return [{k: (min(pair), max(pair)) for k, pair in b.items()} for b in found]


def above(area):
    while area:
        yield area
        area = catalogue().areas[area].parent


def joined(parts):
    """Return the sums of several facts in the order of their time."""
    parts = sorted(parts, key=lambda p: p["at"])
    dens = [p["den"] for p in parts if p["den"] is not None]
    values = [v for p in parts for v in (p["vmin"], p["vmax"])]
    return {
        "at": parts[-1]["at"],
        "num": sum(p["num"] for p in parts),
        "den": sum(dens) if dens else None,
        "n": sum(p["n"] for p in parts),
        "vmin": min(values),
        "vmax": max(values),
        "last": parts[-1]["last"],
    }


def recount(facts):
    """Return kind -> (area, bucket) -> sums, from the facts alone."""
    own = {kind: defaultdict(list) for kind in BUCKETS}
    daily = {}
    for (area, grain, start), (num, den) in facts.items():
        value = num / den if den else num
        fact = {
            "at": start,
            "num": num,
            "den": den,
            "n": 1,
            "vmin": value,
            "vmax": value,
            "last": num,
        }
        if grain is Grain.DAY:
            daily[area, start.date()] = fact
        else:
            own["hour"][area, start.replace(minute=0).astimezone(UTC)].append(fact)
    for (area, at), parts in own["hour"].items():
        own["day"][area, at.astimezone(LOCAL).date()].append(joined(parts))
    for key, fact in daily.items():
        own["day"].setdefault(key, [fact])
    for (area, day), parts in own["day"].items():
        own["week"][area, day - timedelta(days=day.weekday())].append(joined(parts))
        own["month"][area, day.replace(day=1)].append(joined(parts))
    return {kind: _with_parents(found) for kind, found in own.items()}


def _with_parents(own):
    areas = defaultdict(list)
    for (area, at), parts in own.items():
        for higher in above(area):
            areas[higher, at].append(joined(parts))
    total = {}
    for key, parts in areas.items():
        whole = joined(parts)
        total[key] = (
            whole["num"], whole["den"], whole["n"], pytest.approx(whole["vmin"]),
            pytest.approx(whole["vmax"]), sum(p["last"] for p in parts),
        )  # fmt: skip
    return total


def stored(conn, indicator):
    keys = read_keys(conn)
    codes, found = keys.area_codes(), {}
    for kind, table in BUCKETS.items():
        rows = conn.execute(select(table).where(table.c.indicator_id == keys.indicators[indicator]))
        found[kind] = {
            (codes[r.area_id], r.bucket): (r.num, r.den, r.n, r.vmin, r.vmax, r.last) for r in rows
        }
    return found


def load(conn, indicator, found):
    facts = {}
    for turn, batch in enumerate(found):
        facts |= batch
        rows = [observed(indicator, a, s, n, d, g) for (a, g, s), (n, d) in batch.items()]
        put_in(conn, *rows, as_of=NOW + timedelta(minutes=turn), now=NOW + timedelta(minutes=turn))
    return facts


PLACES = {"towns": TOWNS[:4], "counties": COUNTIES, "city": [CITY]}
CASES = [
    pytest.param(CALLS, "counties", [Grain.HOUR], id="a sum by the hour"),
    pytest.param(CALLS, "counties", [Grain.HOUR, Grain.DAY], id="a sum by hour or day"),
    pytest.param(DISPUTES_ON_TIME, "towns", [Grain.DAY], id="a ratio of towns"),
    pytest.param(TICKETS_OPEN, "counties", [Grain.HOUR], id="a gauge"),
    pytest.param(CALLS, "city", [Grain.HOUR, Grain.DAY], id="a sum of the city itself"),
]


@pytest.mark.parametrize(("indicator", "level", "grains"), CASES)
def test_every_bucket_equals_a_recount(store, indicator, level, grains):
    ratio = catalogue().indicators[indicator].denominator is not None

    @LIMITS
    @given(batches(PLACES[level], grains, ratio=ratio))
    def check(found):
        with undone(store) as conn:
            facts = load(conn, indicator, found)
            assert stored(conn, indicator) == recount(facts)

    check()


@st.composite
def polls(draw, grain, *, daily):
    """Return polls that count on minute by minute, some of them late, corrected or by the day."""
    told = st.tuples(
        st.sets(st.sampled_from(COUNTIES), min_size=1),
        st.sampled_from([1, 1, 2, 20, 61, 60 * 24, 60 * 24 * 6]),
        st.sampled_from(["on"] * 6 + ["late", "again"] + ["day"] * daily),
        st.integers(0, 50),
    )
    at, found = FIRST + timedelta(hours=23, minutes=50), []
    for areas, minutes, kind, value in draw(st.lists(told, min_size=2, max_size=14)):
        if kind == "on":
            at = min(at + timedelta(minutes=minutes), NOW.astimezone(LOCAL))
        start, length = at, grain
        if kind == "late":
            start -= timedelta(minutes=minutes)
        if kind == "day":
            start, length = at.replace(hour=0, minute=0), Grain.DAY
        elif grain is Grain.HOUR:
            start = start.replace(minute=0)
        # a value apart for each area; 0.1 and its like are no sums to the last digit
        found.append({(a, length, start): (value + n, 60) for n, a in enumerate(sorted(areas))})
    return found


@pytest.mark.parametrize("grain", [Grain.MINUTE, Grain.HOUR])
@pytest.mark.parametrize("indicator", [CALLS, TICKETS_OPEN, DISPUTES_ON_TIME])
def test_polls_that_count_on_leave_what_a_recount_does(store, indicator, grain):
    divided = catalogue().indicators[indicator].denominator is not None

    @settings(LIMITS, max_examples=10)
    @given(polls(grain, daily=indicator == CALLS))
    def check(found):
        told = [{k: (n, d if divided else None) for k, (n, d) in p.items()} for p in found]
        with undone(store) as conn:
            facts = load(conn, indicator, told)
            assert stored(conn, indicator) == recount(facts)

    check()


@LIMITS
@given(
    found=batches(COUNTIES, [Grain.HOUR], ratio=False),
    chosen=st.lists(st.integers(0, 1000), min_size=1, max_size=10),
)
def test_what_is_taken_back_leaves_no_trace_in_a_bucket(store, found, chosen):
    with undone(store) as conn:
        facts = load(conn, CALLS, found)
        gone = {sorted(facts)[i % len(facts)] for i in chosen}
        keys = read_keys(conn)
        taken = [(keys.indicators[CALLS], keys.areas[a], int(g), s) for a, g, s in sorted(gone)]
        void(conn, taken, run_id=begin_run(conn, "yuepingan", NOW, NOW), now=NOW)
        left = {key: value for key, value in facts.items() if key not in gone}
        assert stored(conn, CALLS) == recount(left)


def test_a_county_that_reports_beside_its_towns_is_counted_once(store):
    """Two levels of one indicator cannot be added up; the second to come is refused."""
    with undone(store) as conn:
        facts = {(YUANCHENG, Grain.HOUR, FIRST): (100, None)}
        load(conn, CALLS, [facts])
        keys = read_keys(conn)
        late = [
            (keys.indicators[CALLS], keys.areas[area], int(Grain.HOUR), FIRST, 7.0, None, 3)
            for area in (TOWNS[0], ZIJIN)
        ]
        good, bad = refuse_mixed_levels(conn, late, catalogue(), keys)
        assert [r[1] for r in good] == [keys.areas[ZIJIN]]
        assert [(p.reason, p.row) for p in bad] == [("mixed_levels", 3)]
        assert stored(conn, CALLS) == recount(facts)
