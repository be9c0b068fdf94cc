"""The head of the sources page: the figures, and which departments share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import MISSING, day_time, hour_minute, number
from components.i18n import N_, _, name, ngettext
from components.ids import marks
from components.sources_ids import home
from components.theme import source_word
from data.sharing.rules import percent, sharing
from data.sharing.words import Board, Count, DepartmentLine, Silo, View
from data.vocabulary import SourceState

SILO_WORDS: dict[str, str] = {
    Silo.OPEN: N_("Sharing"),
    Silo.QUIET: N_("Gone quiet"),
    Silo.NONE: N_("No source of its own"),
    Silo.UNLISTED: N_("Nothing expected yet"),
}
LOOK_OLD_S = 900.0
"""Counts that the look at quality has not renewed for so long are drawn as old."""
STATES = (
    SourceState.FRESH,
    SourceState.LATE,
    SourceState.FAILED,
    SourceState.SILENT,
    SourceState.NEVER,
)


def head(board: Board) -> html.Section:
    """Return the figures. Each says what it counts, of how many, and as of when."""
    at = hour_minute(board["now"])
    shared = sharing(board["departments"])
    share = _figure(
        _("Departments that share"),
        [_big(percent_text(shared)), _small(f"{shared['part']} / {shared['whole']}")],
        _("Catalogue, states · {time}").format(time=at),
    )
    figures = [share, _states(board, at), _newest(board), *_received(board), _debts(board, at)]
    return html.Section(figures, className="figures")


def _newest(board: Board) -> html.Div:
    newest = max((s["last_ok_at"] or 0.0 for s in board["sources"]), default=0.0)
    shown = [
        html.B(hour_minute(newest or None), className="newest"),
        html.Span(className="ago", **marks({"data-newest": newest})),
    ]
    return _figure(_("Newest data"), shown, _("Last good answer of all"))


def _received(board: Board) -> list[html.Div]:
    """Return what came in and what was refused, counted up to the last look at quality."""
    looked, lines = hour_minute(board["looked_at"]), board["sources"]
    old = board["now"] - (board["looked_at"] or 0.0) > LOOK_OLD_S
    complete: Count = {
        "part": sum(s["complete"]["part"] for s in lines),
        "whole": sum(s["complete"]["whole"] for s in lines),
    }
    refused, read = sum(s["refused"] for s in lines), sum(s["read"] for s in lines)
    return [
        _figure(
            _("Complete · 24 h"),
            [_big(percent_text(complete)), _small(_of(complete))],
            _("Periods received · {time}").format(time=looked),
            old=old,
        ),
        _figure(
            _("Refused · 24 h"),
            [_big(number(refused)), _small(_("rows"))],
            _("Of {n} rows · {time}").format(n=number(read), time=looked),
            old=old,
        ),
    ]


def _debts(board: Board, at: str) -> html.Div:
    overdue = sum(1 for d in board["debts"] if d["overdue"])
    said = _("overdue: {n}").format(n=overdue) if overdue else _("none overdue")
    shown = [
        _big(number(len(board["debts"]))),
        html.Span(said, className="od" if overdue else "sm"),
    ]
    proposed = _("{n} more proposed · {time}").format(n=len(board["proposals"]), time=at)
    return _figure(_("Open debts"), shown, proposed)


def percent_text(count: Count) -> str:
    """Return a share as written on the page; a dash where nothing was expected."""
    share = percent(count)
    return MISSING if share is None else f"{number(share, 0 if share >= 100 else 1)}%"


def _of(count: Count) -> str:
    if not count["whole"]:
        return _("nothing due yet")
    return _("{n} missing").format(n=number(max(0, count["whole"] - count["part"])))


def _big(text: str) -> html.B:
    return html.B(text)


def _small(text: str) -> html.Span:
    return html.Span(text, className="sm")


def _figure(title: str, value: Sequence[Component], note: str, *, old: bool = False) -> html.Div:
    said = html.P(note, className="fn", title=note)
    look = "panel fig old" if old else "panel fig"
    return html.Div([html.H3(title), html.P(value, className="fv"), said], className=look)


def _states(board: Board, at: str) -> html.Div:
    counts = Counter(s["state"] for s in board["sources"])
    said = [
        html.Span(
            [state_mark(state.value), html.B(str(counts[state.value]))],
            className="stc" if counts[state.value] else "stc zero",
        )
        for state in STATES
    ]
    total = len(board["sources"])
    return _figure(
        _("Sources by state"),
        said,
        ngettext("{n} source in the catalogue", "{n} sources in the catalogue", total) + f" · {at}",
    )


def state_mark(state: str) -> html.Span:
    """Return shape, colour and word of a state; the browser may change all three of a source."""
    word = _("no rhythm yet") if state == "unknown" else source_word(state)
    return html.Span(word, className=f"sst s-{state}")


def departments(board: Board, view: View) -> html.Nav:
    """Return every department under its kind, each a link that narrows the page to it."""
    groups: list[Component] = []
    for silo in Silo:
        found = [d for d in board["departments"] if d["silo"] == silo]
        if found:
            groups.append(_group(silo, found, view))
    every = dcc.Link(
        _("All departments"),
        href=home(view, dept=""),
        className="dall" if view.dept else "dall on",
    )
    title = html.Div([html.H2(_("Departments")), html.Span(every, className="st")], className="ph")
    inside = html.Div(groups, className="scroll")
    return html.Nav(
        [title, inside], className="panel depts", **marks({"aria-label": _("Departments")})
    )


def _group(silo: Silo, found: Sequence[DepartmentLine], view: View) -> html.Div:
    title = html.H3([html.Span(_(SILO_WORDS[silo]), className=f"silo d-{silo}"), str(len(found))])
    return html.Div([title, html.Ul([_department(d, view) for d in found])], className="dgroup")


def _department(line: DepartmentLine, view: View) -> html.Li:
    chosen = line["key"] == view.dept
    said: list[Component] = [html.Span(name(line["name"]), className="dn")]
    more = _more(line)
    if more:
        said.append(html.Span(more, className="dm"))
    link = dcc.Link(
        said,
        href=home(view, dept="" if chosen else line["key"]),
        className="dep on" if chosen else "dep",
        title=more,
    )
    return html.Li(link)


def _more(line: DepartmentLine) -> str:
    if line["silo"] == Silo.NONE:
        names = _(", ").join(name(n) for n in line["through"])
        count = ngettext("{n} indicator", "{n} indicators", line["indicators"])
        if not names:
            return _("{count}, source not connected yet").format(count=count)
        return _("{count}, only through {names}").format(count=count, names=names)
    if line["silo"] == Silo.UNLISTED:
        return ""
    living = _("{living} of {n} sources alive").format(living=line["living"], n=line["sources"])
    if line["silo"] == Silo.QUIET:
        return _("{said}, last {time}").format(said=living, time=day_time(line["last_at"]))
    return living
