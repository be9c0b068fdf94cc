"""Building blocks of the pages of a domain and of an area: controls, cards, stages, sisters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.board_ids import BoardView, address
from components.formats import MISSING, number, since
from components.i18n import _, name, ngettext
from components.indicator_ids import address as indicator_address
from components.loop_terms import state_word
from components.review_ids import week_beside
from components.review_parts import nothing, section, sorted_by, table
from components.review_words import (
    aim_word,
    counted,
    doubt_word,
    rule_word,
    span_word,
    week_word,
)
from components.spark_limits import spark_limits
from components.spc_icons import assurance_icon, side, variation_icon
from data.vocabulary import Names
from data.vocabulary.boards import SisterLine, StageLine
from data.vocabulary.review import Review, ScoreRow
from data.vocabulary.review_terms import Doubt


@dataclass(frozen=True)
class Here:
    """Where a page stands: its path, what follows it, and what its address asks for."""

    prefix: str
    key: str
    view: BoardView

    def at(self, **changes: Any) -> str:
        """Return the address of this page with some points changed."""
        return address(self.prefix, self.key, self.view, **changes)


def stepper(here: Here, week: str, newest: str) -> list[Component]:
    """Return the week with the way to its neighbours; the arrow keys go there too."""
    found: list[Component] = [
        _step("‹", here, week_beside(week, -1), "prev", _("Week before")),
        html.B(week, className="at"),
    ]
    if week < newest:
        found.append(_step("›", here, week_beside(week, 1), "next", _("Week after")))
        found.append(dcc.Link(_("Newest"), href=here.at(week=""), className="chip"))
    else:
        found.append(html.Span("›", className="chip none"))
    return found


def _step(sign: str, here: Here, week: str, rel: str, word: str) -> Component:
    return dcc.Link(sign, href=here.at(week=week), className=f"chip {rel}", title=word)


def tools(here: Here) -> list[Component]:
    """Return print, print view and the list of keys."""
    word = _("Screen view") if here.view.paper else _("Print view")
    return [
        html.Button(_("Print"), type="button", className="btn doprint"),
        html.A(word, href=here.at(paper=not here.view.paper), className="btn turn"),
        html.Button("?", type="button", className="btn dohelp", title=_("Keys")),
    ]


def keys_help() -> html.Dialog:
    """Return the keys of these pages."""
    keys = [("← →", _("week before, week after")), ("P", _("print")), ("?", _("this list")),
            ("Esc", _("close"))]  # fmt: skip
    lines = [html.Div([html.Dt(html.Kbd(key)), html.Dd(word)]) for key, word in keys]
    shut = html.Form(html.Button(_("Close"), className="btn main"), method="dialog")
    return html.Dialog([html.H2(_("Keys")), html.Dl(lines), shut], className="whelp")


def title(words: str, review: Review, beside: str, marks: Sequence[str] = ()) -> html.Header:
    """Return the title of a sheet with its week and what the page is of."""
    head: list[Component] = [html.H2(words)]
    if review["demo"]:
        head.append(html.Span(_("Demo data"), className="mk demo"))
    if not review["whole"]:
        head.append(html.Span(_("Week not over"), className="mk"))
    head += [html.Span(mark, className="mk") for mark in marks]
    week = f"{week_word(review['week'])} · {span_word(review['first'], review['last'])}"
    lines = html.Div([html.Span(week), html.Span(beside)], className="t2")
    return html.Header([html.Div(head, className="t1"), lines], className="title")


def cards(rows: Sequence[ScoreRow], review: Review) -> list[Component]:
    """Return one card an indicator, the strongest signal first."""
    if not rows:
        return [nothing(_("No indicator is told for this area"))]
    return [html.Div([_card(row, review) for row in rows], className="cards3")]


def _card(row: ScoreRow, review: Review) -> html.A:
    m = row["measure"]
    marked = "" if row["signal"] == "common" else f" k-{row['signal']}"
    return html.A(
        [
            html.Div([html.B(name(m["name"])), _signal(row)], className="c1"),
            html.Div([_value(row), _spark(row)], className="c2"),
            html.P(_small(row, review), className="c3"),
        ],
        href=indicator_address(m["code"], area=row["area"], at=review["week"]),
        className=f"icard{marked}",
    )


def _value(row: ScoreRow) -> html.Span:
    now, m = row["now"], row["measure"]
    if now["value"] is None:
        word = doubt_word(now["doubt"] or Doubt.NO_DATA)
        return html.Span([html.B(MISSING), html.Small(word)], className="v none")
    return html.Span(
        [html.B(number(now["value"], m["decimals"])), html.Small(name(m["unit"]))], className="v"
    )


def _signal(row: ScoreRow) -> Component:
    if row["now"]["value"] is None or Doubt.TOO_FEW in row["doubts"]:
        return html.Small(doubt_word(row["now"]["doubt"] or Doubt.TOO_FEW))
    centre = next((c for c in reversed(row["spark"]["centre"]) if c is not None), None)
    up = side(row["signal"], row["measure"]["direction"], row["now"]["value"], centre)
    return variation_icon(row["signal"], up)


def _spark(row: ScoreRow) -> Component:
    m, spark = row["measure"], row["spark"]
    if not any(v is not None for v in spark["values"]):
        return html.Small(doubt_word(Doubt.NO_DATA))
    label = _("{name}: the last {weeks} weeks, {told} told").format(
        name=name(m["name"]), weeks=len(spark["values"]),
        told=sum(v is not None for v in spark["values"]),
    )  # fmt: skip
    return spark_limits(
        spark, row["aim"], signal=row["signal"], direction=m["direction"], label=label
    )


def _small(row: ScoreRow, review: Review) -> list[Component | str]:
    """Return what never stands apart from a value: n, target, assurance, days told, source."""
    now, m = row["now"], row["measure"]
    said = [counted(now["n"])]
    if row["aim"]["kind"] not in ("none", "band"):
        said.append(_("target") + " " + aim_word(row["aim"], m["decimals"]))
    said.append(_("{told} of {of} days told").format(told=now["told"], of=now["of"]))
    said.append(since(now["heard"], review["as_of"]))
    weak = [d for d in row["doubts"] if d != now["doubt"] or now["value"] is not None]
    said += [*map(rule_word, row["rules"]), *map(doubt_word, weak)]
    words = " · ".join(s for s in said if s and s != MISSING)
    return [assurance_icon(row["assurance"]), html.Span(words)]


def stages(lines: Sequence[StageLine], href: str, as_of: str) -> html.Section:
    """Return the open cases by state, now, with the way to the very list."""
    note = _("at this moment, {time}").format(time=as_of)
    if not lines:
        return section(_("Open cases by stage"), [nothing(_("No case is open"))], note=note,
                       key="stages")  # fmt: skip
    every, late = sum(x["open"] for x in lines), sum(x["late"] for x in lines)
    rows = [_stage(state_word(x["state"]), x["open"], x["late"]) for x in lines]
    rows.append(_stage(_("All"), every, late))
    heads: list[Any] = [
        _("Stage"), html.Th(_("Open"), className="num"), html.Th(_("Past limit"), className="num"),
    ]  # fmt: skip
    way = html.A(_("To the list of cases"), href=href, className="btn")
    return section(_("Open cases by stage"), [table(heads, rows, "stages"), way], note=note,
                   key="stages")  # fmt: skip


def _stage(word: str, n: int, late: int) -> html.Tr:
    return html.Tr(
        [html.Td(word), html.Td(number(n), className="num"), html.Td(number(late), className="num")]
    )


def sisters(lines: Sequence[SisterLine], names: Names) -> html.Section:
    """Return where the area stands among its sisters, in bands and never in ranks."""
    head = _("Beside other areas of its level")
    if not lines:
        return section(head, [nothing(_("Nothing to compare at this level"))], key="sisters")
    heads: list[Any] = [
        _("Indicator"), html.Th(name(names), className="num"), html.Th("n", className="num"),
        _("Band"), _("Within chance"),
    ]  # fmt: skip
    rows = [_sister(line) for line in lines]
    note = _("areas of one band cannot be told apart; band 1 is the best")
    return section(head, [table(heads, rows, "sisters")], note=note, key="sisters")


def _sister(line: SisterLine) -> html.Tr:
    m, point = line["measure"], line["point"]
    band: list[Component | str] = [MISSING, html.Small(doubt_word(point["doubt"] or Doubt.NO_DATA))]
    if point["band"]:
        words = ngettext("of {n} band", "of {n} bands", line["bands"])
        band = [_("band {n}").format(n=point["band"]), html.Small(words)]
    side_word = {
        "above": _("above the funnel"), "below": _("below the funnel"),
    }.get(point["outside"], _("inside the funnel"))  # fmt: skip
    value = MISSING if point["value"] is None else number(point["value"], max(m["decimals"], 1))
    return html.Tr(
        [
            html.Td(html.A(name(m["name"]), href=indicator_address(m["code"]))),
            html.Td(value, className="num"),
            html.Td(number(point["n"]), className="num"),
            html.Td(band, **sorted_by(point["band"] or 99)),
            html.Td(side_word if point["value"] is not None else MISSING),
        ]
    )


def residents_word(told: tuple[int, int] | None) -> str:
    """Return how many live there and of which year that is."""
    if told is None:
        return _("no number of residents is known")
    return _("{n} residents ({year})").format(n=number(told[0]), year=told[1])
