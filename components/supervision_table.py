"""How limits are kept, a line a group: rates with their n and how sure they are, never bare."""

from __future__ import annotations

from collections.abc import Callable

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import MISSING, number
from components.i18n import _, name
from components.loop_words import call_back_word, colour_word
from components.supervision_ids import WatchView, address
from data.vocabulary import CallBack
from data.vocabulary.supervision import GroupLine, SupervisionBoard

FEW = 20
"""Under so many cases a rate says little; it is shown in grey with the words for it."""


def group_table(board: SupervisionBoard, view: WatchView) -> html.Table:
    """Return the table, the whole first, then most overdue first."""
    heads = {
        "department": _("Department"), "county": _("County"), "category": _("Category"),
    }  # fmt: skip
    cells: list[tuple[str, str, Callable[[GroupLine], Component]]] = [
        (_("On time of due"), "w-rate", _rate),
        (_("Late"), "w-n", _late),
        (_("Overdue now"), "w-n", _overdue),
        (_("Still inside the limit"), "w-inside", _inside),
        (_("Half · nine in ten ended within"), "w-time", _times),
        (_("Returned · rework"), "w-pair", _detours),
        (_("Set aside · extended"), "w-pair", _stretched),
        (_("Satisfied of reached"), "w-call", _called),
        (_("Marks"), "w-marks", _marks),
    ]
    first = html.Th(heads[board["by"]], className="w-group")
    rows = [_row(board["whole"], cells, html.B(_("All together")), "whole")]
    rows += [_row(line, cells, _group(line, view), "") for line in board["lines"]]
    head = html.Tr([first, *(html.Th(words, className=kind) for words, kind, _make in cells)])
    return html.Table([html.Thead(head), html.Tbody(rows)], className="plain groups")


def _row(
    line: GroupLine,
    cells: list[tuple[str, str, Callable[[GroupLine], Component]]],
    first: Component,
    kind: str,
) -> html.Tr:
    return html.Tr([html.Td(first), *(html.Td(make(line)) for _w, _k, make in cells)],
                   className=kind)  # fmt: skip


def _group(line: GroupLine, view: WatchView) -> Component:
    if view.by == "category":
        return html.Span(name(line["name"]))
    field = "area" if view.by == "county" else view.by
    way = address(view, by="category", **{field: line["key"]})
    return dcc.Link(name(line["name"]), href=way, className="go")


def _rate(line: GroupLine) -> Component:
    due, on_time = line["due"], line["on_time"]
    if not due or line["low"] is None or line["high"] is None:
        return html.Span(_("none due"), className="zero")
    value = f"{number(100 * on_time / due, 1)}%"
    sure = _("{on_time}/{due} · {low}–{high}%").format(
        on_time=number(on_time), due=number(due),
        low=number(100 * line["low"], 1), high=number(100 * line["high"], 1),
    )  # fmt: skip
    few = due < FEW
    more = [html.Span(_("few cases"), className="few")] if few else []
    return html.Div(
        [html.B(value, className="zero" if few else ""), html.Span(sure, className="dim2"), *more]
    )


def _count(value: int, *, grave: bool = False) -> Component:
    if not value:
        return html.Span("0", className="zero")
    return html.Span(number(value), className="od" if grave else "")


def _late(line: GroupLine) -> Component:
    return _count(line["late"])


def _overdue(line: GroupLine) -> Component:
    return _count(line["overdue"], grave=True)


def _inside(line: GroupLine) -> Component:
    if not line["open"]:
        return html.Span(_("none open"), className="zero")
    whole = _("of {n} cases").format(n=number(line["open"]))
    return html.Div([html.Span(number(line["inside"])), html.Span(whole, className="dim2")])


def length(seconds: float) -> str:
    """Return a time to the end: minutes under two hours, hours under two days, else days."""
    if seconds < 7200:
        return _("{n} min").format(n=number(seconds / 60))
    if seconds < 2 * 86400:
        return _("{n} h").format(n=number(seconds / 3600, 1))
    return _("{n} days").format(n=number(seconds / 86400, 1))


def _quantile(line: GroupLine, value: float | None) -> Component:
    if not line["reported"]:
        return html.Span(MISSING, className="zero")
    if value is None:
        return html.Span(_("more than {t}").format(t=length(line["longest"])), className="zero")
    return html.Span(length(value))


def _times(line: GroupLine) -> Component:
    still = line["reported"] - line["ended"]
    more = _("n={n}").format(n=number(line["reported"]))
    if still:
        more = _("{n} · {open} open").format(n=more, open=number(still))
    both = [_quantile(line, line["median"]), html.I(" · "), _quantile(line, line["p90"])]
    return html.Div([html.Span(both), html.Span(more, className="dim2")])


def _pair(first: int, second: int) -> Component:
    return html.Span([_count(first), html.I(" · "), _count(second)])


def _detours(line: GroupLine) -> Component:
    return _pair(line["returns"], line["rework"])


def _stretched(line: GroupLine) -> Component:
    return _pair(line["suspensions"], line["extensions"])


def _called(line: GroupLine) -> Component:
    told = line["called"]
    good, bad = told.get(CallBack.SATISFIED, 0), told.get(CallBack.DISSATISFIED, 0)
    reached, asked = good + bad, sum(told.values())
    if not asked:
        return html.Span(_("nobody called"), className="zero")
    rest = [
        f"{call_back_word(kind)} {number(told[kind])}"
        for kind in (CallBack.UNREACHED, CallBack.REFUSED, CallBack.EXCLUDED)
        if told.get(kind)
    ]
    share = f"{number(100 * good / reached, 1)}%" if reached else MISSING
    said = _("{good}/{reached}").format(good=number(good), reached=number(reached))
    return html.Div(
        [
            html.B(share, className="zero" if reached < FEW else ""),
            html.Span(" · ".join([said, *rest]), className="dim2"),
        ]
    )


def _marks(line: GroupLine) -> Component:
    held = [(colour, n) for colour, n in sorted(line["cards"].items(), reverse=True) if n]
    if not held:
        return html.Span("0", className="zero")
    return html.Span(
        [
            html.Span(number(n), className=f"mark m-{colour}", title=f"{colour_word(colour)} {n}")
            for colour, n in held
        ],
        className="marks",
    )


def card_mark(colour: int, words: str = "") -> html.Span:
    """Return the mark of a colour: shape, colour and word."""
    said = f"{colour_word(colour)} {words}".strip()
    return html.Span(said, className=f"mark m-{int(colour)}")
