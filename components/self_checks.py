"""The self-checks and the list of displays, as the sources page shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import MISSING, duration, full_time, local, number
from components.i18n import N_, _, name
from components.ids import marks
from components.screen_ids import screen_act, screen_name
from data.vocabulary.screens import CheckRow, ScreenRow, ScreenState

LEVELS: Mapping[str, tuple[str, str]] = {
    "ok": ("s-fresh", N_("well")),
    "warn": ("s-late", N_("look")),
    "bad": ("s-silent", N_("trouble")),
    "unknown": ("s-unknown", N_("not known")),
}
STATES: Mapping[str, tuple[str, str]] = {
    ScreenState.FRESH: ("s-fresh", N_("online")),
    ScreenState.LATE: ("s-late", N_("beat is late")),
    ScreenState.FROZEN: ("s-failed", N_("picture stands still")),
    ScreenState.LOST: ("s-silent", N_("lost")),
    ScreenState.CLOSED: ("s-never", N_("page closed")),
    ScreenState.RETIRED: ("s-never", N_("retired")),
}
Values = Mapping[str, Any]


def watch_view(
    checks: Sequence[CheckRow], screens: Sequence[ScreenRow], *, now: float, keeping: bool
) -> list[Component]:
    """Return the view: the chain on the left, the displays on the right.

    now: when it was looked at, epoch seconds. keeping: whether displays may be named and retired.
    """
    looked = _("Looked at {time}").format(time=full_time(now))
    return [
        html.Div(
            [
                html.Section([html.H3([_("Self-checks"), _note(looked)]), _checks(checks)]),
                html.Section(
                    [
                        html.H3([_("Displays"), _note(_("each open wall tells every 15 s"))]),
                        _screens(screens, now, keeping=keeping),
                    ]
                ),
            ],
            className="watching",
            **marks({"data-again": "15"}),
        )
    ]


def _note(text: str) -> html.Span:
    return html.Span(text, className="st")


def _mark(look: str, word: str) -> html.Span:
    return html.Span(_(word), className=f"sst {look}")


# ---- checks ----


def _checks(checks: Sequence[CheckRow]) -> html.Table:
    heads = (_("What is looked at"), _("State"), _("Found"), _("As of"))
    rows = [_check(c) for c in checks]
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className="plain checks",
    )


def _check(check: CheckRow) -> html.Tr:
    title, found = CHECKS[check["key"]]
    look, word = LEVELS[check["level"]]
    return html.Tr(
        [
            html.Td(html.B(_(title))),
            html.Td(_mark(look, word)),
            html.Td(found(check["values"])),
            html.Td(_clock(check["at"]), className="num"),
        ],
        className=f"check l-{check['level']}",
    )


def _clock(at: float | None) -> str:
    return MISSING if at is None else f"{local(at):%H:%M:%S}"


def _ago(values: Values) -> str:
    age = values.get("age")
    if age is None:
        return _("never heard")
    if age < 120:
        return _("{n} s ago").format(n=number(age))
    return _("{t} ago").format(t=duration(age))


def _collector(values: Values) -> str:
    holder = str(values.get("holder") or "")
    return f"{_ago(values)} · {holder}" if holder else _ago(values)


def _store(values: Values) -> str:
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(values["kind"], values["kind"])
    said = f"{kind} · {_bytes(values['size'])}"
    if values["wal"] is None:
        return said
    return f"{said} · " + _("write-ahead log {size}").format(size=_bytes(values["wal"]))


def _bytes(size: float) -> str:
    return f"{number(size / 1e6, 1)} MB" if size < 1e9 else f"{number(size / 1e9, 1)} GB"


def _disk(values: Values) -> str:
    share = 100 * values["free"] / values["total"]
    return _("{free} of {total} free ({share}%)").format(
        free=_bytes(values["free"]), total=_bytes(values["total"]), share=number(share)
    )


def _clock_said(values: Values) -> str:
    if values["apart"]:
        return _("collector, database and this machine differ by more than 5 s")
    if values["jump"] is not None:
        return _("jumped by {n} s within a day").format(n=number(values["jump"]))
    return _("agree, no jump within a day")


def _schema(values: Values) -> str:
    if values["good"]:
        return _("as this version expects")
    return _("not what this version expects: {command}").format(command="python -m data migrate")


def _notices(values: Values) -> str:
    if not values["used"]:
        return _("none of {n} targets has an address").format(n=values["known"])
    said = _("{used} of {known} targets · {waiting} waiting · {late} undelivered").format(**values)
    names = _(", ").join(name(n) for n in values["names"])
    return f"{said} · {names}" if names else said


def _screens_said(values: Values) -> str:
    if not values["known"]:
        return _("no wall is open")
    return _("{known} watched · {lost} lost").format(**values)


CHECKS: Mapping[str, tuple[str, Callable[[Values], str]]] = {
    "collector": (N_("Collector"), _collector),
    "tick": (N_("Alarm rules looked at"), _ago),
    "panels": (N_("Newest panel"), _ago),
    "store": (N_("Store"), _store),
    "disk": (N_("Disk"), _disk),
    "clock": (N_("System clocks"), _clock_said),
    "schema": (N_("Tables"), _schema),
    "notices": (N_("Notices"), _notices),
    "heartbeat": (N_("Heartbeat of the whole chain"), _ago),
    "screens": (N_("Displays"), _screens_said),
}


# ---- displays ----


def _screens(screens: Sequence[ScreenRow], now: float, *, keeping: bool) -> Component:
    if not screens:
        return calm(_("No wall was open in the last 7 days"))
    heads = [_("Display"), _("State"), _("Last beat"), _("Last painted"), _("Memory"),
             _("Build and page")]  # fmt: skip
    heads += [""] if keeping else []
    rows = [_screen(s, now, keeping=keeping) for s in screens]
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className="plain screens",
    )


def _screen(row: ScreenRow, now: float, *, keeping: bool) -> html.Tr:
    look, word = STATES[row["state"]]
    memory = f"{number(row['memory_mb'])} MB" if row["memory_mb"] is not None else MISSING
    build = row["build"][:8] or MISSING
    differs = html.Span(_("not the server's"), className="low") if row["other_build"] else None
    beside = " · ".join(x for x in (row["size"], row["origin"]) if x)
    cells: list[Any] = [
        html.Td([html.B(row["name"]), html.Span(beside, className="dim2")]),
        html.Td(_mark(look, word)),
        html.Td(_when(row["seen_at"], now), className="num"),
        html.Td(_when(row["painted_at"], now), className="num"),
        html.Td(memory, className="num"),
        html.Td([build, differs, html.Span(row["page"], className="dim2 cl1", title=row["page"])]),
    ]
    if keeping:
        cells.append(html.Td(_form(row)))
    return html.Tr(cells, className=f"screen is-{row['state']}")


def _when(at: float | None, now: float) -> list[Component]:
    if at is None:
        return [html.Span(_("not told"))]
    age = max(0.0, now - at)
    today = local(at).date() == local(now).date()
    shown = f"{local(at):%H:%M:%S}" if today else f"{local(at):%m-%d %H:%M}"
    return [html.Span(shown), html.Span(_ago({"age": age}), className="dim2")]


def _form(row: ScreenRow) -> html.Div:
    retired = row["state"] == ScreenState.RETIRED
    act, word = ("back", _("Take back")) if retired else ("retire", _("Retire"))
    named: list[Component] = [
        dcc.Input(
            id=screen_name(row["id"]), value=row["name"], maxLength=60, className="inp",
            placeholder=_("Name of the display"),
        ),
        html.Button(_("Rename"), id=screen_act(row["id"], "name"), n_clicks=0, className="btn"),
    ]  # fmt: skip
    button = html.Button(word, id=screen_act(row["id"], act), n_clicks=0, className="btn")
    return html.Div([*([] if retired else named), button], className="keep")
