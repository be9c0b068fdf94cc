"""The scorecard: one line an indicator, strongest signal first within its domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from components.formats import number, since
from components.i18n import _, name
from components.review_parts import by_domain, figure_cell, missing, named, nothing, section, table
from components.review_words import (
    aim_word,
    basis_word,
    doubt_word,
    rule_word,
)
from components.spark_limits import spark_limits
from components.spc_icons import assurance_icon, side, variation_icon
from data.vocabulary.review import Basis, Compared, Review, ScoreRow
from data.vocabulary.review_terms import Doubt

AGAINST = ("last", "year", "lunar")
TOLD_ALREADY = {Doubt.NO_DATA, Doubt.HIDDEN, Doubt.NOT_HERE}
"""Doubts that stand in the cell of the value itself."""


def scorecard(review: Review) -> html.Section:
    """Return the scorecard by domain."""
    if not review["rows"]:
        return section(_("Scorecard by domain"), [nothing(_("No indicator is told for this area"))],
                       key="score")  # fmt: skip
    lines, before = [], ""
    for row in by_domain(review):
        domain = row["measure"]["domain"]
        lines.append(_line(row, review, first=domain != before))
        before = domain
    note = _("26 weeks with mean and limits, target dashed; change of shares in points")
    return section(_("Scorecard by domain"), [table(_heads(review["bases"]), lines, "score")],
                   note=note, key="score")  # fmt: skip


def _heads(bases: Mapping[str, Basis]) -> list[html.Th]:
    words: list[tuple[Any, str]] = [
        (_("Domain"), "w-dmn"), (_("Indicator"), "w-ind"), (_("This week"), "w-num num"),
        *((_against(key, bases.get(key)), "w-cmp num") for key in AGAINST),
        (_("Target"), "w-aim num"), (_("Variation"), "w-var"), (_("Assurance"), "w-var"),
        (_("26 weeks"), "w-spark no"), (_("Told"), "w-told"),
    ]  # fmt: skip
    return [html.Th(word, className=kind) for word, kind in words]


def _against(key: str, basis: Basis | None) -> list[Any]:
    if basis is None:
        return [basis_word(key)]
    if basis["doubt"]:
        return [basis_word(key), html.Small(doubt_word(basis["doubt"]))]
    days = f"{basis['first'][5:]}–{basis['last'][5:]}"
    year = [html.Small(basis["first"][:4])] if key != "last" else []
    return [basis_word(key), *year, html.Small(days)]


def _line(row: ScoreRow, review: Review, *, first: bool) -> html.Tr:
    measure, decimals = row["measure"], row["measure"]["decimals"]
    centre = next((c for c in reversed(row["spark"]["centre"]) if c is not None), None)
    up = side(row["signal"], measure["direction"], row["now"]["value"], centre)
    cells = [
        html.Td(named(review["domains"], measure["domain"]), className="dmn"),
        _name(row),
        figure_cell(row["now"], decimals, "num now"),
        *(_compared(row[key], decimals) for key in AGAINST),  # type: ignore[literal-required]
        html.Td(aim_word(row["aim"], decimals), className="num aim"),
        _variation(row, up),
        html.Td(assurance_icon(row["assurance"])),
        html.Td(_spark(row), className="pic"),
        _told(row, review["as_of"]),
    ]
    marked = "" if row["signal"] == "common" else f" k-{row['signal']}"
    return html.Tr(cells, className=("first" if first else "rep") + marked)


def _name(row: ScoreRow) -> html.Td:
    measure = row["measure"]
    way = f"/indicator/{measure['code']}?area={row['area']}"
    unit = name(measure["unit"])
    said: list[Any] = [html.A(name(measure["name"]), href=way), f"（{unit}）" if unit else ""]
    doubts = [doubt_word(d) for d in row["doubts"] if d not in TOLD_ALREADY]
    if doubts:
        said.append(html.Small(_(", ").join(doubts), className="doubt"))
    return html.Td(said, className="ind")


def _compared(compared: Compared, decimals: int) -> html.Td:
    then = compared["then"]["value"]
    if then is None:
        return html.Td(
            missing(compared["doubt"] or compared["then"]["doubt"]), className="num none"
        )
    change = compared["change"]
    if compared["doubt"] is not None or change is None:
        small = doubt_word(compared["doubt"] or compared["now"]["doubt"] or Doubt.NO_DATA)
    elif not round(change, decimals):
        small = _("unchanged")
    else:
        small = f"{'↑' if change > 0 else '↓'} {number(abs(change), decimals)}"
    return html.Td([number(then, decimals), html.Small(small)], className="num")


def _variation(row: ScoreRow, up: bool | None) -> html.Td:
    if row["now"]["value"] is None or Doubt.TOO_FEW in row["doubts"]:
        return html.Td(html.Small(doubt_word(row["now"]["doubt"] or Doubt.TOO_FEW)),
                       className="none")  # fmt: skip
    why = _(", ").join(rule_word(rule) for rule in row["rules"])
    icon = variation_icon(row["signal"], up)
    return html.Td(icon, title=why) if why else html.Td(icon)


def _spark(row: ScoreRow) -> Any:
    measure, spark = row["measure"], row["spark"]
    told = sum(v is not None for v in spark["values"])
    if not told:
        return html.Small(doubt_word(Doubt.NO_DATA), className="none")
    label = _("{name}: the last {weeks} weeks, {told} told").format(
        name=name(measure["name"]), weeks=len(spark["values"]), told=told
    )
    return spark_limits(
        spark, row["aim"], signal=row["signal"], direction=measure["direction"], label=label
    )


def _told(row: ScoreRow, now: float) -> html.Td:
    """Return of how many days something was told, and when its source was last heard."""
    figure = row["now"]
    old = figure["told"] < figure["of"] or Doubt.STALE in row["doubts"]
    said: list[Any] = [f"{figure['told']}/{figure['of']}", html.Small(since(figure["heard"], now))]
    return html.Td(said, className="old" if old else "")


def definitions(review: Review) -> html.Details:
    """Return what each indicator of the page is, from which source, in which version."""
    lines = []
    for row in by_domain(review):
        measure = row["measure"]
        said = _("{source} · {department} · version {n}").format(
            source=name(measure["source"]), department=name(measure["department"]),
            n=measure["version"],
        )  # fmt: skip
        lines.append(
            html.Li(
                [
                    html.B(f"{measure['code']} {name(measure['name'])}"),
                    " ",
                    name(measure["definition"]),
                    " ",
                    html.Small(said),
                    " ",
                    html.A(row["evidence"], href=f"/e/{row['evidence']}", className="code"),
                ]
            )
        )  # fmt: skip
    return html.Details(
        [html.Summary(_("Definitions, sources and evidence")), html.Ul(lines, className="defs")],
        className="fold",
    )
