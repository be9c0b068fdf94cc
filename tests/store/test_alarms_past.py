"""The alarms of a new demonstration's past weeks are whole, and as many as people can live with."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import select

from data import models as m
from data.alarms.flood import floods
from data.alarms.then import Happened, as_known
from data.catalogue import catalogue
from data.queries.alarms.standing import standing
from data.queries.keys import read_keys
from data.simulate.alarms_past import DAYS
from data.simulate.alarms_start import write_past
from data.store import Store
from data.vocabulary.alarms import AlarmAct, AlarmState
from tests.conftest import NOW


def made(store: Store) -> int:
    with store.write() as conn:
        return write_past(conn, catalogue(), read_keys(conn), 4416, NOW)


def test_the_past_is_whole_and_over(store: Store) -> None:
    count = made(store)
    assert 15 * DAYS < count < 40 * DAYS
    e = m.alarm_event.c
    with store.read() as conn:
        rows = conn.execute(select(m.alarm_event).order_by(e.alarm_id, e.seq)).all()
        alarms = {r.id: r for r in conn.execute(select(m.alarm)).all()}
        assert standing(conn, catalogue(), read_keys(conn)) == []
    for before, after in pairwise(rows):
        if before.alarm_id == after.alarm_id:
            assert before.to_state == after.from_state
            assert before.at <= after.at
            assert before.recorded_at <= after.recorded_at
        else:
            assert before.to_state == "normal"
    assert len({r.alarm_id for r in rows}) == count == len(alarms)
    for alarm in alarms.values():
        assert alarm.raised_at <= alarm.returned_at <= alarm.ended_at < NOW
        assert alarm.version == sum(1 for r in rows if r.alarm_id == alarm.id)


def test_there_is_one_flood_and_its_alarms_are_one_situation(store: Store) -> None:
    made(store)
    e = m.alarm_event.c
    with store.read() as conn:
        raised = conn.execute(select(e.recorded_at).where(e.act == AlarmAct.RAISE.value)).all()
        folded = conn.execute(select(m.alarm.c.situation_id)).scalars().all()
    found = floods(((r.recorded_at, 1) for r in raised), NOW)
    assert len(found) in (1, 2)
    assert max(Counter(s for s in folded if s).values()) >= 10


def test_it_can_be_told_as_it_was_known(store: Store) -> None:
    made(store)
    e = m.alarm_event.c
    at = NOW - timedelta(days=9)
    with store.read() as conn:
        then = standing(conn, catalogue(), read_keys(conn), as_of=at)
        log = conn.execute(
            select(m.alarm_event).where(e.recorded_at <= at).order_by(e.alarm_id, e.seq)
        ).all()
    told: dict[int, list[Happened]] = {}
    for r in log:
        told.setdefault(r.alarm_id, []).append(
            Happened(AlarmAct(r.act), r.at, r.recorded_at, AlarmState(r.to_state), r.active,
                     r.priority, r.value, r.actor)
        )  # fmt: skip
    known = {id_: as_known(events) for id_, events in told.items()}
    assert {r["id"] for r in then} == {
        id_ for id_, one in known.items() if one and one.state is not AlarmState.NORMAL
    }
