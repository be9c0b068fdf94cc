"""Windows are made, found, ended and audited; they cover what lies below their area."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from data import models as m
from data.alarms.windows import Scope, Window, WindowFault, WindowRefusal, WindowWish
from data.catalogue import catalogue
from data.commands.alarms.windows import end_window, make_window
from data.commands.audit import By
from data.queries.alarms.windows import open_windows, standing_windows, windows_at
from data.queries.keys import read_keys
from tests.conftest import NOW
from tests.store.alarms_made import alarms

HOUR = timedelta(hours=1)
OPERATOR = By(1, "王岚", "operator", "10.0.0.9")
RULES = frozenset({"flood"})


def make(store, *, scope=None, start=NOW, end=NOW + HOUR, by=OPERATOR, now=NOW, kind="planned"):
    wish = WindowWish(kind, scope or Scope(rule="flood"), start, end, "管网检修")
    with store.write() as conn:
        return make_window(conn, catalogue(), read_keys(conn), wish, by, now, rules=RULES)


def standing(store, now=NOW):
    with store.read() as conn:
        return standing_windows(conn, now)


def test_a_window_stands_from_its_beginning_to_its_end_and_no_longer(store):
    made = make(store, start=NOW + HOUR, end=NOW + 2 * HOUR)
    assert isinstance(made, Window)
    assert standing(store) == []
    assert [w.id for w in standing(store, NOW + HOUR)] == [made.id]
    assert standing(store, NOW + 2 * HOUR) == []


def test_a_window_of_an_area_covers_its_towns_and_no_other_county(store):
    make(store, scope=Scope(area="441602"))
    (found,) = standing(store)
    town = next(a.code for a in catalogue().areas.values() if a.parent == "441602")
    assert found.covers("any", "441602", "")
    assert found.covers("any", town, "x")
    assert not found.covers("any", "441621", "")
    assert not found.covers("any", "441600", "")


def test_overlapping_windows_are_refused_with_the_other_named(store):
    made = make(store)
    again = make(store, start=NOW + HOUR / 2, end=NOW + 2 * HOUR)
    assert isinstance(again, WindowRefusal)
    assert (again.fault, again.other) == (WindowFault.OVERLAPS, made)
    assert isinstance(make(store, start=NOW + HOUR, end=NOW + 2 * HOUR), Window)
    assert isinstance(make(store, kind="service"), Window)


def test_an_object_is_known_if_a_source_an_alarm_or_a_screen_is_called_so(store):
    refused = make(store, scope=Scope(object="1"))
    assert refused == WindowRefusal(WindowFault.UNKNOWN_OBJECT, "1")
    alarms(store)
    assert isinstance(make(store, scope=Scope(object="1")), Window)
    source = next(iter(catalogue().sources))
    assert isinstance(make(store, scope=Scope(object=source)), Window)


def test_who_only_looks_makes_none(store):
    viewer = By(2, "看", "viewer")
    assert make(store, by=viewer) == WindowRefusal(WindowFault.NO_RIGHT)
    made = make(store)
    with store.write() as conn:
        assert end_window(conn, made.id, viewer, NOW) == WindowRefusal(WindowFault.NO_RIGHT)


def test_ending_early_is_audited_and_what_held_then_is_still_known(store):
    made = make(store)
    later = NOW + HOUR / 2
    with store.write() as conn:
        assert end_window(conn, made.id, OPERATOR, later) == made
        again = end_window(conn, made.id, OPERATOR, later)
        assert again == WindowRefusal(WindowFault.ENDED_ALREADY, str(made.id))
        none = end_window(conn, 999, OPERATOR, later)
        assert none == WindowRefusal(WindowFault.UNKNOWN_WINDOW, "999")
        assert open_windows(conn, later) == []
        assert [w.id for w in windows_at(conn, NOW + HOUR / 4)] == [made.id]
        acts = list(conn.scalars(select(m.audit.c.act).order_by(m.audit.c.id)))
    assert acts == ["alarm.window.make", "alarm.window.end"]
    assert isinstance(make(store), Window)
