"""The page of one indicator made by hand, for tests of what it says: no store, no clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from data.vocabulary import Names
from data.vocabulary.indicator_page import AreaLine, IndicatorPage, Point, VersionLine
from data.vocabulary.review import Aim, Compared, Figure, Measure
from data.vocabulary.review_terms import Assurance, ChartKind, Doubt, Signal, SpcRule

CITY, WEEK = "441600", "2026-W47"
FIRST = date(2026, 7, 6)
AS_OF = 1795394400.0
AIM: Aim = {
    "kind": "floor", "low": 98.0, "high": None, "set_by": "市政府", "since": "2026-01-01",
}  # fmt: skip
MEASURE: Measure = {
    "code": "GS-07", "domain": "services", "name": Names(zh="工单按时办结率", en="Closed on time"),
    "unit": Names(zh="%", en="%"), "decimals": 1, "direction": "higher", "aggregation": "ratio",
    "department": Names(zh="市政数局", en="Gov Services"),
    "source": Names(zh="12345热线", en="12345 hotline"), "version": 1,
    "definition": Names(zh="分母是期内到期的工单", en="due in the period"),
}  # fmt: skip


def figure(value: float | None = 97.2, **more: Any) -> Figure:
    plain: Any = {
        "value": value, "num": 972.0, "n": 1000.0, "low": 96.0, "high": 98.1, "told": 7, "of": 7,
        "heard": AS_OF - 600, "doubt": None,
    }  # fmt: skip
    return {**plain, **more}


def compared(then: float | None = 97.0, doubt: Doubt | None = None) -> Compared:
    change = None if doubt or then is None else round(97.2 - then, 1)
    return {"now": figure(), "then": figure(then), "change": change, "doubt": doubt}


def point(place: int, value: float | None = 97.0, **more: Any) -> Point:
    first = FIRST + timedelta(weeks=place)
    year, week, _ = first.isocalendar()
    plain: Any = {
        "period": f"{year}-W{week:02}", "first": first.isoformat(),
        "last": (first + timedelta(days=6)).isoformat(), "value": value,
        "num": None if value is None else value * 10, "den": 1000.0, "n": 1000.0, "told": 7,
        "of": 7, "doubt": None, "centre": 97.0, "lower": 95.0, "upper": 99.0,
        "signal": Signal.COMMON, "rules": [], "then": 96.5, "matched": 7, "version": 1,
    }  # fmt: skip
    return {**plain, **more}


def version(number: int = 1, **more: Any) -> VersionLine:
    plain: Any = {
        "version": number, "since": "2020-01-01", "until": None,
        "definition": Names(zh="期内到期的工单", en="due in the period"),
        "numerator": Names(zh="按时办结数", en="on time"),
        "denominator": Names(zh="到期数", en="due"), "unit": Names(zh="%", en="%"),
        "aggregation": "ratio", "factor": 100.0, "standard": "GS-07", "changed": [],
    }  # fmt: skip
    return {**plain, **more}


def area(code: str = "441602", **more: Any) -> AreaLine:
    plain: Any = {
        "area": code, "figure": figure(), "before": 97.0, "signal": Signal.COMMON, "rules": [],
        "strength": 0.0,
        "spark": {"first": "2026-05-25", "values": [97.0] * 26, "centre": [97.0] * 26,
                  "lower": [95.0] * 26, "upper": [99.0] * 26, "breaks": []},
        "band": 0, "outside": "", "unbanded": None, "doubt": None,
    }  # fmt: skip
    return {**plain, **more}


def points() -> list[Point]:
    """Twenty weeks: a concern, an improvement, one that is hidden, and one that runs."""
    found = [point(i, 97.0 + 0.3 * (i % 3)) for i in range(20)]
    found[10] = point(10, 94.0, signal=Signal.CONCERN, rules=[SpcRule.OUTSIDE])
    found[11] = point(11, 99.6, signal=Signal.IMPROVEMENT, rules=[SpcRule.OUTSIDE])
    found[12] = point(12, None, doubt=Doubt.HIDDEN, num=None, den=None, n=None)
    found.append(point(20, 98.0, doubt=Doubt.PARTIAL, told=1, centre=None, lower=None, upper=None))
    return found


def sample(**changes: Any) -> IndicatorPage:
    """Return a page with some of its fields changed."""
    nothing = {"key": "last", "first": "2026-11-09", "last": "2026-11-15", "unmatched": [],
               "words": Names(zh="2026年第46周", en="week 46"), "doubt": None,
               "pairs": [("2026-11-16", "2026-11-09")]}  # fmt: skip
    page: Any = {
        "measure": MEASURE, "domain": Names(zh="政务服务", en="Services"), "area": CITY, "level": 1,
        "areas": {CITY: Names(zh="河源市", en="Heyuan"), "441602": Names(zh="源城区", en="Yuancheng"),
                  "4416JD": Names(zh="江东新区", en="Jiangdong")},
        "above": [], "grain": "week", "period": WEEK, "newest": WEEK, "before": "2026-W46",
        "after": "2026-W48", "points": points(), "chosen": 19, "chart": ChartKind.PPRIME,
        "based_on": 104, "breaks": [], "aims": [{"start": 0, "end": 21, "aim": AIM}], "aim": AIM,
        "now": figure(), "last": compared(), "year": compared(), "lunar": compared(),
        "bases": {"last": nothing, "year": nothing | {"key": "year"},
                  "lunar": nothing | {"key": "lunar"}},
        "signal": Signal.COMMON, "rules": [], "strength": 0.0, "assurance": Assurance.EITHER,
        "doubts": [], "below": [area()], "sides": False, "fair": None, "versions": [version()],
        "remarks": [], "small_count": 0, "hidden": 0, "state": "fresh", "heard": AS_OF - 600,
        "cases": "services", "evidence": f"GS-07.{CITY}.26W47", "as_of": AS_OF, "demo": True,
    }  # fmt: skip
    return {**page, **changes}


def remark(number: int, text: str, **more: Any) -> Any:
    return {"id": number, "at": AS_OF - number, "by": "陈立国", "text": text, "day": None,
            "withdrawn": False} | more  # fmt: skip
