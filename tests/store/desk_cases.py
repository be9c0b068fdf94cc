"""Open cases of every kind for the tests of the desk, put straight into the store."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from data import models as m
from data.catalogue import catalogue
from data.queries.keys import read_keys
from data.store import Store
from data.vocabulary import Holder
from tests.conftest import NOW

_numbers = itertools.count(1)


def put(store: Store, number: str = "", **more: Any) -> str:
    """Put one open case of 源城区 and return its number. due, ago: hours from now and till now."""
    n = next(_numbers)
    no = number or f"T-{n:04d}"
    area, kind = more.pop("area", "441602"), more.pop("category", "flood_risk")
    due, ago = more.pop("due", 4.0), more.pop("ago", 2.0)
    entry = catalogue().categories[kind]
    with store.write() as conn:
        keys = read_keys(conn)
        department = keys.departments[more.pop("department", entry.department)]
        row: dict[str, Any] = {
            "case_no": no,
            "ext_id": no,
            "source_id": keys.sources["hotline"],
            "category_id": keys.categories[kind],
            "domain_id": keys.domains[entry.domain],
            "matter": entry.matter,
            "level": entry.level,
            "stage": "opened",
            "state": "opened",
            "holder": Holder.CENTRE.value,
            "area_id": keys.areas[area],
            "county_id": keys.county_of[keys.areas[area]],
            "department_id": department,
            "title": f"第{n}件",
            "address": "新江路1号",
            "reported_at": NOW - timedelta(hours=ago),
            "updated_at": NOW - timedelta(hours=ago),
            "recorded_at": NOW,
            "due_at": None if due is None else NOW + timedelta(hours=due),
            "run_id": 1,
        }
        if more.pop("closed", False):
            row["closed_at"] = NOW
        id_ = conn.execute(m.cases.insert().values(row | more).returning(m.cases.c.id)).scalar_one()
        conn.execute(m.case_event.insert().values(_begun(id_, row)))
    return no


def _begun(id_: int, row: dict[str, Any]) -> dict[str, Any]:
    """Return the first event of a case."""
    return {
        "case_id": id_, "seq": 1, "at": row["reported_at"], "recorded_at": NOW,
        "actor": "hotline", "action": "reported", "to_stage": "opened", "run_id": 1,
        "to_state": row["state"], "holder": row["holder"],
    }  # fmt: skip


def case_id(store: Store, no: str) -> int:
    """Return the row id of a case."""
    with store.read() as conn:
        query = m.cases.select().where(m.cases.c.case_no == no)
        return int(conn.execute(query).one().id)
