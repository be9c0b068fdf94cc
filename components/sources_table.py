"""One row a source and, opened, one a reporting unit: state, age, rhythm, shares, history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.demo_words import told
from components.empty import calm
from components.formats import MISSING, day_time, duration, number, since
from components.i18n import N_, _, name, ngettext
from components.ids import marks
from components.reasons import finding_word
from components.sources_head import percent_text, state_mark
from components.sources_ids import address
from components.strips import hours_strip, weeks_line
from data.sharing.rules import COMPLETE, percent
from data.sharing.words import Board, Count, DebtRow, SourceLine, UnitRow, View
from data.vocabulary import Names

COLUMNS: tuple[tuple[str, str], ...] = (
    ("name", N_("Source")),
    ("dept", N_("Department")),
    ("state", N_("State")),
    ("last", N_("Last received")),
    ("rhythm", N_("Rhythm: told, learned")),
    ("complete", N_("Complete")),
    ("timely", N_("On time")),
    ("refused", N_("Refused")),
    ("findings", N_("Findings")),
    ("debts", N_("Debts")),
    ("hours", N_("24 hours")),
    ("weeks", N_("12 weeks")),
)
UNSORTED = frozenset({"hours", "weeks", "rhythm"})
_RANK = {s: i for i, s in enumerate(("silent", "never", "failed", "late", "fresh"))}
_SORTS: dict[str, Callable[[SourceLine], Any]] = {
    "name": lambda s: name(s["name"]),
    "dept": lambda s: name(s["department_name"]),
    "state": lambda s: (s["waits"], _RANK.get(s["state"], 0)),
    "last": lambda s: s["last_ok_at"] or 0.0,
    "complete": lambda s: _share(s["complete"]),
    "timely": lambda s: _share(s["timely"]),
    "refused": lambda s: -s["refused"],
    "findings": lambda s: -len(s["findings"]),
    "debts": lambda s: min((d["due"] for d in s["debts"]), default="9999"),
}


def _share(count: Count) -> float:
    found = percent(count)
    return 1000.0 if found is None else found


def chosen(board: Board, view: View) -> list[SourceLine]:
    """Return the sources that a view asks for, in its order."""
    rows = [s for s in board["sources"] if _wanted(s, view)]
    key = view.sort.removeprefix("-")
    return sorted(rows, key=_SORTS.get(key, _SORTS["state"]), reverse=view.sort.startswith("-"))


def _wanted(line: SourceLine, view: View) -> bool:
    text = " ".join(
        [line["key"], line["platform"], *_both(line["name"]), *_both(line["department_name"])]
    )
    return (
        view.state in ("", line["state"])
        and view.dept in ("", line["department"])
        and (not view.domain or view.domain in line["domains"])
        and all(word in text.lower() for word in view.q.lower().split())
    )


def _both(names: Names) -> list[str]:
    return [names["zh"], names["en"]]


def sources_table(board: Board, view: View) -> Component:
    """Return the table of what a view asks for."""
    rows = chosen(board, view)
    if not rows:
        return html.Div(
            [
                calm(_("No source fits this choice")),
                dcc.Link(_("Show all sources"), href="/sources", className="btn"),
            ],
            className="nothing",
        )
    body: list[Component] = []
    for line in rows:
        body.append(_row(line, view, board["now"]))
        if line["key"] in view.open:
            body += [_unit(u, line, board["now"]) for u in line["units"]] or [_no_units()]
    return html.Table(
        [
            html.Colgroup([html.Col(className=f"w-{key}") for key, _word in COLUMNS]),
            html.Thead(html.Tr([_heading(key, word, view) for key, word in COLUMNS])),
            html.Tbody(body),
        ],
        className="srct",
    )


def _heading(key: str, word: str, view: View) -> html.Th:
    if key in UNSORTED:
        return html.Th(_(word))
    now = view.sort.removeprefix("-") == key
    down = view.sort.startswith("-")
    turned = f"-{key}" if now and not down else key
    arrow = ("▼" if down else "▲") if now else ""
    sort = ("descending" if down else "ascending") if now else "none"
    link = dcc.Link([_(word), html.I(arrow)], href=address(view, sort=turned))
    return html.Th(link, **marks({"aria-sort": sort}))


def _row(line: SourceLine, view: View, now: float) -> html.Tr:
    cells: list[Any] = [
        _title(line, view),
        html.Td(html.Span(name(line["department_name"]), className="cl")),
        html.Td(state_mark(line["state"])),
        _last(line["last_ok_at"], now),
        html.Td(_rhythm(line)),
        html.Td(_percent(line["complete"], _("{n} missing"))),
        html.Td(_percent(line["timely"], _("{n} came late"))),
        html.Td(_count(line["refused"], line["read"])),
        html.Td(_number(len(line["findings"]))),
        html.Td(debts_cell(line["debts"])),
        html.Td(hours_strip(line["hours"]), className="pic"),
        html.Td(weeks_line(line["weeks"]), className="pic"),
    ]
    facts = {
        "data-source": line["key"],
        "data-state": line["state"],
        "data-every": line["every"],
        "data-stale": line["stale_after"],
        "data-failures": line["failures"],
        "data-heard": line["last_ok_at"] or 0,
    }
    return html.Tr(cells, className=f"src is-{line['state']}", **marks(facts))


def _title(line: SourceLine, view: View) -> html.Td:
    """Return name and platform of a source, and what opens its reporting units."""
    opened = line["key"] in view.open
    others = view.open - {line["key"]} if opened else view.open | {line["key"]}
    toggle = dcc.Link(
        [html.I("▾" if opened else "▸"), ngettext("{n} unit", "{n} units", len(line["units"]))],
        href=address(view, open=others),
        className="tog",
        title=_("Show or hide the reporting units"),
    )
    title = dcc.Link(name(line["name"]), href=address(view, source=line["key"]), className="go")
    platform = html.Span(line["platform"], className="cl1")
    return html.Td(
        [title, html.Div([platform, toggle if line["units"] else None], className="sub")]
    )


def _last(at: float | None, now: float) -> html.Td:
    if at is None:
        return html.Td(MISSING, className="num")
    return html.Td(
        [html.Span(since(at, now), className="hm"), html.Span(className="ago")], className="num"
    )


def _rhythm(line: SourceLine) -> list[Component]:
    learned = line["learned"]
    told = _("not learned yet") if learned is None else length(learned)
    return [html.Span(length(line["every"])), html.Span(told, className="dim2")]


def length(seconds: float) -> str:
    """Return a rhythm in its largest fitting unit."""
    return _("{n} s").format(n=round(seconds)) if seconds < 120 else duration(seconds)


def _percent(count: Count, less: str) -> list[Component]:
    """Return a share and, where it is not whole, how many periods it falls short by."""
    short = max(0, count["whole"] - count["part"])
    parts = less.format(n=number(short)) if short else ""
    return [_low(count), html.Span(parts, className="dim2 one")]


def _low(count: Count) -> html.B:
    """Return a share, marked when it is low; how it is made up stands in the title."""
    share = percent(count)
    low = share is not None and share < COMPLETE
    told = f"{number(count['part'])}/{number(count['whole'])}"
    return html.B(percent_text(count), className="low" if low else "", title=told)


def _count(part: int, whole: int) -> list[Component]:
    return [
        html.B(number(part), className="low" if part else ""),
        html.Span(_("of {n}").format(n=number(whole)), className="dim2 one"),
    ]


def _number(count: int) -> html.B:
    return html.B(number(count), className="low" if count else "zero")


def debts_cell(debts: Sequence[DebtRow]) -> list[Component]:
    """Return the debt that is due first with its owner and date, and how many more there are."""
    if not debts:
        return [html.Span(_("none"), className="dim2")]
    first = min(debts, key=lambda d: d["due"])
    more = f" +{len(debts) - 1}" if len(debts) > 1 else ""
    word = html.Span(
        (_("over {date}") if first["overdue"] else _("by {date}")).format(date=first["due"][5:])
        + more,
        className="od" if first["overdue"] else "by",
    )
    return [
        dcc.Link(word, href=f"/sources?tab=debts&debt={first['id']}"),
        html.Span(told(first["owner"]), className="dim2 cl1"),
    ]


def _unit(unit: UnitRow, line: SourceLine, now: float) -> html.Tr:
    last = since(unit["last_at"], now) if unit["last_at"] else MISSING
    title = day_time(unit["last_at"])
    cells: list[Any] = [
        html.Td(html.Span(name(unit["name"]), className="un")),
        html.Td(html.Span(name(unit["department"]), className="cl dim2")),
        html.Td(state_mark(unit["state"])),
        html.Td(html.Span(last, className="hm", title=title), className="num"),
        html.Td(),
        html.Td(_low(unit["complete"])),
        html.Td(_low(unit["timely"])),
        html.Td(_number(unit["refused"])),
        html.Td(_number(len(unit["findings"]))),
        html.Td(debts_cell(unit["debts"])),
        html.Td(html.Span(_findings(unit), className="cl dim2"), colSpan=2),
    ]
    return html.Tr(cells, className=f"unit is-{unit['state']}", **marks({"data-of": line["key"]}))


def _findings(unit: UnitRow) -> str:
    return _("; ").join(finding_word(f["kind"]) for f in unit["findings"][:3])


def _no_units() -> html.Tr:
    said = _("This source reports for the city as a whole")
    return html.Tr(html.Td(said, colSpan=len(COLUMNS), className="dim2"), className="unit")
