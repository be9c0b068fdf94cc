"""Earlier alarms like one, and what they turned out to be."""

from __future__ import annotations

from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from components.alarm_ids import PATH
from components.alarm_words import OUTCOMES, outcome_word
from components.formats import duration, number, since
from components.i18n import _, name, ngettext
from data.vocabulary.alarm_console import OneAlarm, PastLine, Similar


def similar_part(one: OneAlarm, now: float) -> html.Section:
    """Return three kinds of earlier alarms of the rule, each with what became of them."""
    kinds = (
        (_("Same rule, here"), one["here"]),
        (_("Same rule, elsewhere"), one["elsewhere"]),
        (_("Same rule, at this hour"), one["this_hour"]),
    )
    inside = [_kind(word, found, now) for word, found in kinds]
    title = _("Similar alarms of the last {n} days").format(n=one["days"])
    return html.Section([html.H4(title), *inside])


def _kind(word: str, found: Similar, now: float) -> html.Div:
    if not found["alarms"]:
        return html.Div([html.B(word), html.Span(_("none"), className="dim2")], className="past")
    said = [ngettext("{n} alarm", "{n} alarms", found["alarms"])]
    if found["half_lasted"] is not None:
        said.append(_("half were over after {time}").format(time=duration(found["half_lasted"])))
    counts = " · ".join(
        f"{outcome_word(o)} {number(found['outcomes'][o])}"
        for o in OUTCOMES
        if o in found["outcomes"]
    )
    return html.Div(
        [
            html.B(word),
            html.Span(" · ".join(said), className="dim"),
            html.P(counts),
            html.P(_joined([_line(x, now) for x in found["newest"]]), className="dim2"),
        ],
        className="past",
    )


def _line(x: PastLine, now: float) -> list[str | Component]:
    link = html.A(since(x["raised_at"], now), href=f"{PATH}?alarm={x['id']}", className="go")
    said: list[str | Component] = [link, f" {name(x['place'])} {outcome_word(x['outcome'])}"]
    if x["case_no"]:
        said += [" ", html.A(x["case_no"], href=f"/case/{quote(x['case_no'])}", className="go")]
    return said


def _joined(lines: list[list[str | Component]]) -> list[str | Component]:
    found: list[str | Component] = []
    for i, line in enumerate(lines):
        found += [" · ", *line] if i else line
    return found
