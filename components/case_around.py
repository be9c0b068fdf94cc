"""What lies about a case: other open ones, bus routes, hospitals, warnings, indicators."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.case_asked import brief
from components.case_times import full, short
from components.empty import calm
from components.formats import MISSING, day_time, number
from components.i18n import _, name
from components.ids import marks
from components.theme import badge, status_word
from data.cases.page import Brief, BusRoute, CasePage, Figure, Hospital, Routes, WarningLine
from data.vocabulary import LinkKind, Status


def case_around(page: CasePage) -> list[Component]:
    """Return the sections of what lies about the case."""
    about = page.around
    return [
        *_twins(about.duplicates),
        _warnings(about.warnings),
        _near(about.near, placed=page.head.at is not None),
        _routes(about.routes),
        _hospitals(about.hospitals, about.capacity),
        _moves(about.moves),
    ]


def _section(title: str, more: str, inside: Sequence[Component]) -> html.Section:
    said = [html.H2(title), html.Span(more, className="dim2")]
    return html.Section([html.Header(said), *inside], className="card about")


def _twins(found: Sequence[Brief]) -> list[Component]:
    if not found:
        return []
    rows = html.Ul([html.Li([*_brief(b), _same_or_not(b)]) for b in found], className="briefs")
    said = _("Same place, time and category; nobody has merged them")
    return [_section(_("Perhaps the same"), said, [rows])]


def _same_or_not(found: Brief) -> html.Span:
    """Return the two ways to settle a doubt: each opens its form, filled in."""
    ways = (
        (_("The same: merge into it"), "merge", {"parent": found.no}),
        (_("Not the same"), "link", {"kind": LinkKind.NOT_THE_SAME.value, "other": found.no}),
    )
    return html.Span(
        [
            html.Button(
                word,
                type="button",
                className="btn off",
                **marks({"data-open": act, "data-fill": json.dumps(given)}),
            )
            for word, act, given in ways
        ],
        className="twin",
    )


def _near(found: Sequence[Brief], *, placed: bool) -> html.Section:
    reach = _("within 2 km or of the same town") if placed else _("of the same town")
    rows: Component = calm(_("No other open case near by"))
    if found:
        rows = html.Ul([html.Li(_brief(b)) for b in found], className="briefs")
    return _section(_("Open cases near by"), reach, [rows])


def _brief(found: Brief) -> list[Component]:
    away = _metres(found.metres) if found.metres is not None else ""
    town = _("same town") if found.same_town else ""
    more = " · ".join(s for s in (away, town, name(found.department_name)) if s)
    return [brief(found), html.Span(more, className="dim2 by")]


def _metres(metres: float) -> str:
    if metres < 1000:
        return _("{n} m").format(n=number(round(metres, -1)))
    return _("{n} km").format(n=number(metres / 1000, 1))


def _routes(found: Routes | None) -> html.Section:
    title, reach = _("Bus routes affected"), _("a stop within 500 m")
    if found is None:
        return _section(title, reach, [calm(_("Not known: the case has no position"))])
    if not found.known:
        unknown = _("Not known: no timetable says yet which route stops where")
        return _section(title, reach, [calm(unknown)])
    if not found.rows:
        return _section(title, reach, [calm(_("No bus stop within 500 m"))])
    rows = html.Ul([html.Li(_route(r)) for r in found.rows], className="briefs")
    source = name(found.rows[0].source_name)
    return _section(title, f"{reach} · {source}", [rows])


def _route(route: BusRoute) -> list[Component | str]:
    stop = _("{stop}, {away}").format(stop=route.stop, away=_metres(route.metres))
    return [
        html.B(route.name),
        html.Span(route.long_name, className="dim"),
        html.Span(stop, className="dim2 by"),
    ]


def _hospitals(found: Sequence[Hospital], capacity: Sequence[Figure]) -> html.Section:
    said = [html.Li([html.Span(h.name), html.Span(_away(h), className="dim2 by")]) for h in found]
    inside: list[Component] = [html.Ul(said, className="briefs")] if said else []
    if capacity:
        inside.append(figures(capacity))
    inside = inside or [calm(_("No hospital near by reports its capacity"))]
    where = name(capacity[0].area_name) if capacity else ""
    more = _("capacity as {area} reports it").format(area=where) if where else ""
    return _section(_("Hospitals near by"), more, inside)


def _away(hospital: Hospital) -> str:
    return name(hospital.area_name) if hospital.metres is None else _metres(hospital.metres)


def _moves(found: Sequence[Figure]) -> html.Section:
    inside = figures(found, linked=True) if found else calm(_("This case moves no indicator"))
    return _section(_("Indicators it moves"), "", [inside])


def figures(found: Sequence[Figure], *, linked: bool = False) -> html.Table:
    """Return numbers with unit, state, time and source. What is late is not shown as a value."""
    return html.Table(html.Tbody([_figure(f, linked=linked) for f in found]), className="figs")


def _figure(found: Figure, *, linked: bool) -> html.Tr:
    tile = found.tile
    status = Status(tile["status"])
    title: Component | str = name(tile["name"])
    if linked:
        title = html.A(title, href=f"/?area={found.area}", className="go")
    late = status in (Status.STALE, Status.NO_DATA)
    value = number(tile["value"], tile["decimals"])
    if tile.get("hidden"):
        value = _("Not shown")
    elif status is Status.NO_DATA:
        value = MISSING
    unit = name(tile["unit"]) if value != MISSING and not tile.get("hidden") else ""
    state = badge(tile["level"]) if not late else None
    return html.Tr(
        [
            html.Td([title, html.Span(_told(found), className="dim2 by")]),
            html.Td([html.B(value), " ", unit], className="num old" if late else "num"),
            html.Td(state or html.Span(status_word(status), className="late" if late else "dim")),
        ]
    )


def _told(found: Figure) -> str:
    at = day_time(found.tile["observed_at"])
    said = f"{name(found.area_name)} · {at} · {name(found.source_name)}"
    return said if found.counted else said + " · " + _("does not count this case yet")


def _warnings(found: Sequence[WarningLine]) -> html.Section:
    title = _("Warnings in force here")
    if not found:
        return _section(title, "", [calm(_("No warning is in force here"))])
    return _section(title, "", [html.Ul([_warning(w) for w in found], className="briefs")])


def _warning(warning: WarningLine) -> html.Li:
    until = _("until {time}").format(time=short(warning.expires)) if warning.expires else ""
    more = [_("sent {time}").format(time=full(warning.sent)), until]
    if warning.linked:
        more.append(_("linked to this case"))
    said = [badge(warning.level), html.Span(warning.headline)]
    by = html.Span(" · ".join(m for m in more if m), className="dim2 by")
    return html.Li([*[s for s in said if s], by])
