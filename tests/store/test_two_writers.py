"""Two writers at once: nothing lost, nothing counted twice, nobody locked out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.ingest.run import ingest
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary import Grain
from tests.conftest import NOW
from tests.store.payloads import request, requests
from tests.store.support import (
    CITY,
    DISPUTES_ON_TIME,
    TOWNS,
    bucket,
    count,
    noted,
    observed,
    put,
    rows_of,
)

ROUNDS = 12


def side_by_side(*works: Callable[[int], object]) -> list[BaseException]:
    """Run each work ROUNDS times in a thread of its own, in step; return what went wrong."""
    gate, faults = threading.Barrier(len(works)), []

    def run(work: Callable[[int], object]) -> None:
        for turn in range(ROUNDS):
            gate.wait(20)
            try:
                work(turn)
            except BaseException as error:
                faults.append(error)

    threads = [threading.Thread(target=run, args=(w,)) for w in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(t.is_alive() for t in threads)
    return faults


def writer(store: Store, part: int) -> Callable[[int], object]:
    """Return a worker of its own towns, forward and backward in turn, through its own engine."""
    own = Store(store.engine.url.render_as_string(hide_password=False))
    towns = TOWNS[:6][part::2]

    def work(turn: int) -> None:
        order = towns if (turn + part) % 2 else towns[::-1]
        day = f"2026-11-{9 + turn % 7:02d}T00:00"
        rows = [observed(DISPUTES_ON_TIME, t, day, turn + 1, 100, Grain.DAY) for t in order]
        at = NOW + timedelta(minutes=turn)
        put(own, *rows, as_of=at, now=at)
        if turn == ROUNDS - 1:
            own.dispose()

    return work


def test_two_writers_of_one_week_leave_consistent_rollups(store):
    assert side_by_side(writer(store, 0), writer(store, 1)) == []
    facts = rows_of(store, m.observation)
    num, den = sum(f.num for f in facts), sum(f.den for f in facts)
    week = bucket(store, "week", DISPUTES_ON_TIME, CITY, "2026-11-09")
    assert (week.num, week.den, week.n) == (num, den, 6 * 7)
    with store.read() as conn:
        city = read_keys(conn).areas[CITY]
        days = conn.execute(select(m.rollup_day).where(m.rollup_day.c.area_id == city)).all()
    assert (sum(d.num for d in days), sum(d.den for d in days)) == (num, den)


def test_two_writers_of_the_same_keys_end_in_one_of_their_values(store):
    def work(value: int) -> Callable[[int], object]:
        return lambda turn: put(
            store,
            *(
                observed(DISPUTES_ON_TIME, t, "2026-11-09T00:00", value, 100, Grain.DAY)
                for t in TOWNS[:6]
            ),
            as_of=NOW + timedelta(minutes=turn),
        )

    assert side_by_side(work(10), work(20)) == []
    found = {f.num for f in rows_of(store, m.observation)}
    assert found in ({10}, {20})
    assert bucket(store, "day", DISPUTES_ON_TIME, CITY, "2026-11-09").num == 6 * found.pop()


def test_files_of_two_sources_at_once_are_both_stored_whole(store):
    def poll(source: str, code: str) -> Callable[[int], object]:
        def work(turn: int) -> None:
            payload = requests(*(request(f"{source}-{turn}-{i}", code) for i in range(5)))
            facts = catalogue()
            done = ingest(store, facts, facts.sources[source], payload, origin="x", now=NOW)
            assert (done.status, done.counts.new) == ("ok", 5)

        return work

    assert side_by_side(poll("yuepingan", "110-02"), poll("approvals", "BL-01")) == []
    assert count(store, m.cases) == count(store, m.case_event) == 2 * 5 * ROUNDS
    assert bucket(store, "hour", "PS-01", CITY, NOW.replace(minute=0)).num == 5 * ROUNDS


def test_a_reader_never_waits_for_a_writer(store):
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="a", value="b"))
        assert noted(store) == set()
    assert noted(store) == {"a"}
