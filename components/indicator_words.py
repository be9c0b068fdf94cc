"""Words of the page of one indicator: periods, fields of a definition, states of its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.i18n import N_, _
from components.review_words import span_word, week_word
from data.vocabulary.indicator_page import Point

GRAIN_WORDS: dict[str, str] = {"week": N_("By week"), "day": N_("By day"), "month": N_("By month")}
THIS: dict[str, str] = {"week": N_("This week"), "day": N_("This day"), "month": N_("This month")}
BEFORE: dict[str, str] = {
    "week": N_("Week before"), "day": N_("Day before"), "month": N_("Month before"),
}  # fmt: skip
FIELDS: dict[str, str] = {
    "definition": N_("definition"),
    "numerator": N_("numerator"),
    "denominator": N_("denominator"),
    "aggregation": N_("adding up"),
    "factor": N_("factor"),
    "feed": N_("what is taken from the source"),
    "unit": N_("unit"),
    "standard": N_("standard"),
    "source": N_("source"),
    "direction": N_("direction"),
    "department": N_("department"),
    "target": N_("target"),
    "small_count": N_("small counts"),
    "rolls_up": N_("roll-up over areas"),
}


def period_word(grain: str, point: Point | Mapping[str, Any]) -> str:
    """Return a period in words: 2026年第47周（11月16日—22日）."""
    if grain == "week":
        return f"{week_word(point['period'])} · {span_word(point['first'], point['last'])}"
    return str(point["period"])


def field_word(field: str) -> str:
    """Return the word of a field of a definition; one that is not known as it is."""
    return _(FIELDS[field]) if field in FIELDS else field
