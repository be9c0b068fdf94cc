"""Planned-work and service windows on the alarm page: those that stand, and the form for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dash import dcc, html
from dash.development.base_component import Component

from components.alarm_ids import PATH, WINDOWS
from components.empty import calm
from components.formats import day_time, local
from components.i18n import N_, _, name
from components.person import hidden
from data.alarms.windows import LONGEST, Window, WindowFault, WindowKind
from data.vocabulary import Names

MAKE, END = f"{PATH}/windows", f"{PATH}/windows/end"
"""Where the forms go."""
FIELDS = ("kind", "rule", "area", "object", "start", "end", "reason")
KIND_WORDS: Mapping[str, str] = {
    WindowKind.PLANNED: N_("Planned work"),
    WindowKind.SERVICE: N_("Out of service"),
}
TIME = "%Y-%m-%d %H:%M"
FAULT_WORDS: Mapping[str, str] = {
    "stale": N_("Not saved: the page was too old. Send it again."),
    "busy": N_("Not saved: the store cannot be written"),
    "not_a_time": N_("Not saved: {what} is no time, write YYYY-MM-DD HH:MM"),
    WindowFault.NO_RIGHT: N_("Not saved: windows are made by duty officers, leaders and stewards"),
    WindowFault.UNKNOWN_KIND: N_("Not saved: choose planned work or out of service"),
    WindowFault.NO_SCOPE: N_("Not saved: name a rule, an area or an object; not everything"),
    WindowFault.UNKNOWN_RULE: N_("Not saved: there is no rule {what}"),
    WindowFault.UNKNOWN_AREA: N_("Not saved: there is no area {what}"),
    WindowFault.UNKNOWN_OBJECT: N_("Not saved: no source, display or alarm is called {what}"),
    WindowFault.END_BEFORE_START: N_("Not saved: the end must be after the beginning"),
    WindowFault.PAST: N_("Not saved: the beginning lies in the past"),
    WindowFault.TOO_FAR: N_("Not saved: the beginning is more than {what} days ahead"),
    WindowFault.TOO_LONG: N_("Not saved: at most {what} days; make a new one when it ends"),
    WindowFault.REASON_MISSING: N_("Not saved: say why, in at least {what} letters"),
    WindowFault.REASON_TOO_LONG: N_("Not saved: the reason has more than {what} letters"),
    WindowFault.OVERLAPS: N_("Not saved: window {what} covers the same at that time; end it first"),
    WindowFault.UNKNOWN_WINDOW: N_("Not ended: there is no window {what}"),
    WindowFault.ENDED_ALREADY: N_("Not ended: window {what} is over already"),
}
DONE_WORDS: Mapping[str, str] = {
    "made": N_("Window {what} stands"),
    "ended": N_("Window {what} was ended"),
}


@dataclass(frozen=True)
class WindowsShown:
    """What the view shows.

    windows None: the store cannot be asked. rules, areas: what can be named, by code. token: of
    the forms, "" for who may make none. typed: what stood in a form that was refused. said, what:
    what became of the last form.
    """

    windows: Sequence[Window] | None = None
    rules: Mapping[str, Names] = field(default_factory=dict)
    areas: Mapping[str, Names] = field(default_factory=dict)
    token: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    what: str = ""
    now: float = 0.0
    demo: bool = False


def windows_view(shown: WindowsShown) -> list[Component]:
    """Return the view: what became of the last form, the windows, the form."""
    parts: list[Component] = []
    said = window_said(shown.said, shown.what)
    if said:
        look = "wsaid" if shown.said in DONE_WORDS else "wsaid bad"
        parts.append(html.P(said, className=look, role="status"))
    parts.append(
        html.Div([_list(shown), *([_form(shown)] if shown.token else [])], className="wcols")
    )
    return parts


def window_said(code: str, what: str) -> str:
    """Return in words what became of a form, "" for nothing."""
    words = DONE_WORDS.get(code) or FAULT_WORDS.get(code)
    return _(words).format(what=what[:80]) if words else ""


# ---- the windows ----


def _list(shown: WindowsShown) -> html.Section:
    head = html.Div(
        [
            html.H2(_("Windows")),
            html.Span(_("Alarms under a window are kept, but neither sound nor are told"),
                      className="st"),
        ],
        className="ph",
    )  # fmt: skip
    if shown.windows is None:
        inside: Component = calm(_("The store cannot be asked now"))
    elif not shown.windows:
        inside = calm(_("No planned work and nothing out of service"))
    else:
        inside = _table(shown)
    return html.Section([head, html.Div(inside, className="scroll")], className="panel")


def _table(shown: WindowsShown) -> html.Table:
    heads = (_("No."), _("Kind"), _("Covers"), _("From"), _("Until"), _("Reason"), _("Made by"), "")
    rows = [_row(w, shown) for w in shown.windows or ()]
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className="plain windows",
    )


def _row(window: Window, shown: WindowsShown) -> html.Tr:
    standing = window.starts_at.timestamp() <= shown.now
    word = _("under way") if standing else _("to come")
    end = None
    if shown.token:
        end = html.Form(
            [
                hidden("token", shown.token),
                hidden("id", str(window.id)),
                html.Button(_("End now") if standing else _("Call off"), type="submit",
                            className="btn"),
            ],
            action=END, method="post",
        )  # fmt: skip
    return html.Tr(
        [
            html.Td(str(window.id), className="num"),
            html.Td([html.B(_(KIND_WORDS[window.kind])), html.Span(word, className="dim2")]),
            html.Td(_covers(window, shown)),
            html.Td(day_time(window.starts_at.timestamp()), className="num"),
            html.Td(day_time(window.ends_at.timestamp()), className="num"),
            html.Td(window.reason),
            html.Td(window.made_name),
            html.Td(end),
        ],
        className="on" if standing else "",
    )


def _covers(window: Window, shown: WindowsShown) -> str:
    scope, found = window.scope, []
    if scope.rule:
        found.append(name(shown.rules.get(scope.rule)) or scope.rule)
    if scope.area:
        found.append(name(shown.areas.get(scope.area)) or scope.area)
    if scope.object:
        found.append(scope.object)
    return " · ".join(found)


# ---- the form ----


def _form(shown: WindowsShown) -> html.Section:
    typed = {**_usual(shown.now), **shown.typed}
    longest = {kind: LONGEST[kind].days for kind in WindowKind}
    kinds = {kind.value: _(KIND_WORDS[kind]) for kind in WindowKind}
    rules = {"": _("any rule"), **{code: name(n) for code, n in shown.rules.items()}}
    areas = {"": _("any area"), **{code: name(n) for code, n in shown.areas.items()}}
    return html.Section(
        [
            html.Div(html.H2(_("New window")), className="ph"),
            html.Form(
                [
                    hidden("token", shown.token),
                    _field(_("Kind"), _select("kind", kinds, typed)),
                    _field(_("Rule"), _select("rule", rules, typed)),
                    _field(_("Area, with all below it"), _select("area", areas, typed)),
                    _field(_("Object, such as a source or display"), _text("object", typed, 120)),
                    _field(_("From (local time)"), _text("start", typed, 16)),
                    _field(_("Until (local time)"), _text("end", typed, 16)),
                    _field(
                        _("Reason"),
                        dcc.Textarea(
                            name="reason", className="inp", rows=3, maxLength=500,
                            value=typed.get("reason", ""),
                        ),
                    ),
                    html.P(
                        _("Planned work at most {planned} days, out of service {service}.").format(
                            planned=longest[WindowKind.PLANNED],
                            service=longest[WindowKind.SERVICE],
                        ),
                        className="dim2",
                    ),
                    html.Button(_("Make the window"), type="submit", className="btn main"),
                ],
                action=MAKE, method="post", className="wform", autoComplete="off",
            ),
        ],
        className="panel",
    )  # fmt: skip


def _usual(now: float) -> dict[str, str]:
    """Return what most windows begin with: now, for two hours."""
    return {"start": f"{local(now):{TIME}}", "end": f"{local(now + 7200):{TIME}}"}


def _field(word: str, inside: Component) -> html.Label:
    return html.Label([html.Span(word, className="fw"), inside], className="fld")


def _select(field_name: str, options: Mapping[str, str], typed: Mapping[str, str]) -> html.Select:
    chosen = typed.get(field_name, "")
    return html.Select(
        [
            html.Option(word, value=key, selected="selected" if key == chosen else None)
            for key, word in options.items()
        ],
        name=field_name,
        className="inp",
    )


def _text(field_name: str, typed: Mapping[str, str], most: int) -> dcc.Input:
    return dcc.Input(
        name=field_name, value=typed.get(field_name, ""), type="text", maxLength=most,
        className="inp", autoComplete="off",
    )  # fmt: skip


__all__ = ["END", "MAKE", "WINDOWS", "WindowsShown", "window_said", "windows_view"]
