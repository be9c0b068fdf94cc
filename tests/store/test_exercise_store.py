"""An exercise plays what happened on a past day, in a store of its own, and scores who took part."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from data import models as m
from data.catalogue import catalogue
from data.exercise import PREFIX, Mark, PlanError, planned
from data.ingest.exercise import feed, make
from data.queries.exercise import drilled, exercise_of, progress
from data.queries.keys import read_keys
from data.store import Store
from tests.conftest import NOW
from tests.store.payloads import alert, request, requests
from tests.store.payloads import feed as atom
from tests.store.support import ZIJIN, contents, observed, put, take, values

FACTS = catalogue()
PLAYED = NOW - timedelta(days=3, hours=2)
"""When the past day's stretch begins: the same minute of the hour as now."""
MATTER = next(
    word
    for word, code in FACTS.sources["yuepingan"].categories.items()
    if FACTS.categories[code].matter
)
BEDS = next(
    i.code for i in FACTS.indicators.values() if i.source == "health_capacity" and not i.denominator
)
BUS = next(i.code for i in FACTS.indicators.values() if i.source == "bus_vehicles")


def told_then():
    """Return what the platform told on that day: one open since long, one that came."""
    return requests(
        request("OLD", MATTER, at=PLAYED - timedelta(hours=5), description="旧事项"),
        request("NEW", MATTER, at=PLAYED + timedelta(minutes=30), description="新事项"),
    )


@pytest.fixture
def real(store):
    """A city that has lived through that day."""
    hour = PLAYED.replace(minute=0) + timedelta(hours=1)
    put(store, observed(BUS, ZIJIN, hour - timedelta(hours=3), 7, 1), now=PLAYED)
    put(store, observed(BUS, ZIJIN, hour, 12, 1), now=PLAYED + timedelta(hours=3))
    take(store, "yuepingan", told_then(), now=PLAYED + timedelta(hours=1))
    storm = alert("W1", sent=PLAYED + timedelta(minutes=40), expires=PLAYED + timedelta(hours=9))
    take(store, "warnings", atom(storm), now=PLAYED + timedelta(minutes=41))
    return store


@pytest.fixture
def own(tmp_path, sqlite_template):
    path = tmp_path / "exercise.sqlite"
    shutil.copy(sqlite_template, path)
    found = Store(f"sqlite:///{path}")
    yield found
    found.dispose()


@pytest.fixture
def plan():
    return planned("防汛演练", PLAYED.replace(minute=0), timedelta(hours=3), NOW)


@pytest.fixture
def made(real, own, plan):
    make(real, own, FACTS, plan, now=NOW)
    return own


def cases_of(store):
    with store.read() as conn:
        rows = conn.execute(select(m.cases.c.case_no, m.cases.c.title, m.cases.c.reported_at))
        return {no: (title, at) for no, title, at in rows}


def play(store, minutes):
    return feed(store, FACTS, NOW + timedelta(minutes=minutes))


def test_the_store_says_what_it_is(made, plan):
    with made.read() as conn:
        assert exercise_of(conn) == plan


def test_the_citys_own_store_is_only_read(real, own, plan):
    before = contents(real)
    make(real, own, FACTS, plan, now=NOW)
    feed(own, FACTS, plan.ends)
    assert contents(real) == before
    with real.read() as conn:
        assert exercise_of(conn) is None
        assert not conn.execute(select(func.count()).select_from(m.exercise_item)).scalar()


def test_matters_come_when_they_came_with_the_mark_of_an_exercise(made, plan):
    play(made, 1)
    assert list(cases_of(made)) == ["yuepingan-YL-OLD"]
    play(made, 29)
    assert "yuepingan-YL-NEW" not in cases_of(made)
    play(made, 31)
    title, at = cases_of(made)["yuepingan-YL-NEW"]
    assert title == f"{PREFIX}新事项"
    assert at == PLAYED + timedelta(minutes=30) + plan.shift


def test_a_matter_that_was_open_then_ends_as_it_did(real, own, plan):
    ended = request("OLD", MATTER, at=PLAYED - timedelta(hours=5), description="旧事项")
    ended |= {"status": "closed", "updated_datetime": (PLAYED + timedelta(minutes=50)).isoformat()}
    take(real, "yuepingan", requests(ended), now=PLAYED + timedelta(minutes=51))
    make(real, own, FACTS, plan, now=NOW)
    play(own, 10)
    play(own, 49)

    def closed():
        with own.read() as conn:
            c = m.cases.c
            return conn.execute(select(c.closed_at).where(c.ext_id == "YL-OLD")).scalar_one()

    assert closed() is None
    play(own, 52)
    assert closed() == PLAYED + timedelta(minutes=50) + plan.shift


