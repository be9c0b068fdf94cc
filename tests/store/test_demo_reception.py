"""A new demo city has a past of reception that its own quality rules agree with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from components.demo_words import DEMO, told
from components.i18n import use
from data import models as m
from data.catalogue import catalogue
from data.cli.supervision import REFUSED, SAID_BY, supervise
from data.collector.quality.inspector import Inspector
from data.ingest import bulk
from data.ingest.ledger import note_heard
from data.queries.debts import debts
from data.queries.findings import findings
from data.queries.keys import read_keys
from data.queries.quality import unit_quality
from data.queries.sharing import board
from data.simulate import history_reception as made
from tests.conftest import NOW

SEED = 4416


@pytest.fixture
def living(store):
    """A store as the demo city leaves it, without its facts."""
    with store.write() as conn:
        keys = read_keys(conn)
        for key, source in catalogue().sources.items():
            if not source.waits:
                bulk.begin_run(conn, keys, key, {"synthetic": True}, now=NOW)
        supervise(conn, catalogue(), keys, SEED, now=NOW)
        for source in catalogue().sources.values():
            if not source.waits:
                note_heard(conn, keys, source, now=NOW, new=True)
    return store


def shown(store, now=NOW):
    with store.read() as conn:
        return board(conn, catalogue(), read_keys(conn), now=now, demo=True)


def reception(store):
    with store.read() as conn:
        t = m.reception
        order = (t.c.grain, t.c.bucket, t.c.source_id, t.c.indicator_id, t.c.area_id)
        return [tuple(r) for r in conn.execute(select(t).order_by(*order))]


def test_every_simulated_source_has_a_day_and_twelve_weeks_at_the_first_look(living):
    for line in shown(living)["sources"]:
        told = catalogue().of_source(line["key"]) and not line["waits"]
        assert (line["complete"]["whole"] > 0) == bool(told), line["key"]
        if told:
            assert all(c["expected"] for c in line["weeks"][1:-1]), line["key"]
            assert sum(1 for c in line["hours"] if c["expected"]) == 24
            assert line["complete"]["part"] >= 0.9 * line["complete"]["whole"]
            assert {u["area"] for u in line["units"]} >= {a.code for a in catalogue().counties()}


def test_nothing_looks_as_if_it_had_stopped(living):
    for line in shown(living)["sources"]:
        assert line["waits"] or line["state"] == "fresh"
        if not line["waits"]:
            assert {u["state"] for u in line["units"]} <= {"fresh", "unknown"}, line["key"]


def test_the_weak_county_is_found_by_the_rule_and_promised(living):
    with living.read() as conn:
        keys = read_keys(conn)
        (one,) = findings(conn, keys)
        weak = {u["area"]: u["total"] for u in unit_quality(conn, catalogue(), keys, now=NOW)
                if u["source"] == made.WEAK}  # fmt: skip
        found = debts(conn, catalogue(), keys, now=NOW)
        ended = debts(conn, catalogue(), keys, now=NOW, ended=True)
    assert (one["kind"], one["source"], one["area"]) == ("incomplete", made.WEAK, made.WEAK_AREA)
    assert weak[made.WEAK_AREA]["completeness"] < 90
    assert min(t["completeness"] for a, t in weak.items() if a and a != made.WEAK_AREA) >= 90
    assert sorted(d["overdue"] for d in found) == [False, True]
    assert [d["state"] for d in ended] == ["kept"]
    assert {d["said_by"] for d in (*found, *ended)} == {SAID_BY}


def test_what_the_demo_wrote_is_known_in_both_languages(living):
    """People are shown as they wrote; nobody wrote the demo's entries."""
    with living.read() as conn:
        keys = read_keys(conn)
        rows = [d for ended in (False, True)
                for d in debts(conn, catalogue(), keys, now=NOW, ended=ended)]  # fmt: skip
    words = {d[k] for d in rows for k in ("title", "why", "owner", "note", "said_by") if d[k]}
    assert words == set(DEMO)
    with use("en"):
        assert all(told(word).isascii() for word in words)
    with use("zh"):
        assert {told(word) for word in words} == words
        assert told("夜间无人填报") == "夜间无人填报"


def test_one_source_was_out_some_weeks_ago(living):
    (line,) = (s for s in shown(living)["sources"] if s["key"] == made.OUT)
    shares = [c["received"] / c["expected"] for c in line["weeks"][1:-1]]
    assert min(shares) < 0.8
    assert sum(1 for s in shares if s < 0.9) <= 2


def test_the_collectors_looks_go_on_from_it(living):
    before = reception(living)
    inspector = Inspector(living, catalogue())
    later = NOW + timedelta(seconds=5)
    inspector.look(later)
    inspector.look(later + timedelta(seconds=5))
    after = reception(living)
    assert len(after) == len(before)
    line = next(s for s in shown(living, later)["sources"] if s["key"] == "hotline")
    assert line["refused"] == sum(n for _h, n in REFUSED), "the first look counts these files"
    kept = next(s for s in shown(living, later)["sources"] if s["key"] == made.OUT)
    assert (
        kept["weeks"] == next(s for s in shown(living)["sources"] if s["key"] == made.OUT)["weeks"]
    )
    with living.read() as conn:
        assert [f["kind"] for f in findings(conn, read_keys(conn))] == ["incomplete"]


def test_days_are_the_sums_of_their_hours_and_sources_of_their_counties(living):
    t, since = m.reception.c, NOW - timedelta(days=1)
    with living.read() as conn:
        sums = {
            grain: conn.execute(
                select(func.sum(t.expected), func.sum(t.received), func.sum(t.timely))
                .where(t.grain == grain, t.bucket >= _midnight(since))
            ).one()
            for grain in (2, 3)
        }  # fmt: skip
        parts = {
            whole: conn.execute(
                select(func.sum(t.expected), func.sum(t.received)).where(
                    t.grain == 3, t.area_id == 0 if whole else t.area_id != 0
                )
            ).one()
            for whole in (True, False)
        }
    assert tuple(sums[2]) == tuple(sums[3])
    assert tuple(parts[True]) == tuple(parts[False])


def _midnight(at):
    return at.astimezone(made.LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)


def test_refused_rows_can_be_read_one_by_one(living):
    with living.read() as conn:
        q, r = m.quarantine, m.ingest_run
        runs = conn.execute(select(r.c.id, r.c.quarantined).where(r.c.quarantined > 0)).all()
        kept = dict(conn.execute(select(q.c.run_id, func.count()).group_by(q.c.run_id)).all())
    assert {n for _i, n in runs} == {n for _h, n in REFUSED}
    assert dict(runs) == kept
