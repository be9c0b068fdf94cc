"""What the parts of the alarm page are called, and how its views are written as addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from data.vocabulary.alarm_console import ConsoleView
from data.vocabulary.alarms import AlarmState

PATH = "/alerts"
PANEL = "alarms"
PERFORMANCE, RULES, WINDOWS = "performance", "rules", "windows"
SETS: dict[str, frozenset[str]] = {
    "state": frozenset(s.value for s in AlarmState if s is not AlarmState.NORMAL),
    "priority": frozenset("1234"),
}
"""Facets that several chips may hold at once, and what they can be."""

LONGEST_Q, LONGEST_CODE = 80, 60
SPANS = {"hour": 3600, "day": 86400, "week": 7 * 86400, "month": 30 * 86400}
"""Lengths of time that the performance page knows, in seconds."""


class AlarmIds(StrEnum):
    """Plain ids. The browser scripts of the page use the same words (tested)."""

    ROOT = "alerts"
    FACTS = "alerts-facts"
    GRID = "alerts-grid"
    SIDE = "alerts-side"
    MORE_OF = "alerts-one"
    FORM = "alerts-form"
    HELP = "alerts-help"
    TOTAL = "alerts-total"
    MORE = "alerts-more"
    SAID = "alerts-said"
    TEXT = "alerts-text"
    FLOOD = "alerts-flood"


@dataclass(frozen=True)
class Period:
    """What of the log the performance page looks at. end: ISO local time; "" is now."""

    span: str = "week"
    end: str = ""
    start: str = ""
    """A local date, with `end` another: their days, instead of a span."""


def view_of(query: Mapping[str, str]) -> ConsoleView:
    """Return what a query asks for; what cannot be understood is left out."""
    found: dict[str, Any] = {}
    for f in fields(ConsoleView):
        written = query.get(f.name, "").strip()
        if f.name in SETS:
            found[f.name] = SETS[f.name] & frozenset(written.split(",")[:30])
        elif f.name == "q":
            found["q"] = " ".join(written[:LONGEST_Q].split())
        else:
            found[f.name] = written[:LONGEST_CODE]
    return ConsoleView(**found)


def query_of(view: ConsoleView) -> str:
    """Return a view as a query, "" for the plain one; the same view gives the same query."""
    said: dict[str, str] = {}
    for f in fields(ConsoleView):
        value = getattr(view, f.name)
        if value:
            said[f.name] = ",".join(sorted(value)) if f.name in SETS else value
    return urlencode(said)


def alarm_in(query: Mapping[str, str]) -> int | None:
    """Return the alarm that an address names, None if none."""
    text = query.get("alarm", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def period_of(query: Mapping[str, str]) -> Period:
    """Return the period that a query asks for."""
    span = query.get("span", "")
    return Period(
        span if span in SPANS else "week", query.get("to", "")[:16], query.get("from", "")[:10]
    )


def period_address(period: Period, **change: str) -> str:
    """Return the address of a period with some of it changed."""
    told = {"span": period.span, "from": period.start, "to": period.end} | change
    said = {k: v for k, v in told.items() if v and not (k == "span" and told.get("from"))}
    return f"{PATH}?{urlencode({'view': PERFORMANCE, **said})}"
