"""Wrong dispatches by who dispatched: n of all dispatches, never a bare number."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import local, number, share
from components.i18n import _, name
from data.vocabulary.dispatches import DispatchBoard, DispatchLine

MOST, FEW = 12, 20
"""Lines shown; and under how many dispatches a share says little."""


def dispatch_list(board: DispatchBoard | None) -> list[Component]:
    """Return the table under its period; board None: not for this reader."""
    if board is None:
        return [html.P(_("Shown to the command centre and supervisors"), className="hint")]
    wrong, dispatched = board.whole
    if not dispatched and not wrong:
        return [calm(_("Nobody dispatched here in this period"))]
    heads = (_("Who dispatched"), _("Wrong of dispatched"), _("By category"))
    head = html.Thead(html.Tr([html.Th(word) for word in heads]))
    rows = [_row(board, line) for line in board.lines[:MOST]]
    whole = html.Tr(
        [html.Td(html.B(_("All together"))), html.Td(_of(wrong, dispatched)), html.Td("")],
        className="whole",
    )
    return [_period(board), html.Table([head, html.Tbody([whole, *rows])],
                                       className="plain wrongs")]  # fmt: skip


def _period(board: DispatchBoard) -> html.P:
    start, end = local(board.start.timestamp()), local(board.end.timestamp() - 1)
    said = _("Returns granted and dispatches made from {start} to {end} · source: events of cases "
             "that are led here; platforms do not name their dispatcher")  # fmt: skip
    return html.P(said.format(start=f"{start:%m-%d}", end=f"{end:%m-%d}"), className="hint")


def _row(board: DispatchBoard, line: DispatchLine) -> html.Tr:
    who = line.name or _("not named (dispatched on the platform)")
    where = [html.Span(name(line.centre), className="dim2")] if line.centre else []
    return html.Tr(
        [
            html.Td([html.Span(who), *where]),
            html.Td(_of(line.wrong, line.dispatched)),
            html.Td(_categories(board, line)),
        ]
    )


def _of(wrong: int, dispatched: int) -> list[Component]:
    """Return wrong of all; the share only where there are enough to say something."""
    said = _("{wrong} of {n}").format(wrong=number(wrong), n=number(dispatched))
    found: list[Component] = [html.B(said)]
    if wrong > dispatched:
        found.append(html.Span(_("some were dispatched before the period"), className="dim2"))
    elif dispatched >= FEW:
        found.append(html.Span(share(wrong, dispatched), className="dim2"))
    else:
        found.append(html.Span(_("few cases"), className="few"))
    return found


def _categories(board: DispatchBoard, line: DispatchLine) -> str:
    """Return the categories with wrong dispatches, most first."""
    pairs = [(code, pair) for code, pair in line.by.items() if pair[0]]
    pairs.sort(key=lambda x: (-x[1][0], x[0]))
    told = [
        _("{category} {wrong} of {n}").format(
            category=name(board.categories.get(code)) or code,
            wrong=number(pair[0]), n=number(pair[1]),
        )
        for code, pair in pairs
    ]  # fmt: skip
    return _(", ").join(told) or _("none wrong")
