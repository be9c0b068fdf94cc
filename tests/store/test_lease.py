"""Which collector leads: one at a time, and the next when it is gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from data import models as m
from data.collector.lease import Lease
from tests.conftest import NOW
from tests.store.support import pg_only, rows_of


def at(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def two(store):
    return Lease(store, "collector", seconds=15), Lease(store, "collector", seconds=15)


def test_one_leads_and_the_other_stands_by(two):
    one, other = two
    assert one.hold(at(0))
    assert not other.hold(at(1))
    assert one.hold(at(10))
    assert not other.hold(at(20))


def test_a_lease_that_lapsed_is_taken_over_and_not_given_back(store, two):
    one, other = two
    one.hold(at(0))
    assert not other.hold(at(15))
    assert other.hold(at(16))
    assert not one.hold(at(17))
    (row,) = rows_of(store, m.lease)
    assert (row.holder, row.started_at, row.until) == (other.holder, at(16), at(31))


def test_a_renewal_keeps_the_start(store, two):
    one, _ = two
    one.hold(at(0))
    one.hold(at(5))
    (row,) = rows_of(store, m.lease)
    assert (row.started_at, row.beat_at) == (at(0), at(5))


def test_a_lease_given_up_is_free_at_once(store, two):
    one, other = two
    one.hold(at(0))
    other.release()  # not its own: nothing happens
    assert not other.hold(at(1))
    one.release()
    assert other.hold(at(2))


def test_a_clock_that_steps_back_does_not_cost_the_lease(two):
    one, other = two
    assert one.hold(at(0))
    assert one.hold(at(-3600))
    assert not other.hold(at(-3599))


def test_of_many_at_once_one_leads(store):
    leases = [Lease(store, "collector", seconds=15) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        held = list(pool.map(lambda x: x.hold(NOW), leases))
    assert sum(held) == 1


@pg_only
def test_a_writer_that_dies_lets_the_next_one_in(store):
    """The place of the writer is held by the transaction, so it cannot be left locked."""
    store.engine.dispose()
    conn = store.engine.connect()
    conn.exec_driver_sql("select pg_advisory_xact_lock(441600)")
    raw = conn.connection.driver_connection
    raw.close()
    conn.invalidate()
    conn.close()
    assert Lease(store, "collector", seconds=15).hold(NOW)
