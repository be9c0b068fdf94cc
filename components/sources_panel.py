"""Which sources deliver: one line in the footer, and the full list on request."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from components.details import detail_sentence
from components.empty import waiting
from components.formats import MISSING, day_time, duration, full_time, hour_minute, number
from components.i18n import _, name, ngettext
from components.ids import Ids, Props
from components.reasons import reason_words, row_word, run_word
from components.theme import source_word
from data.vocabulary import (
    ProblemRow,
    RunRow,
    SourceDetail,
    SourceRow,
    SourcesPanel,
    SourceState,
)

NAMED = 2
"""How many bad sources the footer names before it only counts."""


def footer_sources(fill: Props) -> html.Button:
    """Return the footer's line about sources; a click opens the full list."""
    return html.Button(
        html.Span(id=Ids.FOOTER, **fill.get(Ids.FOOTER, {"children": _("Sources: no data yet")})),
        id=Ids.SOURCES_BUTTON,
        n_clicks=0,
        type="button",
        className="srcs",
        title=_("All sources"),
    )


def sources_props(payload: SourcesPanel) -> Props:
    """Return what the sources' payload changes: good ones are counted, bad ones named."""
    rows = payload["sources"]
    bad = [s for s in rows if s["state"] != SourceState.FRESH]
    total = _("Sources {ok} / {all} normal").format(ok=len(rows) - len(bad), all=len(rows))
    said: list[Component] = [html.Span(total)]
    said += [html.Span(_bad(s), className="src bad") for s in bad[:NAMED]]
    if len(bad) > NAMED:
        more = ngettext("and {n} more", "and {n} more", len(bad) - NAMED)
        said.append(html.Span(more, className="src bad"))
    return {Ids.FOOTER: {"children": said}}


def _bad(source: SourceRow) -> str:
    if source["last_ok_at"] is None:
        return f"{name(source['name'])} {source_word(source['state'])}"
    return _("{source} {state} since {time}").format(
        source=name(source["name"]),
        state=source_word(source["state"]),
        time=hour_minute(source["last_ok_at"]),
    )


def sources_detail(details: Sequence[SourceDetail]) -> list[Component]:
    """Return every source with its latest runs and the rows it had refused."""
    return [_source(d) for d in details] or [waiting()]


def _source(detail: SourceDetail) -> html.Article:
    source = detail["source"]
    facts = (
        (_("Department"), name(source["department"])),
        (_("Connector"), source["connector"]),
        (_("Every"), _seconds(source["every"])),
        (_("Stale after"), _seconds(source["stale_after"])),
        (_("Last good"), full_time(source["last_ok_at"])),
        (_("Last try"), full_time(source["last_try_at"])),
        (_("Records"), number(source["records"])),
        (_("Refused rows"), number(source["quarantined"])),
    )
    said: list[Component] = [
        html.H3(
            [
                html.Span(name(source["name"])),
                html.Span(source_word(source["state"]), className=f"state src-{source['state']}"),
            ]
        ),
        html.Dl([html.Div([html.Dt(word), html.Dd(value)]) for word, value in facts]),
    ]
    if source["error"]:
        said.append(html.Pre(detail_sentence(source["error"]), className="error"))
    if detail["runs"]:
        said.append(_runs(detail["runs"]))
    if detail["problems"]:
        said.append(_problems(detail["problems"]))
    return html.Article(said, className="source")


def _seconds(seconds: int) -> str:
    return _("{n} s").format(n=seconds) if seconds < 120 else duration(seconds)


def _runs(runs: Sequence[RunRow]) -> html.Table:
    heads = (_("Run"), _("Time"), _("Result"), _("Records"), _("New"), _("Changed"), _("Refused"))
    return table(
        heads,
        [
            (
                str(r["run_id"]),
                day_time(r["at"]),
                detail_sentence(r["error"] or "") or run_word(r["status"]),
                number(r["records"]),
                number(r["new"]),
                number(r["changed"]),
                number(r["quarantined"]),
            )
            for r in runs
        ],
    )


def _problems(problems: Sequence[ProblemRow]) -> html.Table:
    heads = (_("Run"), _("File"), _("Row"), _("Field"), _("Reason"), _("Value"))
    return table(
        heads,
        [
            (
                str(p["run_id"]),
                p["origin"] or MISSING,
                row_place(p["row_word"], p["row"]),
                p["field"] or MISSING,
                _reason(p),
                MISSING if p["value"] is None else p["value"],
            )
            for p in problems
        ],
    )


def _reason(problem: ProblemRow) -> str:
    """Return the reason in words, its code, and the parser's own remark if it made one."""
    code = problem["reason"]
    said = [f"{reason_words(code)} ({code})", detail_sentence(problem["detail"])]
    return " · ".join(part for part in said if part)


def row_place(word: str, row: int | None) -> str:
    """Return where in a file: "row 12" in the source's own counting word."""
    return MISSING if row is None else f"{row_word(word)} {row}".strip()


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> html.Table:
    """Return a plain table of text."""
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(h) for h in heads])),
            html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows]),
        ],
        className="t",
    )
