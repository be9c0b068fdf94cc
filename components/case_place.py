"""What was reported and where it is, with a small map of the two kilometres about it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.case_head import channel_word
from components.case_map import city_map, near_map
from components.case_times import stamp
from components.empty import calm
from components.formats import MISSING
from components.i18n import _, name
from components.reasons import origin_word
from data.cases.page import CasePage, Head


def case_place(page: CasePage) -> list[Component]:
    """Return the sections of what and where."""
    return [_what(page.head), _where(page)]


def _what(head: Head) -> html.Section:
    seen = stamp(head.acknowledged_at) if head.acknowledged_at else _("not yet")
    rows: list[tuple[str, Component | str]] = [
        (_("Reported at"), stamp(head.reported_at)),
        (_("Reported through"), channel_word(head)),
        (_("Number there"), head.ext_id if head.run_id else ""),
        (_("Acknowledged at"), seen),
        (_("Last change"), stamp(head.updated_at)),
        (_("Version of the case"), str(head.version)),
        (_("Duty"), head.duty_version or ""),
        (_("Evidence"), _evidence(head)),
    ]
    body = html.P(head.body, className="body") if head.body else calm(_("No words of the report"))
    return html.Section([html.H2(_("What was reported")), body, pairs(rows)], className="card")


def pairs(rows: Sequence[tuple[str, Component | str]]) -> html.Dl:
    """Return words with their values; what has no value is left out."""
    return html.Dl([html.Div([html.Dt(w), html.Dd(v)]) for w, v in rows if v])


def _evidence(head: Head) -> Component | str:
    """Return the way to the run and the row of the file that told of the case."""
    if not head.run_id:
        return _("made here, no file")
    row = _("row {n}").format(n=head.row_no) if head.row_no is not None else ""
    file = origin_word(head.file) if head.file else ""
    said = " · ".join(s for s in (_("run {n}").format(n=head.run_id), row, file) if s)
    return html.A(said, href=f"/sources?run={head.run_id}", className="go")


def _where(page: CasePage) -> html.Section:
    head = page.head
    place = " · ".join(s for s in (name(head.county_name), name(head.town_name)) if s)
    inside: list[Component] = [
        html.H2(_("Where")),
        html.P([html.B(place), html.Span(head.address or _("no address"), className="dim")]),
    ]
    if head.at is None:
        inside.append(html.P(_("No position was given; it is known by its area only."),
                             className="dim2"))  # fmt: skip
        inside.append(html.Div(city_map(head), className="maps one"))
        return html.Section(inside, className="card place")
    inside.append(html.Div([city_map(head), near_map(page)], className="maps"))
    inside.append(html.P(_position(head.at), className="dim2"))
    return html.Section(inside, className="card place")


def _position(at: tuple[float, float]) -> str:
    if not all(map(math.isfinite, at)):
        return MISSING
    return _("{lon} E, {lat} N (WGS-84)").format(lon=f"{at[0]:.5f}", lat=f"{at[1]:.5f}")
