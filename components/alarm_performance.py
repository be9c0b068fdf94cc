"""The alarm performance page: are our alarms usable, by the numbers of ISA-18.2 and EEMUA 191."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from dash import dcc, html
from dash.development.base_component import Component

from components.alarm_figures import (
    EEMUA,
    GROUPS,
    ISA,
    figure_name,
    figure_parts,
    figure_value,
    load_word,
    reason_words,
    source_words,
    target_words,
)
from components.alarm_ids import PATH, PERFORMANCE, SPANS, Period, period_address
from components.alarm_load import day_chart, flood_list, position_table, rule_table, spread_table
from components.alarm_page import Place, framed
from components.empty import failed
from components.formats import duration, full_time, local, number
from components.i18n import N_, _, ngettext
from components.person import Signed
from data.vocabulary import Names
from data.vocabulary.alarm_log import Figure, Load, Performance

SPAN_WORDS = {
    "hour": N_("1 hour"), "day": N_("24 hours"), "week": N_("7 days"), "month": N_("30 days"),
}  # fmt: skip
VERDICTS = {
    Load.GOOD: N_("Our alarms are manageable"),
    Load.LIMIT: N_("Our alarms are manageable, with reservations"),
    Load.OVER: N_("Our alarms are more than one desk can manage"),
    Load.UNKNOWN: N_("Too short a log to judge"),
}
NAMED = 4
"""So many reasons are named in the verdict; the table has all of them."""


@dataclass(frozen=True)
class PerformanceShown:
    """What was counted. rules, areas: names by code. wrong: the period was not understood."""

    counted: Performance
    rules: Mapping[str, Names]
    areas: Mapping[str, Names]
    city: str
    demo: bool
    wrong: bool


def performance_page(
    shown: PerformanceShown | None,
    period: Period,
    place: Place,
    signed: Signed | None,
    *,
    now: float,
) -> html.Div:
    """Return the whole page; shown None: the store cannot be asked."""
    address = period_address(period).partition("?")[2]
    if shown is None:
        inside: list[Component] = [html.Section(failed(), className="panel alone")]
    else:
        inside = [_head(shown, period, now), html.Div(_body(shown), className="perf")]
    return framed(
        inside, PERFORMANCE, place, signed, query=address, now=now,
        demo=bool(shown and shown.demo),
        foot=_("Targets: {isa}, {eemua}, for one operator position; heartbeats and tests are left "
               "out").format(isa=f"{ISA} / IEC 62682", eemua=EEMUA),
    )  # fmt: skip


# ---- period and verdict ----


def _head(shown: PerformanceShown, period: Period, now: float) -> html.Section:
    return html.Section(
        [html.Div(_periods(shown, period, now), className="frow"), _verdict(shown.counted),
         _observed(shown)],
        className="panel verdict",
    )  # fmt: skip


def _periods(shown: PerformanceShown, period: Period, now: float) -> list[Component]:
    chips: list[Component] = [
        html.A(
            _(word),
            href=period_address(Period(span)),
            className="chip on" if span == period.span and not period.start else "chip",
        )
        for span, word in SPAN_WORDS.items()
    ]
    begin, end = local(shown.counted.start), local(shown.counted.end)
    length = timedelta(seconds=SPANS[period.span])
    said = f"{begin:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"
    before = _step(period, f"{end - length:%Y-%m-%dT%H:%M}", "‹", _("Earlier"))
    later = end + length
    after = (
        _step(period, f"{later:%Y-%m-%dT%H:%M}", "›", _("Forward"))
        if later.timestamp() <= now
        else html.Span("›", className="chip zero")
    )
    return [
        *chips,
        html.I(className="bar1"),
        before,
        html.Span(said, className="dim"),
        after,
        html.Span(className="sp"),
        _days(period),
    ]


def _step(period: Period, end: str, sign: str, word: str) -> html.A:
    return html.A(sign, href=period_address(Period(period.span), to=end), className="chip",
                  title=word)  # fmt: skip


def _days(period: Period) -> html.Form:
    """Return the form of two dates: their days, both whole."""
    return html.Form(
        [
            dcc.Input(type="hidden", name="view", value=PERFORMANCE),
            html.Span(_("Dates"), className="dim2"),
            dcc.Input(type="text", name="from", value=period.start, className="inp",
                      placeholder="2026-11-16", maxLength=10),
            html.Span("–"),
            dcc.Input(type="text", name="to", value=period.end[:10] if period.start else "",
                      className="inp", placeholder="2026-11-22", maxLength=10),
            html.Button(_("Show"), type="submit", className="btn"),
        ],
        action=PATH,
        method="get",
        className="days",
        autoComplete="off",
    )  # fmt: skip


def _verdict(counted: Performance) -> html.Div:
    figures = {f.key: f for f in counted.whole.figures}
    keys = (counted.reasons or counted.limits)[:NAMED]
    because = [html.Li(reason_words(figures[k])) for k in keys]
    said = html.P(_(VERDICTS[counted.load]), className=f"vw ld-{counted.load.value}")
    if counted.load is Load.GOOD:
        word: Component = html.P(_("every figure is within what is asked"), className="dim")
    elif counted.load is Load.UNKNOWN:
        word = html.P(_("a verdict needs an hour at least"), className="dim")
    else:
        word = html.Div([html.Span(_("because"), className="dim"), html.Ul(because)],
                        className="why")  # fmt: skip
    return html.Div([said, word], className="vrow")


def _observed(shown: PerformanceShown) -> html.P:
    counted = shown.counted
    parts = [
        _("Seen for {time}").format(time=duration(counted.seconds)),
        ngettext("{n} alarm", "{n} alarms", counted.whole.alarms),
        _("counted {time}").format(time=full_time(counted.end)),
        _("as if everything came to one desk; each desk by itself below"),
        _("source: alarm log of this system"),
    ]
    if shown.wrong:
        parts.insert(
            0,
            _("The dates were not understood: write them like {day}, at most a year").format(
                day="2026-11-16"
            ),
        )
    return html.P(" · ".join(parts), className="hint")


# ---- what was counted ----


def _body(shown: PerformanceShown) -> list[Component]:
    counted = shown.counted
    figures = {f.key: f for f in counted.whole.figures}
    left = html.Section(
        [_title(_("Figures of the whole")), html.Div(_figures(figures), className="scroll",
                                                     tabIndex=0)],
        className="panel",
    )  # fmt: skip
    named = min(10, len(counted.rules))
    right = html.Div(
        [
            html.Section(
                [_title(_("Each desk")),
                 html.Div(position_table(counted, shown.areas, shown.city), className="scroll",
                          tabIndex=0)],
                className="panel",
            ),
            html.Section(
                [_title(_("By priority")), spread_table(counted.priorities),
                 day_chart(counted.days), flood_list(counted.whole.floods, counted.end)],
                className="panel",
            ),
            html.Section(
                [_title(_("The {n} noisiest of {all} rules").format(
                    n=number(named), all=number(len(counted.rules)))),
                 html.Div(rule_table(counted.rules[:10], shown.rules), className="scroll",
                          tabIndex=0)],
                className="panel wide",
            ),
        ],
        className="rgt",
    )  # fmt: skip
    return [left, right]


def _title(word: str) -> html.Div:
    return html.Div(html.H2(word), className="ph")


def _figures(figures: Mapping[str, Figure]) -> html.Table:
    heads = (
        _("What is measured"),
        _("Measured value"),
        _("Target"),
        _("Judged"),
        _("Source of the target"),
    )
    rows: list[Component] = []
    for word, keys in GROUPS:
        rows.append(html.Tr(html.Th(_(word), colSpan=5), className="grp"))
        rows += [_row(figures[k]) for k in keys if k in figures]
    head = html.Thead(html.Tr([html.Th(h) for h in heads]))
    return html.Table([head, html.Tbody(rows)], className="t figs")


def _row(figure: Figure) -> html.Tr:
    parts = figure_parts(figure)
    value: Sequence[Component | str] = [html.B(figure_value(figure))]
    if parts:
        value = [*value, html.Span(parts, className="dim2")]
    judged = html.Span(load_word(figure.load), className=f"jd ld-{figure.load.value}")
    return html.Tr(
        [
            html.Td(figure_name(figure.key)),
            html.Td(list(value)),
            html.Td(target_words(figure)),
            html.Td(judged),
            html.Td(source_words(figure), className="dim2"),
        ]
    )
