"""Write docs/indicators.md from the catalogue, or check that it is current."""

# ruff: noqa: E501 - table rows are long

from __future__ import annotations

from pathlib import Path

import click

from data.catalogue import Catalogue, catalogue
from data.catalogue.entries import Indicator, Target
from data.vocabulary.review_terms import ChartKind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "indicators.md"

HEAD = """# Indicators

Made from `data/catalogue/` by `make docs`; do not edit. To add an indicator, add an entry to
`data/catalogue/indicators/<domain>.yaml` and nothing else.

| field | meaning |
|---|---|
| unit, decimals, factor | the value shown is numerator ÷ denominator × factor (factor alone for totals) |
| aggregation | sum: adds over time and areas · ratio, mean: Σ numerator ÷ Σ denominator · last: a gauge, adds over areas, never over time |
| rolls_up | false: each area is observed for itself, parents are not made from children |
| grain | the period a source reports: minute, hour, day, week, month |
| direction | which way is better: higher, lower, range, or neutral (volume) |
| target | floor, ceiling or range with a limit per level (1 red … 4 blue); band: its own normal range |
| feed | how the counts are taken from what the connector yields |
| wall | slot 1-4 in the domain's panel and the window shown: now, hour, today |
| small_count | counts from 1 up to this are not shown, nor what would tell them (the domain's, unless given) |
| plausible | what a value can be at all: low, high in shown units (a sum: of one period); outside is refused |
| weekly | stands in the scorecard of the weekly review; its own target there is week_target |
| chart | its control chart: xmr (if none is named), p, pprime, u, c, t, g |
| baseline_weeks | limits are frozen after so many weeks, and of each part after a break; none: they stand on all weeks |
| breaks | days from which values are not to be compared with those before (on, why), unless bridged says how they are |
| per_capita | a count is compared between areas by so many residents |
| compare_floor | the n (of a count: the expected events) under which an area is in no ranking |
| version, valid_from | raise both when the definition changes; old values keep theirs |
"""


@click.command()
@click.option("--check", is_flag=True, help="fail if the page is not what the catalogue says")
def docs(check: bool) -> None:
    """Write docs/indicators.md."""
    text = indicators_page(catalogue())
    if not check:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        raise click.ClickException("docs/indicators.md is not current: run `make docs`")


def indicators_page(facts: Catalogue) -> str:
    """Return the page: one section a domain, one row an indicator."""
    parts = [HEAD]
    for domain in facts.domains.values():
        rows = [i for i in facts.indicators.values() if i.domain == domain.key]
        parts.append(f"\n## {domain.name['zh']} · {domain.name['en']} ({len(rows)})\n")
        parts.append("| code | 名称 | name | unit | direction | aggregation | grain | target |"
                     " numerator ÷ denominator | department | source | wall | small | weekly |")  # fmt: skip
        parts.append("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
        parts += [_row(i, facts) for i in rows]
    return "\n".join(parts) + "\n"


def _row(i: Indicator, facts: Catalogue) -> str:
    counts = i.numerator["zh"] + (f" ÷ {i.denominator['zh']}" if i.denominator else "")
    wall = f"{i.wall.slot} · {i.wall.window}" if i.wall else ""
    cells = [
        i.code,
        i.name["zh"],
        i.name["en"],
        i.unit["zh"],
        i.direction.value,
        i.aggregation.value + ("" if i.rolls_up else " (own)"),
        i.grain.name.lower(),
        _target(i.target),
        counts,
        facts.departments[i.department].name["zh"],
        facts.sources[i.source].name["zh"],
        wall,
        f"< {i.small_count}" if i.small_count else "",
        _weekly(i),
    ]
    return "| " + " | ".join(cells) + " |"


def _weekly(i: Indicator) -> str:
    """Return how an indicator stands in the weekly review, nothing if it does not."""
    if not i.weekly:
        return ""
    told = [(i.chart or ChartKind.XMR).value]
    if i.baseline_weeks:
        told.append(f"first {i.baseline_weeks} weeks")
    if i.per_capita:
        told.append(f"per {i.per_capita}")
    if i.week_target:
        told.append(_target(i.week_target))
    return ", ".join(told)


def _target(target: Target) -> str:
    limits = ", ".join(f"{level}: {limit:g}" for level, limit in sorted(target.levels.items()))
    return f"{target.kind} {limits}".strip()
