"""A small review as it would be made from the store, for tests of what is added to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.catalogue import catalogue
from data.vocabulary.review import Figure, Review, ScoreRow, evidence_code
from data.vocabulary.review_terms import Assurance, ChartKind, Signal

CITY = "441600"
WEEK, BEFORE, RUNNING = "2026-W46", "2026-W45", "2026-W47"
"""The newest whole week at NOW (a Wednesday in W47), the one before, the one that runs."""


def figure(value: float | None, **more: Any) -> Figure:
    told: Any = {
        "value": value, "num": value, "n": None, "low": None, "high": None, "told": 7, "of": 7,
        "heard": None, "doubt": None,
    }  # fmt: skip
    return {**told, **more}


def row(code: str, value: float | None, *, area: str = CITY, week: str = WEEK,
        spark: Sequence[float | None] = (), first: str = "2026-05-18") -> ScoreRow:  # fmt: skip
    """Return one indicator; spark: its last weeks, that of the review the last."""
    i = catalogue().indicators[code]
    empty: Any = {"now": figure(value), "then": figure(None), "change": None, "doubt": None}
    values = list(spark)
    return {
        "measure": {
            "code": code, "domain": i.domain, "name": i.name, "unit": i.unit,
            "decimals": i.decimals, "direction": i.direction.value,
            "aggregation": i.aggregation.value, "department": {"zh": "x", "en": "x"},
            "source": {"zh": "x", "en": "x"}, "version": i.version, "definition": i.definition,
        },
        "area": area, "now": figure(value), "last": empty, "year": dict(empty), "lunar": dict(empty),
        "aim": {"kind": "none", "low": None, "high": None, "set_by": "", "since": ""},
        "chart": ChartKind.XMR, "points": len(values), "signal": Signal.COMMON, "rules": [],
        "strength": 0.0, "assurance": Assurance.NO_TARGET,
        "spark": {"first": first, "values": values, "centre": [None] * len(values),
                  "lower": [None] * len(values), "upper": [None] * len(values), "breaks": []},
        "doubts": [], "evidence": evidence_code(code, area, week),
    }  # fmt: skip


def cells(code: str, values: dict[str, float | None]) -> Any:
    told = [
        {"area": a, "figure": figure(v), "signal": Signal.COMMON, "rules": [], "strength": 0.0}
        for a, v in values.items()
    ]
    return {"code": code, "cells": told}


def message(key: str, code: str, week: str = WEEK) -> Any:
    return {
        "key": key, "rule": "signal", "fields": {"code": code}, "level": 3, "strength": 1.0,
        "department": {"zh": "x", "en": "x"}, "until": None,
        "evidence": evidence_code(code, CITY, week),
    }  # fmt: skip


def review(*rows: ScoreRow, week: str = WEEK, area: str = CITY, **more: Any) -> Review:
    """Return a whole week that is complete in form and says little."""
    totals: Any = dict.fromkeys(
        ("before", "new", "reopened", "closed", "open", "late", "due", "on_time", "last_new",
         "last_closed", "last_due", "last_on_time", "last_open"), 0)  # fmt: skip
    told: Any = {
        "week": week, "first": "2026-11-09", "last": "2026-11-15", "area": area, "level": 1,
        "areas": {}, "domains": {}, "as_of": 0.0, "mark": "", "whole": True, "demo": False,
        "doubts": [], "totals": totals, "noise": {"series": 1, "expected": 0.1, "found": 0},
        "messages": [], "bases": {}, "rows": list(rows), "below": [], "matrix": [], "fair": [],
        "departments": [], "days": [], "late": [], "more_late": 0, "gaps": [],
    }  # fmt: skip
    return {**told, **more}
