"""The weekly review as an address: its week and area, and what its parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from data.calendar.week import Week, WeekError

PATH, PANEL = "/weekly", "desk"
OWN = ("/assets/review/", "/assets/weekly/")
FORMATS = ("xlsx", "docx", "pdf")


class WeekIds(StrEnum):
    """Plain ids."""

    ROOT = "weekly"
    BODY = "weekly-body"
    URL = "weekly-url"
    NUDGE = "weekly-nudge"
    SAID = "weekly-said"
    AT = "weekly-at"


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


def read_week(text: str) -> Week | None:
    """Return the week of "2026-W47", also "2026w47"; None is no such week."""
    try:
        return Week.parse(text)
    except WeekError:
        return None


def week_beside(week: str, by: int) -> str:
    """Return the week so many weeks away, itself where there is none."""
    found = read_week(week)
    try:
        return str(found + by) if found else week
    except (OverflowError, ValueError):
        return week
