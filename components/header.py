"""The head of the wall: which city, which area, what is in force, what time it is."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from components.alarm_marks import alarm_bars
from components.formats import day_time
from components.i18n import _, name
from components.ids import Ids, Props, marks
from components.stage_mark import stage_block
from components.theme import look, shape
from data.vocabulary import CaseRow, HeaderPanel, Names, Stage, WarningRow


def header(
    fill: Props, *, title: str, area: str, areas: Mapping[str, Names], home: str
) -> html.Header:
    """Return the head of the wall; the browser writes clock and area into it."""
    away = area != home
    shown = name(areas.get(area)) if away else _("City overview")
    return html.Header(
        [
            html.Div(
                [
                    html.H1(title),
                    html.Span(shown, id=Ids.AREA_NAME, className="area"),
                    html.Button(
                        _("Whole city"),
                        id=Ids.AREA_HOME,
                        type="button",
                        className="home" if away else "home off",
                    ),
                    html.Span(id=Ids.DEMO, **fill.get(Ids.DEMO, {})),
                ],
                className="ttl",
            ),
            html.Div(
                [
                    alarm_bars(fill),
                    html.Div(id=Ids.RESPONSE, className="hevent", **fill.get(Ids.RESPONSE, {})),
                ],
                className="resp",
            ),
            stage_block(fill),
            html.Div(
                [html.B(className="hm"), html.Span(className="day")],
                id=Ids.CLOCK,
                className="clock",
            ),
        ],
        className="hd live",
        **marks({"data-panel": "header"}),
    )


def header_props(payload: HeaderPanel) -> Props:
    """Return what the header's payload changes: a level-1 matter outranks warnings.

    An alarm of priority 1 that nobody acknowledged stands above the matter, never instead of it:
    nobody has answered it yet, while the matter is in the queue and on the map as well.
    """
    demo = " · ".join(p for p in (_("Demo data"), name(payload["scenario"])) if p)
    return {
        Ids.DEMO: {
            "children": demo if payload["demo"] else "",
            "className": "demo" if payload["demo"] else "demo off",
        },
        Ids.RESPONSE: {"children": _in_force(payload)},
    }


def _in_force(payload: HeaderPanel) -> list[Component]:
    if payload["red"] is not None:
        return [_red_bar(payload["red"])]
    first = payload["response"] or min(
        payload["warnings"], key=lambda w: (w["level"] or 9, -w["sent_at"]), default=None
    )
    if first is None:
        return []
    others = sum(1 for w in payload["warnings"] if w != first)
    return _warning(first, others)


def _red_bar(case: CaseRow) -> html.Div:
    """Return the filled bar of a level-1 matter; its symbol blinks until somebody took it."""
    found = look(case["level"])
    said = (
        _(found.word) if found else "",
        case["title"] or name(case["category"]),
        name(case["department"]),
    )
    taken = case["stage"] != Stage.REPORTED
    return html.Div(
        [
            shape(case["level"], "ink") if found else None,
            html.Span(" · ".join(p for p in said if p), className="cl"),
        ],
        className="redbar" if taken else "redbar unseen",
        role="alert",
    )


def _warning(warning: WarningRow, others: int) -> list[Component]:
    tail = [_("since {time}").format(time=day_time(warning["sent_at"]))]
    if not warning["verified"]:
        tail.append(_("unverified"))
    if others:
        tail.append(_("+{n} more").format(n=others))
    said: list[Component] = [shape(warning["level"])] if look(warning["level"]) else []
    return [
        *said,
        html.Span(warning["headline"] or warning["event"], className="cl"),
        html.Span(" · ".join(tail), className="since"),
    ]
