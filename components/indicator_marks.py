"""What is written into the chart of an indicator: breaks, remarks, words beside the limits."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from components.chart_template import INK, INK_2, INK_3, PAPER
from components.formats import number
from components.i18n import _
from components.review_words import aim_word, day_word
from data.vocabulary.indicator_page import IndicatorPage

Trace = dict[str, Any]


def flags(page: IndicatorPage) -> Trace | None:
    """Return the remarks that name a day: a numbered flag at the top, its words when asked."""
    first = page["points"][0]["first"] if page["points"] else ""
    last = page["points"][-1]["last"] if page["points"] else ""
    marked = [
        (n, r) for n, r in numbered(page) if r["day"] is not None and first <= r["day"] <= last
    ]
    if not marked:
        return None
    return {
        "type": "scatter",
        "mode": "markers+text",
        "yaxis": "y2",
        "x": [r["day"] for _n, r in marked],
        "y": [0.965] * len(marked),
        "text": [str(n) for n, _r in marked],
        "textfont": {"size": 12, "color": PAPER},
        "textposition": "middle center",
        "marker": {"symbol": "square", "size": 18, "color": INK_2},
        "hovertext": [
            f"{escape(day_word(r['day'] or ''))} · {escape(r['by'])}<br>{_wrapped(r['text'])}"
            for _n, r in marked
        ],
        "hoverinfo": "text",
    }


def numbered(page: IndicatorPage) -> list[tuple[int, Any]]:
    """Return the remarks that stand with their numbers, oldest first: chart and list agree."""
    standing = sorted((r for r in page["remarks"] if not r["withdrawn"]), key=lambda r: r["at"])
    return list(enumerate(standing, 1))


def _wrapped(text: str, width: int = 36) -> str:
    """Return a text in lines that fit into a hover box."""
    lines = [text[i : i + width] for i in range(0, min(len(text), 5 * width), width)]
    return "<br>".join(escape(line) for line in lines) + ("…" if len(text) > 5 * width else "")


def break_lines(page: IndicatorPage) -> list[Trace]:
    """Return a dotted line at every break."""
    return [
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": b["on"], "x1": b["on"],
            "y0": 0, "y1": 1, "line": {"color": INK, "width": 1.4, "dash": "dot"},
        }
        for b in page["breaks"]
    ]  # fmt: skip


def break_words(page: IndicatorPage) -> list[Trace]:
    """Return above each such line what broke there."""
    return [
        _note(b["on"], 1.0, escape(_break_word(b["kind"], b["bridged"] is not None)), page)
        | {"yref": "paper", "yanchor": "bottom", "xanchor": "center"}
        for b in page["breaks"]
    ]


def _break_word(kind: str, bridged: bool) -> str:
    said = _("new definition") if kind == "definition" else _("series break")
    word = _("bridged")
    return f"{said} · {word}" if bridged else said


def chosen_line(page: IndicatorPage) -> list[Trace]:
    """Return a stroke from the chosen point to the ground."""
    if page["chosen"] < 0:
        return []
    at = page["points"][page["chosen"]]["first"]
    return [
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
            "line": {"color": INK_3, "width": 1}, "layer": "below",
        }
    ]  # fmt: skip


def end_words(page: IndicatorPage, x: Sequence[str]) -> list[Trace]:
    """Return the words beside the last limits, mean and target: a chart needs no legend."""
    if not x:
        return []
    decimals, rows = page["measure"]["decimals"], list[tuple[float, str, str]]()
    with_limits = [p for p in page["points"] if p["centre"] is not None]
    if with_limits:
        last = with_limits[-1]
        for field, word in (("upper", _("upper")), ("centre", _("mean")), ("lower", _("lower"))):
            value = last[field]  # type: ignore[literal-required]
            if value is not None:
                rows.append((value, f"{word} {number(value, max(decimals, 1))}", INK_3))
    aim = page["aims"][-1]["aim"] if page["aims"] else None
    if aim is not None and aim["kind"] in ("floor", "ceiling", "range"):
        said = _("target") + " " + aim_word(aim, decimals)
        rows += [(v, said, INK) for v in (aim["low"], aim["high"]) if v is not None]
    return [
        _note(1.0, value, escape(word), page)
        | {"xref": "paper", "xanchor": "left", "yanchor": "middle", "font": _font(colour)}
        for value, word, colour in _apart(rows, page)
    ]


def _apart(rows: list[tuple[float, str, str]], page: IndicatorPage) -> list[tuple[float, str, str]]:
    """Return the words moved so far apart that none lies on another."""
    known = [
        v for p in page["points"] for v in (p["value"], p["upper"], p["lower"]) if v is not None
    ]
    room = ((max(known) - min(known)) if known else 1.0) or 1.0
    found: list[tuple[float, str, str]] = []
    for value, word, colour in sorted(rows):
        at = max(value, found[-1][0] + 0.052 * room) if found else value
        found.append((at, word, colour))
    return found


def _font(colour: str) -> dict[str, Any]:
    return {"size": 12.5, "color": colour}


def _note(x: Any, y: Any, text: str, _page: IndicatorPage) -> Trace:
    return {
        "x": x, "y": y, "xref": "x", "yref": "y", "text": text, "showarrow": False,
        "font": _font(INK_2), "align": "left",
    }  # fmt: skip
