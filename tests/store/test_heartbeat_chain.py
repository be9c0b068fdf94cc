"""An event of the heartbeat goes through rules, alarms and notices to a file; no alarm comes of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from data import models as m
from data.catalogue import catalogue
from data.collector.clock_jump import ClockJump
from data.collector.notify import Notifier
from data.commands.alarms.heartbeat import beat
from data.commands.alarms.tick import tick
from data.panels.alarms import alarms_panels
from data.queries.alarms.marks import JUMP, read_mark
from data.queries.keys import read_keys
from data.settings import Settings
from tests.conftest import NOW

PERIOD = timedelta(minutes=5)


def test_the_whole_chain(store, tmp_path):
    at = [NOW]
    made = Notifier(
        store, catalogue(), Settings(var=tmp_path / "var"), clock=lambda: at[0], environ={}
    )
    file = tmp_path / "var" / "heartbeat.json"
    heard = []
    with ThreadPoolExecutor(2) as pool:
        made.turn(pool)
        for _ in range(3):
            with store.write() as conn:
                beat(conn, at[0])
            at[0] += timedelta(seconds=20)
            with store.write() as conn:
                tick(conn, catalogue(), read_keys(conn), at[0])
            made.turn(pool)
            made.lines["heartbeat"].running.result(5)
            heard.append(json.loads(file.read_text(encoding="utf-8"))["key"])
            at[0] += PERIOD
    assert len(set(heard)) == 3
    with store.read() as conn:
        own = m.alarm.c.rule == "heartbeat"
        assert conn.execute(select(m.alarm.c.id).where(own)).first() is None
        panels = alarms_panels(conn, catalogue(), read_keys(conn), ["441600"], at[0])
    assert all(row["rule"] != "heartbeat" for row in panels["alarms", "441600"]["top"])


def test_when_the_evaluator_stops_the_file_stands_still(store, tmp_path):
    made = Notifier(
        store, catalogue(), Settings(var=tmp_path / "var"), clock=lambda: NOW, environ={}
    )
    with store.write() as conn:
        beat(conn, NOW)
    with ThreadPoolExecutor(2) as pool:
        assert made.turn(pool) == 0
    assert not (tmp_path / "var" / "heartbeat.json").exists()


def test_a_jump_of_the_clock_is_marked_and_slow_work_is_none(store):
    steady = [100.0]
    jump = ClockJump(store, lambda: steady[0])
    assert jump.look(NOW) == 0.0
    steady[0] += 300
    assert jump.look(NOW + PERIOD) == 0.0
    steady[0] += 5
    back = NOW + PERIOD - timedelta(hours=1)
    assert jump.look(back) < -3600
    steady[0] += 5
    assert jump.look(back.replace(year=1970)) < -1e9
    steady[0] += 5
    assert jump.look(NOW + PERIOD) > 1e9
    with store.read() as conn:
        assert read_mark(conn, JUMP)["at"] == (NOW + PERIOD).timestamp()
