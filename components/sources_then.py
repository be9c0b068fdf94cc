"""The sources page at an instant: what the wall said of each source then, and its last runs."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.details import detail_sentence
from components.empty import waiting
from components.formats import MISSING, full_time, number
from components.i18n import _, name
from components.page_frame import page_frame
from components.person import Signed
from components.reasons import run_word
from components.sources_ids import PATH
from components.sources_panel import table
from components.theme import source_word
from data.vocabulary import Names, SourceRow
from data.vocabulary.then import SourceRun


def sources_then_page(
    rows: Sequence[SourceRow] | None,
    runs: Sequence[SourceRun],
    *,
    area: str,
    city: Names,
    build: str,
    now: float,
    signed: Signed | None,
) -> html.Div:
    """Return the whole page, in the language spoken now; rows None: the store is lost."""
    inside: list[Component] = [waiting()]
    if rows is not None:
        inside = [
            html.H2(_("What the wall said of each source then")),
            states_table(rows),
            html.H2(_("Last runs up to then")),
            _runs(runs, {r["key"]: r["name"] for r in rows}),
            html.P(
                _("Shares, gaps and debts are counted anew all the time and are not replayed."),
                className="dim2",
            ),
        ]
    return page_frame(
        [html.Div(inside, className="panel inside scroll then")],
        title=_("Data sharing and quality"), path=PATH, address=PATH, signed=signed, area=area,
        city=city, build=build, now=now, demo=False, id_="sources-then", only="sources",
    )  # fmt: skip


def states_table(rows: Sequence[SourceRow]) -> html.Table:
    """Return what the wall said of each source, worst first."""
    heads = (_("Source"), _("Department"), _("State"), _("Last good"), _("Fault"))
    return table(
        heads,
        [
            (
                name(r["name"]),
                name(r["department"]),
                source_word(r["state"]),
                full_time(r["last_ok_at"]) if r["last_ok_at"] else _("within its rhythm")
                if r["state"] == "fresh" else MISSING,
                detail_sentence(r["error"]) if r["error"] else MISSING,
            )
            for r in rows
        ],
    )  # fmt: skip


def _runs(runs: Sequence[SourceRun], names: dict[str, Names]) -> html.Table:
    heads = (_("Time"), _("Source"), _("Result"), _("Records"), _("New"), _("Changed"),
             _("Refused"))  # fmt: skip
    return table(
        heads,
        [
            (
                full_time(r["at"]),
                name(names.get(r["source"])) or r["source"],
                detail_sentence(r["error"] or "") or run_word(r["status"]),
                number(r["records"]),
                number(r["new"]),
                number(r["changed"]),
                number(r["quarantined"]),
            )
            for r in runs
        ],
    )
