"""One source walked down: its history, its runs, a run's refused rows, a file and its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.details import detail_sentence
from components.empty import calm
from components.formats import MISSING, day_time, full_time, number
from components.i18n import N_, _, name
from components.ids import marks
from components.reasons import origin_word, reason_words, run_word
from components.sources_head import percent_text, state_mark
from components.sources_ids import address, home
from components.sources_panel import row_place
from components.sources_table import length
from components.strips import hours_strip, hours_words, weeks_line
from data.sharing.words import (
    FetchDetail,
    Mended,
    Refusal,
    RunDetail,
    RunPage,
    SourceLine,
    TableTop,
    View,
)
from data.vocabulary import RunRow

RAW_WORDS: dict[str, str] = {
    "kept": N_("The bytes as they were received"),
    "masked": N_(
        "A masked copy: this source tells of single persons. The hash is that of the original."
    ),
    "withheld": N_(
        "Withheld: this source tells of single persons, and a file that is no text cannot be masked"
    ),
    "gone": N_("The bytes were let go after their time; hash, size and times stay for good"),
}


def crumbs(view: View, line: SourceLine | None) -> html.Nav:
    """Return the way back, one link a step."""
    steps: list[Component] = [dcc.Link(_("All sources"), href=home(view))]
    if line is not None:
        here = address(view, run=0, fetch=0)
        steps.append(dcc.Link(name(line["name"]), href=here))
    if view.run:
        steps.append(dcc.Link(_("Run {n}").format(n=view.run), href=address(view, fetch=0)))
    if view.fetch:
        steps.append(html.Span(_("File {n}").format(n=view.fetch)))
    parts: list[Component] = []
    for step in steps:
        parts += [html.I("›"), step] if parts else [step]
    return html.Nav(parts, className="crumbs", **marks({"aria-label": _("Where you are")}))


def lost(view: View) -> list[Component]:
    """Return what stands there when an address names a source, run or file that is not there."""
    return [
        html.Div(
            [
                calm(_("Nothing of that number or name is kept")),
                dcc.Link(_("Show all sources"), href=home(view), className="btn"),
            ],
            className="nothing",
        )
    ]


def facts(rows: Sequence[tuple[str, Any]]) -> html.Dl:
    """Return pairs of word and value."""
    return html.Dl([html.Div([html.Dt(word), html.Dd(value)]) for word, value in rows])


# ---- a source ----


def source_drill(line: SourceLine, page: RunPage, view: View) -> list[Component]:
    """Return one source: facts, history, runs."""
    return [
        html.H3([html.Span(name(line["name"])), state_mark(line["state"])], className="dh"),
        facts(
            [
                (_("Platform"), line["platform"]),
                (_("Department"), name(line["department_name"])),
                (_("Connector"), line["connector"]),
                (_("Every"), length(line["every"])),
                (_("Learned rhythm"),
                 _("not learned yet") if line["learned"] is None else length(line["learned"])),
                (_("Stale after"), length(line["stale_after"])),
                (_("Last good"), full_time(line["last_ok_at"])),
                (_("Last new"), full_time(line["last_new_at"])),
                (_("Complete · 24 h"), percent_text(line["complete"])),
                (_("On time · 24 h"), percent_text(line["timely"])),
            ]
        ),
        *([html.Pre(detail_sentence(line["error"]), className="error")] if line["error"] else []),
        html.Div(
            [
                html.Figure([html.Figcaption(_("24 hours")), hours_strip(line["hours"]),
                             html.Span(hours_words(line["hours"]), className="dim2")]),
                html.Figure([html.Figcaption(_("12 weeks")), weeks_line(line["weeks"])]),
            ],
            className="history",
        ),
        _runs_head(view),
        runs_table(page["runs"], view),
        _pager(page, view),
    ]  # fmt: skip


def _runs_head(view: View) -> html.Div:
    def pick(word: str, on: bool, **changes: Any) -> dcc.Link:
        look = "chip on" if on else "chip"
        return dcc.Link(word, href=address(view, before=0, **changes), className=look)

    return html.Div(
        [
            html.H3(_("Runs")),
            pick(_("24 hours"), view.span != "12w", span="24h"),
            pick(_("12 weeks"), view.span == "12w", span="12w"),
            html.I(className="bar1"),
            pick(_("With news"), not view.every, every=""),
            pick(_("Every poll"), bool(view.every), every="1"),
        ],
        className="rh",
    )


def runs_table(runs: Sequence[RunRow], view: View) -> Component:
    """Return runs, each a link to what it did."""
    if not runs:
        return calm(_("No run in this time"))
    heads = (_("Run"), _("Time"), _("Result"), _("Records"), _("New"), _("Changed"),
             _("Unchanged"), _("Refused"), _("File"))  # fmt: skip
    rows = []
    for r in runs:
        number_link = dcc.Link(
            str(r["run_id"]), href=address(view, run=r["run_id"], fetch=0), className="go"
        )
        ended = detail_sentence(r["error"] or "") or run_word(r["status"])
        cells: list[Any] = [
            html.Td(number_link),
            html.Td(full_time(r["at"]), className="num"),
            html.Td(html.Span(ended, className=f"cl run-{r['status']}", title=ended)),
            *[html.Td(number(r[k]), className="num")
              for k in ("records", "new", "changed", "same")],
            html.Td(html.B(number(r["quarantined"]),
                           className="low" if r["quarantined"] else "zero"), className="num"),
            html.Td(html.Span(origin_word(r["origin"]), className="cl dim2")),
        ]  # fmt: skip
        rows.append(html.Tr(cells))
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className="plain runs",
    )


def _pager(page: RunPage, view: View) -> html.Div:
    links: list[Component] = []
    if page["newer"]:
        links.append(dcc.Link(_("Newest"), href=address(view, before=0), className="btn"))
    if page["older"] is not None:
        links.append(
            dcc.Link(_("Older"), href=address(view, before=page["older"]), className="btn")
        )
    return html.Div(links, className="pager")


# ---- a run ----


def run_drill(detail: RunDetail, view: View) -> list[Component]:
    """Return one run: what came, what was refused and why, what was changed by hand."""
    run = detail["run"]
    file: Any = MISSING
    if detail["fetch_id"] is not None:
        file = dcc.Link(
            _("File {n}").format(n=detail["fetch_id"]),
            href=address(view, fetch=detail["fetch_id"]),
            className="go file",
        )
    rows: list[tuple[str, Any]] = [
        (_("Result"), run_word(run["status"])),
        (_("Time"), full_time(run["at"])),
        (_("Written by the source at"), full_time(detail["as_of"])),
        (_("File"), file),
        (_("Records accepted"), number(run["records"])),
        (_("Refused"), number(run["quarantined"])),
        (_("New"), number(run["new"])),
        (_("Changed"), number(run["changed"])),
        (_("Unchanged"), number(run["same"])),
        (_("Older than what is known"), number(detail["outdated"])),
    ]
    said: list[Component] = [html.H3(_("Run {n}").format(n=run["run_id"])), facts(rows)]
    if run["error"]:
        said.append(html.Pre(detail_sentence(run["error"]), className="error"))
    said.append(html.H3(_("Refused rows and warnings")))
    said.append(refusals(detail["problems"]))
    if detail["mended"]:
        said += [html.H3(_("Changed by hand")), _mended(detail["mended"])]
    if detail["summary"]:
        said += [
            html.H3(_("What the file said of itself")),
            facts(sorted(detail["summary"].items())),
        ]
    return said


def refusals(problems: Sequence[Refusal]) -> Component:
    """Return refused rows with row, field, value and reason in words."""
    if not problems:
        return calm(_("Every row was taken"))
    heads = (_("Row"), _("Field"), _("Value"), _("Verdict"), _("Reason"), _("Detail"))
    rows = [
        html.Tr(
            [
                html.Td(row_place(p["row_word"], p["row"]), className="num"),
                html.Td(html.Code(p["field"] or MISSING)),
                html.Td(html.Code(MISSING if p["value"] is None else p["value"])),
                html.Td(_verdict(p)),
                html.Td([html.B(reason_words(p["reason"])),
                         html.Span(p["reason"], className="dim2")]),
                html.Td(detail_sentence(p["detail"]) or MISSING, className="dim2"),
            ],
            className="refused" if p["refused"] else "",
        )
        for p in problems
    ]  # fmt: skip
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className="plain refusals",
    )


def _verdict(problem: Refusal) -> html.Span:
    if problem["settled"]:
        return html.Span(_("put right"), className="dim2")
    if problem["refused"]:
        return html.Span(_("refused"), className="low")
    return html.Span(_("warning"))


def _mended(mended: Sequence[Mended]) -> html.Table:
    heads = (_("Row"), _("Field"), _("Was"), _("Now"), _("Said to be by"), _("Why"), _("When"))
    rows = [
        html.Tr(
            [
                html.Td(str(c["row"]), className="num"),
                html.Td(html.Code(c["field"])),
                html.Td(html.Code(MISSING if c["was"] is None else c["was"])),
                html.Td(html.Code(c["now"])),
                html.Td(c["by"]),
                html.Td(c["why"]),
                html.Td(day_time(c["at"]), className="num"),
            ]
        )
        for c in mended
    ]
    return html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)],
        className="plain mended",
    )


# ---- a file ----


def fetch_drill(detail: FetchDetail, view: View) -> list[Component]:
    """Return one file: proof, times, a safe look inside, and the way to its bytes."""
    raw = detail["raw"]
    rows: list[tuple[str, Any]] = [
        (_("SHA-256"), html.Code(detail["sha256"])),
        (_("Origin"), html.Code(origin_word(detail["origin"]))),
        (_("Size"), _("{n} bytes").format(n=number(detail["size"]))),
        (_("Times seen"), number(detail["seen"])),
        (_("Received"), full_time(detail["received_at"])),
        (_("Last seen"), full_time(detail["last_seen_at"])),
    ]
    said: list[Component] = [
        html.H3(_("File {n}").format(n=detail["id"])),
        html.Div(facts(rows), className="proof"),
        html.Div([*_download(detail), html.Span(_(RAW_WORDS[raw]), className="dim2")],
                 className="acts"),
    ]  # fmt: skip
    if detail["table"]:
        said += _table(detail["table"])
    if detail["lines"]:
        said.append(html.H3(_("First lines and refused rows, masked")))
        said.append(_preview(detail))
    elif raw != "gone" and not detail["table"]:
        said.append(calm(_("No text to show: download the file to look inside")))
    if detail["runs"]:
        said += [html.H3(_("Runs that read it")), runs_table(detail["runs"], view)]
    return said


def _table(top: TableTop) -> list[Component]:
    """Return the first rows of a table as the mapping reads them."""
    rows = []
    for place, cells in top["rows"]:
        why = top["refused"].get(place)
        said = html.Span(f"{_('refused')} · {reason_words(why)}", className="why") if why else ""
        boxes = [html.Td(html.Code(cell or MISSING)) for cell in cells]
        rows.append(html.Tr([html.Td(str(place), className="num"), *boxes, html.Td(said)],
                            className="refused" if why else ""))  # fmt: skip
    heads = (_("Row"), *top["names"], _("Verdict"))
    table = html.Table(
        [html.Thead(html.Tr([html.Th(h) for h in heads])), html.Tbody(rows)], className="plain top"
    )
    where = _("Names in row {rows}").format(rows=", ".join(map(str, top["header"])) or MISSING)
    parts = (_("Sheet {name}").format(name=top["sheet"]) if top["sheet"] else "", where,
             _("only columns that the mapping names, masked"))  # fmt: skip
    return [
        html.H3(_("First rows as the mapping reads them")),
        html.P(" · ".join(p for p in parts if p), className="dim2"),
        html.Div(table, className="scroll", tabIndex=0) if rows else calm(_("No row of data")),
    ]


def _download(detail: FetchDetail) -> list[Component]:
    if detail["raw"] not in ("kept", "masked"):
        return []
    word = _("Download") if detail["raw"] == "kept" else _("Download the masked copy")
    return [html.A(word, href=f"/sources/raw/{detail['id']}", className="btn main raw")]


def _preview(detail: FetchDetail) -> html.Ol:
    items = []
    for line in detail["lines"]:
        said: list[Component] = [html.I(str(line["number"])), html.Code(line["text"])]
        if line["refused"]:
            why = f"{reason_words(line['refused'])} ({line['refused']})"
            said.append(html.Span(f"{_('refused')} · {why}", className="why"))
        items.append(html.Li(said, className="bad" if line["refused"] else ""))
    return html.Ol(items, className="preview")
