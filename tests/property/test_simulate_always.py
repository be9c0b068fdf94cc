"""At any instant of any year the made-up city is well-formed and repeatable."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data.connectors import cap, fhir, gtfs_rt, open311
from data.connectors.connector import Options
from data.simulate.buses import buses
from data.simulate.feeds import feed
from data.simulate.requests import draw_day
from data.simulate.rhythm import ordinal_of
from data.simulate.scenario import Running
from data.simulate.scenarios import SCENARIOS
from data.vocabulary import LOCAL

START = datetime(2024, 1, 1, tzinfo=LOCAL)
instants = st.integers(0, 4 * 366 * 86400).map(lambda s: START + timedelta(seconds=s))
stories = st.one_of(
    st.none(), st.tuples(st.sampled_from(sorted(SCENARIOS)), st.integers(0, 5400), st.booleans())
)
few = settings(max_examples=12, deadline=None)


def story_at(told, now):
    if told is None:
        return ()
    name, ago, stopped = told
    start = int(now.timestamp()) - ago
    return (Running(SCENARIOS[name], start, start + ago // 2 if stopped else None),)


@few
@given(instants, stories)
def test_feeds_are_repeatable_and_readable(now, told):
    story = story_at(told, now)
    formats = {
        "/cap/warnings.atom": cap,
        "/fhir/MeasureReport": fhir,
        "/gtfs-rt/service-alerts.pb": gtfs_rt,
        "/gtfs-rt/trip-updates.pb": gtfs_rt,
        "/open311/hotline/requests.xml": open311,
    }
    for path, connector in formats.items():
        status, _, body = feed(path, {}, seed=7, now=now, scenario=story)
        assert (status, body) == feed(path, {}, seed=7, now=now, scenario=story)[::2]
        if status == 200 and not (told and told[0] == "bad_data"):
            assert not connector.parse(body, Options(tz="Asia/Shanghai")).problems


@few
@given(instants)
def test_life_cycles_run_forward(now):
    batch = draw_day(7, ordinal_of(now))
    assert (np.diff(batch.times, axis=1) > 0).all()
    assert (np.diff(batch.created) >= 0).all()
    assert (batch.due > batch.created).all()
    ids = set(zip(batch.number.tolist(), batch.kind.tolist(), strict=True))
    assert len(ids) == len(batch)


@few
@given(instants, stories)
def test_every_bus_is_somewhere_on_its_way(now, told):
    found = buses(7, now.timestamp(), story_at(told, now))
    assert (found.along >= 0).all()
    assert len(set(zip(found.trip.tolist(), found.day.tolist(), strict=True))) == len(found.trip)
