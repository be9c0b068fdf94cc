"""The weekly review as an address: its week and area, and what its parts are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

PATH, PANEL = "/weekly", "desk"
OWN = ("/assets/review/", "/assets/weekly/")
FORMATS = ("xlsx", "docx", "pdf")
_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})")


class WeekIds(StrEnum):
    """Plain ids."""

    ROOT = "weekly"
    BODY = "weekly-body"
    URL = "weekly-url"
    NUDGE = "weekly-nudge"
    SAID = "weekly-said"


def act_id(act: Any, key: Any) -> dict[str, Any]:
    """Return the id of a button that changes something; key: of a promise or a message."""
    return {"type": "week-act", "act": act, "key": key}


def field_id(field: Any, key: Any) -> dict[str, Any]:
    """Return the id of a field of a form; key: of a promise, a message, or "new"."""
    return {"type": "week-field", "field": field, "key": key}


def told_id(key: Any) -> dict[str, Any]:
    """Return the id of the line that answers a form."""
    return {"type": "week-told", "key": key}


@dataclass(frozen=True)
class WeekView:
    """What the address asks for. week: as written there, "" is the newest whole one."""

    week: str = ""
    area: str = ""
    paper: bool = False


def view_of(query: Mapping[str, str]) -> WeekView:
    """Return what a query asks for, as it was written: what makes no sense is said on the page."""
    return WeekView(
        query.get("week", "").strip()[:20], query.get("area", "").strip()[:20],
        query.get("print") == "1",
    )  # fmt: skip


def address(view: WeekView, **changes: Any) -> str:
    """Return the address of a view that differs from `view` in some points."""
    wanted = replace(view, **changes)
    query = {"week": wanted.week, "area": wanted.area, "print": "1" if wanted.paper else ""}
    written = urlencode({key: value for key, value in query.items() if value})
    return f"{PATH}?{written}" if written else PATH


def read_week(text: str) -> date | None:
    """Return the Monday of "2026-W47", also "2026W47" and "2026-w7"; None is no such week."""
    found = _WEEK.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None


def write_week(monday: date) -> str:
    """Return the ISO week of a day: "2026-W47"."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02d}"


def week_beside(week: str, by: int) -> str:
    """Return the week so many weeks away, over the ends of years with 52 or 53 weeks."""
    monday = read_week(week)
    return write_week(monday + timedelta(weeks=by)) if monday else week
