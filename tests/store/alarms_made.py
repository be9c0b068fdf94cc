"""Alarms as they stand in a store, made without their rules."""

from __future__ import annotations

import json

from data import models as m
from data.queries.alarms.notices import TARGETS
from data.queries.keys import read_keys
from tests.conftest import NOW

NAMES = {"zh": "积水超限", "en": "Flooded road"}


def use_targets(store, *keys):
    """Say that these targets have an address."""
    with store.write() as conn:
        conn.execute(m.store_info.insert().values(key=TARGETS, value=json.dumps(keys)))


def alarms(store, count=1, *, priority=1, area="441602", situation=None, rule="flood", first=1):
    """Insert alarms; return their ids."""
    with store.write() as conn:
        keys = read_keys(conn)
        if situation is not None:
            values = {
                "id": situation, "cause": f"c{situation}", "area_id": keys.areas[area],
                "title": NAMES, "priority": priority, "opened_at": NOW, "changed_at": NOW,
            }  # fmt: skip
            known = conn.execute(m.situation.select().where(m.situation.c.id == situation))
            if known.first() is None:
                conn.execute(m.situation.insert().values(values))
        rows = [
            {
                "key": f"{rule}|{area}|{number}", "rule": rule, "rule_version": 1,
                "area_id": keys.areas[area], "object": str(number), "title": NAMES,
                "said": {"zh": "联系人 13812345678", "en": "call 13812345678"},
                "priority": priority, "state": "unacknowledged", "active": True,
                "raised_at": NOW, "recorded_at": NOW, "changed_at": NOW,
                "situation_id": situation,
            }
            for number in range(first, first + count)
        ]  # fmt: skip
        insert = m.alarm.insert().returning(m.alarm.c.id, sort_by_parameter_order=True)
        return list(conn.scalars(insert, rows))
