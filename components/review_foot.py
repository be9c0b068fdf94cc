"""What weakens a review: numbers that are others since they were frozen, and gaps in the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from components.formats import MISSING, day_time, number
from components.i18n import _, name, ngettext
from components.review_parts import named, nothing, section, table
from components.review_sentences import gap_text
from components.review_words import restated_word, week_word
from data.vocabulary.meeting import Frozen, Minutes, Restated
from data.vocabulary.review import Measure, Review

MOST_LINES = 8
"""Of more numbers, those of the areas below stand in lines."""


def restatements(review: Review, minutes: Minutes) -> html.Section:
    """Return, by frozen week, every number that is another now: was, now, late records."""
    packs = [p for p in (minutes["frozen"], *minutes["earlier"]) if p is not None]
    title = _("Restated since frozen")
    moved = [p for p in packs if p["restated"]]
    if not moved:
        said = _("No week is frozen yet") if not packs else _("Every frozen number still stands")
        return section(title, [nothing(said)], key="restated")
    measures = {row["measure"]["code"]: row["measure"] for row in review["rows"]}
    lines = [(r, p) for p in moved for r in p["restated"]]
    own = [x for x in lines if x[0]["area"] == review["area"]]
    below = [x for x in lines if x[0]["area"] != review["area"]]
    if len(lines) <= MOST_LINES:
        own, below = lines, []
    rows = [_restated(r, p, review, measures) for r, p in own]
    heads = [
        _("Week"), _("Indicator"), _("Area"), html.Th(_("Was"), className="num"),
        html.Th(_("Now"), className="num"), html.Th(_("Late records"), className="num"),
        _("Why"),
    ]  # fmt: skip
    note = _("frozen {time}").format(time=day_time(moved[0]["frozen_at"]))
    parts: list[Any] = [table(heads, rows, "restated")] if rows else []
    if below:
        said = _("; ").join(_in_line(r, p, review, measures) for r, p in below)
        parts.append(html.P(_("Areas below: {numbers}").format(numbers=said), className="hint"))
    return section(title, parts, note=note, key="restated")


def _in_line(line: Restated, pack: Frozen, review: Review, measures: Mapping[str, Measure]) -> str:
    """Return a number of an area below in a line: week, area, what, was and now, why."""
    measure, places = measures.get(line["code"]), line["decimals"]
    what = name(measure["name"]) if measure else line["code"]
    where = named(review["areas"], line["area"])
    was, now = number(line["was"], places), number(line["now"], places)
    why = restated_word(line["reason"])
    late = number(line["late_records"])
    return f"{pack['week']} {where} {what} {was} → {now} ({why}, {late})"


def _restated(
    line: Restated, pack: Frozen, review: Review, measures: Mapping[str, Measure]
) -> html.Tr:
    measure, places = measures.get(line["code"]), line["decimals"]
    what: Any = line["code"]
    if measure:
        unit = name(measure["unit"])
        way = f"/indicator/{line['code']}?area={line['area']}"
        what = [html.A(name(measure["name"]), href=way), f"（{unit}）" if unit else ""]
    return html.Tr(
        [
            html.Td(week_word(pack["week"])),
            html.Td(what, className="ind"),
            html.Td(named(review["areas"], line["area"])),
            html.Td(number(line["was"], places), className="num"),
            html.Td(number(line["now"], places), className="num now"),
            html.Td(number(line["late_records"]), className="num"),
            html.Td(restated_word(line["reason"])),
        ]
    )


def gaps_list(review: Review) -> html.Section:
    """Return what is missing, whose it is and which indicators of the page it weakens."""
    title = _("Data gaps that weaken this page")
    if not review["gaps"]:
        return section(title, [nothing(_("Every source of this page was told in full"))],
                       key="gaps")  # fmt: skip
    names = {row["measure"]["code"]: name(row["measure"]["name"]) for row in review["rows"]}
    rows = []
    for gap in review["gaps"]:
        known = [names.get(code, code) for code in gap["codes"]]
        shown = _(", ").join(known[:4])
        if len(known) > 4:
            more = ngettext("and {n} more indicator", "and {n} more indicators", len(known) - 4)
            shown = f"{shown} {more}"
        rows.append(
            html.Tr(
                [
                    html.Td(name(gap["source"])),
                    html.Td(gap_text(gap)),
                    html.Td(name(gap["department"])),
                    html.Td(shown or MISSING),
                ]
            )
        )
    heads = [_("Source"), _("What is missing"), _("Department"), _("Indicators it weakens")]
    return section(title, [table(heads, rows, "gaps")], key="gaps")
