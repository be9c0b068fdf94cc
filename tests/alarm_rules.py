"""Small words for tests of alarm rules: a rule, facts, what is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from data.alarms.facts import Facts, Measured
from data.alarms.judging import City, judge
from data.catalogue import catalogue
from data.catalogue.alarm_entries import AlarmRule
from tests.conftest import NOW

CITY, YUANCHENG, ZIJIN, LONGCHUAN = "441600", "441602", "441621", "441622"


def names(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def body(condition: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "code": "one",
        "name": names("one"),
        "priority": 2,
        "condition": condition,
        "answer": names("do something"),
        "why": names("because"),
        **more,
    }


def rule(condition: dict[str, Any], **more: Any) -> AlarmRule:
    return AlarmRule.model_validate(body(condition, **more))


def threshold(**more: Any) -> dict[str, Any]:
    return {"kind": "threshold", "indicator": "TR-01", "side": "below", "limit": 65, **more}


def city() -> City:
    return City.of(catalogue())


def value(number: float | None, doubt: str = "", **more: Any) -> Measured:
    return Measured(number, doubt, at=NOW, known_at=NOW, **more)


def said(one: AlarmRule, facts: Facts, known: Any = None) -> list[Any]:
    return list(judge(one, facts, city(), known or {}))


def at(area: str, verdicts: list[Any]) -> Any:
    return next(v for v in verdicts if v.area == area)


def later(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)
