"""Who has gone quiet: sources and units that stopped, and those that report zero for too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import calm
from components.formats import MISSING, day_time, duration
from components.i18n import _, name
from components.reasons import detail_words, finding_word, moment_words
from components.sources_head import state_mark
from components.sources_ids import address
from components.sources_table import chosen, debts_cell
from data.sharing.words import Board, DebtRow, FindingRow, SourceLine, View
from data.vocabulary import Names, SourceState

_QUIET = (SourceState.SILENT, SourceState.NEVER, SourceState.FAILED, SourceState.LATE)


def quiet_list(board: Board, view: View) -> list[Component]:
    """Return those that stopped, and under them what the quality rules found."""
    lines = chosen(board, view)
    stopped = [_stopped_row(*row, now=board["now"], view=view) for row in _stopped(lines)]
    found = [_finding_row(line, f, view) for line in lines for f in _worst(line)]
    said: list[Component] = [html.H3(_("Stopped or late"))]
    if stopped:
        heads = (_("Source"), _("Unit"), _("Department"), _("State"), _("Last received"),
                 _("For"), _("Debts"))  # fmt: skip
        said.append(_table(heads, stopped, "stopped"))
    else:
        said.append(calm(_("Every source and every unit reports in its rhythm")))
    said.append(html.H3(_("Zero or the same for unusually long, and other findings")))
    if found:
        heads = (_("Source"), _("Unit"), _("Indicator"), _("Finding"), _("Value"), _("Since"),
                 _("Detail"))  # fmt: skip
        said.append(_table(heads, found, "found"))
    else:
        said.append(calm(_("No finding holds at present")))
    return said


def quiet_count(board: Board, view: View) -> int:
    """Return how many rows the list of the quiet has."""
    lines = chosen(board, view)
    return sum(1 for _row in _stopped(lines)) + sum(len(line["findings"]) for line in lines)


def _stopped(
    lines: list[SourceLine],
) -> Iterator[tuple[SourceLine, Names | None, str, float | None, list[DebtRow]]]:
    """Yield quiet sources whole; of those that speak, the units that do not."""
    for line in lines:
        if line["state"] in _QUIET:
            yield line, None, line["state"], line["last_ok_at"], line["debts"]
            continue
        for unit in line["units"]:
            if unit["state"] in _QUIET:
                yield line, unit["name"], unit["state"], unit["last_at"], unit["debts"]


def _worst(line: SourceLine) -> list[FindingRow]:
    return sorted(line["findings"], key=lambda f: f["first"])


def _stopped_row(
    line: SourceLine, unit: Names | None, state: str, last: float | None, debts: list[DebtRow],
    *, now: float, view: View,
) -> html.Tr:  # fmt: skip
    cells: list[Any] = [
        html.Td(_go(line, view)),
        html.Td(name(unit) or _("whole source")),
        html.Td(name(line["department_name"])),
        html.Td(state_mark(state)),
        html.Td(day_time(last), className="num"),
        html.Td(MISSING if last is None else duration(now - last), className="num"),
        html.Td(debts_cell(debts)),
    ]
    return html.Tr(cells)


def _finding_row(line: SourceLine, found: FindingRow, view: View) -> html.Tr:
    cells: list[Any] = [
        html.Td(_go(line, view)),
        html.Td(name(found["area"]) or _("whole source")),
        html.Td(found["indicator"] or MISSING),
        html.Td(finding_word(found["kind"])),
        html.Td(moment_words(found["value"]), className="num"),
        html.Td(day_time(found["first"]), className="num"),
        html.Td(detail_words(found["detail"]) or MISSING, className="dim2"),
    ]
    return html.Tr(cells)


def _go(line: SourceLine, view: View) -> dcc.Link:
    return dcc.Link(name(line["name"]), href=address(view, source=line["key"]), className="go")


def _table(heads: tuple[str, ...], rows: list[html.Tr], kind: str) -> html.Table:
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className=f"plain {kind}",
    )
