"""The made-up officers act on the matters of a demonstration, and on nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import models as m
from data.catalogue import catalogue
from data.commands.cases import Done, Request, act
from data.commands.demo_accounts import make_demo_accounts
from data.connectors.records import ServiceRequest
from data.ingest import bulk
from data.ingest.cases import case_number
from data.queries.keys import read_keys
from data.simulate import officers_hand
from data.simulate.officers import FEW, Officers
from data.simulate.officers_crew import ORIGIN
from data.simulate.officers_plan import Turn, is_led, turn_of
from data.simulate.officers_start import FirstSight
from data.vocabulary import CaseAct, CaseState
from tests.conftest import NOW
from tests.store.acting import OPERATOR
from tests.store.payloads import request, requests
from tests.store.people import quick  # noqa: F401
from tests.store.support import YUANCHENG, count, rows_of, take

pytestmark = pytest.mark.usefixtures("quick")
FLOOD, SOURCE = "ZD-02", "yuepingan"
MINUTE = timedelta(minutes=1)


def number(turn=Turn.STRAIGHT, *, led=True, after=0):
    """Return a request number whose case is led here, or not, and takes this turn."""
    names = (f"YPA-20261118-{n:06d}" for n in range(after, 100_000))
    fits = (x for x in names if (is_led(no(x)), turn_of(no(x))) == (led, turn))
    return next(fits)


def no(request_id):
    return case_number(SOURCE, request_id)


@pytest.fixture
def demo(store):
    """A store of a demonstration with its ready accounts."""
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
        make_demo_accounts(conn, catalogue(), now=NOW)
    return store


@pytest.fixture(autouse=True)
def nobody_reports(monkeypatch):
    """Nothing is reported to the desk, unless a test asks for it."""
    monkeypatch.setattr("data.simulate.officers.is_due", lambda _conn, _now: None)
    monkeypatch.setattr("data.simulate.officers_start.BY_HAND", ())


def tell(store, *ids, **more):
    take(store, SOURCE, requests(*(request(x, FLOOD, at=NOW, **more) for x in ids)))


def goes(store, minutes, *, every=10, start=NOW):
    """Let officers work for so long, new ones each time as after a restart."""
    ticks = range(0, minutes + 1, every)
    done = [Officers(store, catalogue()).tick(start + n * MINUTE, most=40) for n in ticks]
    return sum(done)


def case(store, request_id=None):
    rows = rows_of(store, m.cases)
    return next(r for r in rows if request_id in (None, r.ext_id))


@pytest.mark.parametrize("turn", list(Turn))
def test_a_matter_is_lived_through_to_its_end(demo, turn):
    tell(demo, number(turn))
    goes(demo, 14 * 60)
    row, events = case(demo), rows_of(demo, m.case_event)
    assert row.state == CaseState.CLOSED, [e.action for e in events]
    assert (row.rework, row.returns, row.extensions, row.suspensions) == (
        turn is Turn.REWORK, {Turn.RETURNED: 1, Turn.WANDERS: 3}.get(turn, 0),
        turn is Turn.EXTENDED, turn is Turn.SUSPENDED,
    )  # fmt: skip
    ours = [e for e in events if e.seq > 1]
    assert all(e.actor_id is not None or e.actor == "rules" for e in ours)
    assert len({e.actor for e in ours}) >= 4
    assert [e.at for e in ours] == sorted(e.at for e in ours)
    assert {r.origin for r in rows_of(demo, m.audit) if r.act.startswith("case.")} == {ORIGIN}
    steps = rows_of(demo, m.case_step)
    assert steps
    assert all(s.done_at for s in steps)
    tasks = rows_of(demo, m.case_task)
    assert tasks
    assert all(t.arrived_at and t.started_at and t.ended_at for t in tasks)
    assert count(demo, m.ownership_item) == (turn is Turn.WANDERS)
    assert all(a.granted for a in rows_of(demo, m.case_approval))


def test_one_third_stays_with_its_platform(demo):
    tell(demo, number(led=False))
    assert goes(demo, 120) == 0
    assert case(demo).led_since is None


def test_a_scenario_and_the_gravest_are_left_to_the_wall(demo):
    tell(demo, "YPA-20261118-1380003")
    tell(demo, number(), priority="1")
    assert goes(demo, 120) == 0


def test_a_case_on_which_a_person_acted_is_left_alone(demo):
    mine, other = number(), number(after=500)
    tell(demo, mine, other)
    assert goes(demo, 30) > 2
    with demo.write() as conn:
        said = Request(CaseAct.NOTE, OPERATOR, NOW + 31 * MINUTE, None, {"note": "我来"})
        done = act(conn, catalogue(), read_keys(conn), no(mine), said, origin="10.0.0.1")
    assert isinstance(done, Done)
    goes(demo, 10 * 60, start=NOW + 32 * MINUTE)
    assert case(demo, mine).version == done.version
    assert case(demo, other).state == CaseState.CLOSED


def test_a_person_who_was_first_keeps_the_case(demo):
    tell(demo, number())
    with demo.write() as conn:
        seen = Request(CaseAct.ACKNOWLEDGE, OPERATOR, NOW, None)
        act(conn, catalogue(), read_keys(conn), case(demo).case_no, seen, origin="10.0.0.1")
    assert goes(demo, 60) == 0


def test_after_a_pause_little_is_done_at_a_time_and_counts_from_when_it_was_due(demo):
    tell(demo, *(number(after=n * 700) for n in range(4)))
    officers, later = Officers(demo, catalogue()), NOW + timedelta(days=3)
    assert [officers.tick(later) for _ in range(5)] == [FEW] * 5
    while officers.tick(later, most=100):
        pass
    rows = rows_of(demo, m.cases)
    assert {r.state for r in rows} == {CaseState.CLOSED}
    assert all(r.closed_at < NOW + timedelta(days=1) for r in rows)


def test_what_is_refused_is_left_out_and_the_rest_goes_on(demo):
    tell(demo, number())
    goes(demo, 30, every=2)
    assert count(demo, m.case_task) > 0
    with demo.write() as conn:
        conn.execute(m.case_task.update().values(ended_at=NOW + 30 * MINUTE))
    officers = Officers(demo, catalogue())
    for n in range(40, 600, 5):
        officers.tick(NOW + n * MINUTE)
    assert case(demo).state == CaseState.CLOSED


def test_nothing_is_done_outside_a_demonstration(store):
    tell(store, number())
    assert goes(store, 60) == 0
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo_accounts", value="leader"))
    assert goes(store, 60) == 0


def test_a_demonstration_without_officers_rests(store):
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key="demo", value="true"))
    tell(store, number())
    assert goes(store, 60) == 0


def test_a_fault_does_not_stop_who_lets_them_work(demo, monkeypatch):
    officers = Officers(demo, catalogue())
    monkeypatch.setattr(officers, "tick", lambda _now: 1 // 0)
    officers.work(NOW)


# ---- what is reported to the desk ----


@pytest.fixture
def reports(monkeypatch, nobody_reports):
    monkeypatch.setattr("data.simulate.officers.is_due", officers_hand.is_due)


def test_a_few_matters_a_day_are_reported_by_hand_and_go_through_the_loop(demo, reports):
    dawn = officers_hand.moments(NOW)[0] - MINUTE
    goes(demo, 15 * 60, every=5, start=dawn)
    rows = rows_of(demo, m.cases)
    assert len(rows) == officers_hand.A_DAY
    assert {r.channel for r in rows} <= set(officers_hand.CHANNELS)
    first = [e.action for e in rows_of(demo, m.case_event) if e.case_id == rows[0].id]
    assert first[:3] == [CaseAct.REPORT, CaseAct.VERIFY, CaseAct.OPEN]
    assert rows[0].state not in (CaseState.REPORTED, CaseState.VERIFIED, CaseState.OPENED)
    assert any(r.state == CaseState.CLOSED for r in rows)


def test_what_was_missed_in_a_pause_is_not_reported_later(demo, reports):
    last = officers_hand.moments(NOW)[-1]
    Officers(demo, catalogue()).tick(last + 2 * officers_hand.MISSED)
    assert rows_of(demo, m.cases) == []


def test_one_moment_is_one_report(demo, reports):
    at = officers_hand.moments(NOW)[0]
    for n in range(5):
        Officers(demo, catalogue()).tick(at + n * MINUTE, most=9)
    assert count(demo, m.cases) == 1


# ---- the first sight ----


def told(request_id, *, hours, closed=None):
    """Return one matter of the history, reported so many hours ago."""
    at = NOW - timedelta(hours=hours)
    steps = [(CaseState.OPENED, at)]
    if closed:
        steps += [(CaseState.HANDLING, at + MINUTE), (CaseState.CLOSED, closed)]
    record = ServiceRequest(
        row=1, request_id=request_id, status="closed" if closed else "open",
        status_notes="已办结" if closed else "待派单", service_code=FLOOD, service_name="x",
        description="山塘渗漏", agency="", requested_at=at, updated_at=closed or at,
        expected_at=at + timedelta(hours=12), address="", lat=23.74, lon=114.69, priority="2",
        call_back="",
    )  # fmt: skip
    return SOURCE, record, steps


def first_sight(store, history):
    facts = catalogue()
    with store.write() as conn:
        keys = read_keys(conn)
        runs = {SOURCE: bulk.begin_run(conn, keys, SOURCE, {}, now=NOW)}
        first = FirstSight(facts, NOW)
        bulk.load_cases(conn, first.begun(history), runs, facts, since=NOW, now=NOW)
        return first.live(conn)


def test_the_first_sight_shows_the_loop(demo):
    young = [told(number(after=n * 400), hours=4 + n / 4) for n in range(8)]
    assert first_sight(demo, young) > 20
    rows = rows_of(demo, m.cases)
    assert all(r.led_since and r.closed_at is None for r in rows)
    assert {CaseState.REWORK, CaseState.SUSPENDED, CaseState.HANDLING} <= {r.state for r in rows}
    assert any(a.granted is None for a in rows_of(demo, m.case_approval))
    assert count(demo, m.ownership_item) == 1
    assert count(demo, m.case_task) > 0
    assert count(demo, m.case_step) > 0
    before = {r.case_no: r.version for r in rows}
    assert goes(demo, 20 * 60, every=30) > 0
    rows = rows_of(demo, m.cases)
    assert {r.state for r in rows} == {CaseState.CLOSED}, "they go on as they began"
    assert all(r.version > before[r.case_no] for r in rows)


def test_the_first_sight_has_something_to_verify(demo, monkeypatch):
    ago = (timedelta(minutes=140), timedelta(minutes=2))
    monkeypatch.setattr("data.simulate.officers_start.BY_HAND", ago)
    first_sight(demo, [])
    old, new = sorted(rows_of(demo, m.cases), key=lambda r: r.reported_at)
    assert new.state == CaseState.REPORTED
    assert old.state not in (CaseState.REPORTED, CaseState.VERIFIED)
    goes(demo, 14 * 60, start=NOW)
    assert {r.state for r in rows_of(demo, m.cases)} == {CaseState.CLOSED}


def test_the_past_ends_when_its_platform_said(demo, monkeypatch):
    monkeypatch.setattr("data.simulate.officers_start.PAST", 1.0)
    ended = NOW - timedelta(days=2)
    led, mirrored = number(), number(led=False)
    first_sight(demo, [told(x, hours=56, closed=ended) for x in (led, mirrored)])
    row, other = case(demo, led), case(demo, mirrored)
    assert (row.state, row.closed_at) == (CaseState.CLOSED, ended)
    assert (other.state, other.closed_at) == (CaseState.CLOSED, ended)
    assert row.led_since is not None
    assert other.led_since is None
    assert row.county_id == read_of(demo).areas[YUANCHENG]


def read_of(store):
    with store.read() as conn:
        return read_keys(conn)


def test_what_is_older_or_no_matter_stays_as_told(demo):
    old = told(number(), hours=24 * 40, closed=NOW - timedelta(days=39))
    assert first_sight(demo, [old]) == 0
    assert case(demo).led_since is None