def test_counts_come_when_their_period_is_over(made, plan):
    hour = PLAYED.replace(minute=0) + timedelta(hours=1) + plan.shift
    assert (ZIJIN, hour) not in values(made, BUS)
    feed(made, FACTS, hour + timedelta(minutes=59))
    assert (ZIJIN, hour) not in values(made, BUS)
    feed(made, FACTS, hour + timedelta(minutes=61))
    assert values(made, BUS)[ZIJIN, hour][0] == 12


def test_what_was_counted_before_comes_along(made, plan):
    before = PLAYED.replace(minute=0) - timedelta(hours=2) + plan.shift
    assert values(made, BUS)[ZIJIN, before][0] == 7


def test_a_warning_holds_in_the_exercise_and_says_so(made, plan):
    play(made, 39)
    a = m.external_alert.c
    with made.read() as conn:
        assert not conn.execute(select(a.id)).all()
    play(made, 41)
    with made.read() as conn:
        row = conn.execute(select(m.external_alert)).one()
    assert row.headline.startswith(PREFIX)
    assert row.level == 2
    assert row.expires == PLAYED + timedelta(hours=9) + plan.shift


def test_everything_is_told_once_and_read(made, plan):
    feed(made, FACTS, plan.ends)
    assert feed(made, FACTS, plan.ends + timedelta(hours=1)) == 0
    with made.read() as conn:
        far = progress(conn)
        assert (far.waiting, far.refused) == (0, 0)
        assert far.told
        assert not conn.execute(select(func.count()).select_from(m.quarantine)).scalar()


def test_what_was_told_and_not_noted_changes_nothing_when_told_again(made, plan):
    feed(made, FACTS, plan.ends)
    before = contents(made, m.cases, m.observation, m.external_alert)
    with made.write() as conn:
        conn.execute(m.exercise_item.update().values(done_at=None, outcome=None))
    feed(made, FACTS, plan.ends)
    assert contents(made, m.cases, m.observation, m.external_alert) == before


def test_a_store_that_holds_something_is_no_store_for_an_exercise(real, own, plan):
    put(own, observed(BUS, ZIJIN, NOW.replace(minute=0) - timedelta(hours=5), 3, 1))
    with pytest.raises(PlanError, match="empty"):
        make(real, own, FACTS, plan, now=NOW)


def test_a_stretch_of_which_nothing_is_known_is_refused(store, own, plan):
    with pytest.raises(PlanError, match="nothing is known"):
        make(store, own, FACTS, plan, now=NOW)
    with own.read() as conn:
        assert exercise_of(conn) is None


def act(store, number, seq, minutes, state, actor):
    """Let somebody act on a case, or its platform if nobody is named."""
    with store.write() as conn:
        case = conn.execute(select(m.cases.c.id).where(m.cases.c.case_no == number)).scalar_one()
        at = NOW + timedelta(minutes=minutes)
        conn.execute(
            m.case_event.insert().values(
                case_id=case, seq=seq, at=at, recorded_at=at, actor="x", action="verify",
                to_state=state, actor_id=actor,
            )
        )  # fmt: skip


def scored(store, plan, minutes):
    with store.read() as conn:
        now = NOW + timedelta(minutes=minutes)
        return drilled(conn, FACTS, read_keys(conn), plan, now)


def test_only_new_matters_and_what_persons_did_count(made, plan):
    play(made, 31)
    number = "yuepingan-YL-NEW"
    act(made, number, 20, 32, "verified", None)
    (one,) = scored(made, plan, 33)
    assert one.case_no == number
    assert one.first.mark(NOW + timedelta(minutes=33)) is Mark.RUNNING
    assert one.dispatch is None
    act(made, number, 21, 35, "opened", 1)
    act(made, number, 22, 40, "dispatched", 1)
    (one,) = scored(made, plan, 41)
    assert one.first.took == timedelta(minutes=5)
    assert one.dispatch is not None
    assert one.dispatch.took == timedelta(minutes=5)
    assert one.first.due > one.first.since


def test_people_sign_in_as_they_do(real, own, plan):
    with real.write() as conn:
        keys = read_keys(conn)
        conn.execute(
            m.account.insert().values(
                name="wang", display="王敏", role="operator", password="kept", created_at=NOW,
                area_id=keys.areas[ZIJIN],
            )
        )  # fmt: skip
    make(real, own, FACTS, plan, now=NOW)
    with own.read() as conn:
        row = conn.execute(select(m.account)).one()
        assert (row.name, row.password) == ("wang", "kept")
        assert read_keys(conn).area_codes()[row.area_id] == ZIJIN
