"""What a point of an indicator's chart says when it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from components.formats import number
from components.i18n import _
from components.indicator_words import period_word
from components.review_words import doubt_word, rule_word, valued
from components.spc_icons import side, variation_word
from data.vocabulary.indicator_page import IndicatorPage, Point
from data.vocabulary.review_terms import Doubt

Trace = dict[str, Any]


def point_words(page: IndicatorPage, point: Point) -> str:
    """Return everything about a point, line by line."""
    m = page["measure"]
    head = f"<b>{escape(period_word(page['grain'], point))}</b>"
    if point["value"] is None:
        return f"{head}<br>{escape(doubt_word(point['doubt'] or Doubt.NO_DATA))}"
    lines = [head, escape(_value_line(m, point))]
    if point["centre"] is not None:
        limits = _("mean {centre}, limits {low} to {high}").format(
            centre=number(point["centre"], m["decimals"] + 1),
            low=number(point["lower"], m["decimals"] + 1),
            high=number(point["upper"], m["decimals"] + 1),
        )
        lines.append(escape(limits))
    up = side(point["signal"], m["direction"], point["value"], point["centre"])
    said = [variation_word(point["signal"], up), *map(rule_word, point["rules"])]
    if point["centre"] is not None:
        lines.append(escape(" · ".join(said)))
    if point["then"] is not None:
        lines.append(escape(_then(m, point)))
    if point["doubt"] is not None:
        lines.append(escape(doubt_word(point["doubt"])))
    return "<br>".join(lines)


def _value_line(m: Mapping[str, Any], point: Point) -> str:
    said = valued(point["value"], m["decimals"], m["unit"])
    if point["n"] is not None:
        said += f" · n={number(point['n'])}"
    return f"{said} · " + _("{told} of {of} days").format(told=point["told"], of=point["of"])


def _then(m: Mapping[str, Any], point: Point) -> str:
    return _("lunar year before: {value} ({n} like days)").format(
        value=valued(point["then"], m["decimals"], m["unit"]), n=point["matched"]
    )
