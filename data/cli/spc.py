"""A control chart of a column of a table, as numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from data.cli.refused import Refused
from data.cli.spc_file import Columns, few, place_of, read_columns
from data.cli.spc_print import lines, report
from data.indicators.spc import Chart, Method, chart
from data.indicators.spc.given import DIVIDED, HUGE, impossible
from data.vocabulary import Direction
from data.vocabulary.review_terms import MIN_POINTS, ChartKind

WAYS = [d.value for d in (Direction.HIGHER, Direction.LOWER, Direction.NEUTRAL)]
LEAST = 2
"""So few points give limits here: a moving range needs two. Under `MIN_POINTS` it is said."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--value", help="Column of the values; of counts, times or chances between events.")
@click.option("--date", help="Column of dates, weeks, months or numbers: names and order.")
@click.option("--numerator", help="Column of the parts, for p, pprime, u (and xmr of a quotient).")
@click.option("--denominator", help="Column of the wholes.")
@click.option("--baseline", type=click.IntRange(min=2), help="Limits of the first N points only.")
@click.option("--rebase", multiple=True, help="Date of a point that begins anew; may be repeated.")
@click.option("--direction", type=click.Choice(WAYS), default="neutral", help="Which is better.")
@click.option("--chart", "kind", type=click.Choice([k.value for k in ChartKind]), default="xmr")
@click.option(
    "--limits",
    type=click.Choice([m.value for m in Method]),
    default="mdc",
    help="Of xmr: NHS Making Data Count (2.66 moving ranges, wild ones screened once), the same"
    " unscreened, or Shewhart's 3 / 1.128.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def spc(
    file: Path,
    value: str | None,
    date: str | None,
    numerator: str | None,
    denominator: str | None,
    baseline: int | None,
    rebase: tuple[str, ...],
    direction: str,
    kind: str,
    limits: str,
    as_json: bool,
) -> None:
    """Print centre, limits and special causes of the points of a table in FILE.

    Rules: outside the limits, seven on one side, seven up or down, two of three near a limit.
    Ends with 2 where a column is not there or a value cannot be.
    """
    which, asked = ChartKind(kind), _asked(ChartKind(kind), value, numerator, denominator)
    columns = _read(file, asked, value, date, which)
    places = _breaks(columns, rebase, date)
    _baseline(columns, baseline)
    found = chart(
        columns.values[asked[0]],
        kind=which,
        denominators=columns.values[asked[1]] if len(asked) > 1 else None,
        direction=Direction(direction),
        baseline=baseline,
        breaks=places,
        min_points=LEAST,
        method=Method(limits),
        late=False,
    )
    said = [*columns.said, *_doubts(columns, found, asked)]
    if as_json:
        told = report(columns, found, Direction(direction), Method(limits), baseline, said)
        text = json.dumps(told, ensure_ascii=False, allow_nan=False)
    else:
        text = "\n".join(lines(columns, found, said))
    click.echo(text.encode(errors="replace"))


def _asked(
    kind: ChartKind, value: str | None, numerator: str | None, denominator: str | None
) -> list[str]:
    """Return the columns the chart is drawn from: the values, or parts and wholes."""
    if bool(numerator) != bool(denominator):
        raise Refused("--numerator and --denominator go together")
    if numerator and denominator and (kind in DIVIDED or not value):
        if kind not in (*DIVIDED, ChartKind.XMR):
            raise Refused(f"--chart {kind} has no denominator: name its counts by --value")
        return [numerator, denominator]
    if kind in DIVIDED:
        raise Refused(f"--chart {kind} needs --numerator and --denominator")
    if not value:
        raise Refused("name the column of the values by --value")
    return [value]


def _read(
    file: Path, asked: list[str], value: str | None, date: str | None, kind: ChartKind
) -> Columns:
    """Return the columns asked for and that of the values.

    Raises:
        Refused: a column is not there, or a value cannot be.
    """
    also = [value] if value and value not in asked else []
    columns = read_columns(file, [*asked, *also], date)
    _check(columns, asked, kind)
    return columns


def _check(columns: Columns, asked: list[str], kind: ChartKind) -> None:
    """Raise Refused at the first value that cannot be."""
    values = np.array([columns.values[asked[0]]])
    below = np.array([columns.values[asked[1]]]) if len(asked) > 1 else None
    bad = np.flatnonzero(impossible(values, below, kind)[0])
    if not len(bad):
        return
    at = int(bad[0])
    value = float(values[0, at])
    where = f"row {columns.rows[at]}, column {asked[0]}: {value:g}"
    if below is not None and not 0 <= below[0, at] <= HUGE:
        raise Refused(
            f"row {columns.rows[at]}, column {asked[1]}: {below[0, at]:g} is no denominator"
        )
    if abs(value) > HUGE:
        raise Refused(f"{where} is too large")
    if below is not None and value > below[0, at]:
        raise Refused(f"{where} is more than {asked[1]}, {below[0, at]:g}")
    if kind is ChartKind.T:
        raise Refused(f"{where} is no time between events: it must be above 0")
    raise Refused(f"{where} is no count: it must not be below 0")


def _breaks(columns: Columns, rebase: Sequence[str], date: str | None) -> list[int]:
    if rebase and not date:
        raise Refused("--rebase names a date: name its column by --date")
    places = []
    for asked in rebase:
        at = place_of(columns, asked, str(date))
        if at == 0:
            columns.said.append(f"rebase {asked}: the first point begins anew anyway")
        places.append(at)
    return places


def _baseline(columns: Columns, baseline: int | None) -> None:
    if baseline is not None and baseline > len(columns.rows):
        raise Refused(f"--baseline {baseline}: there are only {len(columns.rows)} points")


def _doubts(columns: Columns, found: Chart, asked: list[str]) -> Iterator[str]:
    """Yield what cannot be concluded, and why."""
    if len(asked) > 1:
        empty = [
            row
            for row, whole in zip(columns.rows, columns.values[asked[1]], strict=True)
            if whole == 0
        ]
        if empty:
            yield f"column {asked[1]}: nothing to divide by, so no point (rows {few(empty)})"
    missing = [row for row, v in zip(columns.rows, found.values, strict=True) if math.isnan(v)]
    if missing:
        yield f"values that are missing: {len(missing)}; runs end there (rows {few(missing)})"
    for part in found.segments:
        since = f"from {columns.names[part.start]} to {columns.names[part.end - 1]}"
        straight = found.upper[part.start : part.end]
        if part.points < LEAST or (part.points < MIN_POINTS and _none(straight)):
            yield f"{since}: {part.points} points give no limits"
        elif _none(straight):
            yield f"{since}: all values are equal, so there are no limits and nothing to conclude"
        elif part.points < MIN_POINTS:
            yield (
                f"{since}: limits of {part.points} points are not to be trusted;"
                f" {MIN_POINTS} are the least"
            )


def _none(line: Any) -> bool:
    return all(math.isnan(x) for x in line)
