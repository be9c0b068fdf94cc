"""Which alarm rules could not be judged at the last look."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from data import models as m

KEY = "alarm_rules_failing"
i = m.store_info.c


def failing_rules(conn: Connection) -> dict[str, dict[str, Any]]:
    """Return by rule since when (epoch seconds) it fails, and why."""
    told = conn.scalar(select(i.value).where(i.key == KEY))
    found: dict[str, dict[str, Any]] = json.loads(told) if told else {}
    return found
