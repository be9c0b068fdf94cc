"""The rows of the sample of a weekly review."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from data.vocabulary import Names
from data.vocabulary.review import (
    Aim,
    Compared,
    Figure,
    MatrixCell,
    MatrixRow,
    Measure,
    ScoreRow,
    Spark,
    evidence_code,
)
from data.vocabulary.review_terms import Assurance, ChartKind, Doubt, SpcRule
from tests.review_sample_lines import (
    AREA,
    AS_OF,
    COMMON,
    COUNT,
    COUNTIES,
    DEPARTMENTS,
    FIRST,
    SOURCES,
    WEEK,
)


def figure(value: float | None, *, n: float | None = None, doubt: Doubt | None = None) -> Figure:
    """Return a figure of seven told days; a share has an interval around it."""
    half = None if value is None or n is None else 98 * math.sqrt(max(value, 1) * 12 / n) / 10
    return Figure(
        value=value,
        num=value if n is None or value is None else round(value * n / 100),
        n=n,
        low=None if half is None or value is None else round(max(value - half, 0), 1),
        high=None if half is None or value is None else round(value + half, 1),
        told=7 if doubt is None else 4,
        of=7,
        heard=AS_OF - 900,
        doubt=doubt,
    )


def measure(line: tuple[Any, ...]) -> Measure:
    code, domain, zh, en, unit_zh, unit_en, decimals, direction, kind, department, source = line[
        :11
    ]
    return Measure(
        code=code,
        domain=domain,
        name=Names(zh=zh, en=en),
        unit=Names(zh=unit_zh, en=unit_en),
        decimals=decimals,
        direction=direction,
        aggregation=kind,
        department=DEPARTMENTS[department],
        source=SOURCES[source],
        version=2 if code == "HE-10" else 1,
        definition=Names(zh=f"{zh}，按发生时间统计", en=f"{en}, by time of event"),
    )


def row(line: tuple[Any, ...]) -> ScoreRow:
    code, value, usual, n = line[0], line[11], line[12], line[14]
    doubts = _doubts(code)
    first = next(
        (d for d in doubts if d in (Doubt.NO_DATA, Doubt.PARTIAL, Doubt.UNDER_FLOOR)), None
    )
    now = figure(value, n=n, doubt=first)
    return ScoreRow(
        measure=measure(line),
        area=AREA,
        now=now,
        last=_compared(now, usual * 1.01, n, doubts),
        year=_compared(now, usual * 0.97, n, doubts, Doubt.BREAK if code == "HE-10" else None),
        lunar=_compared(now, usual * 0.98, n, doubts, Doubt.BREAK if code == "HE-10" else None),
        aim=_aim(line),
        chart=ChartKind.XMR,
        points=104 if code != "GS-32" else 9,
        signal=line[16],
        rules=[] if line[17] is None else [line[17]],
        strength=line[18],
        assurance=_assurance(line),
        spark=_spark(line),
        doubts=doubts,
        evidence=evidence_code(code, AREA, WEEK),
    )


def _doubts(code: str) -> list[Doubt]:
    return {
        "EC-04": [Doubt.NO_DATA, Doubt.STALE],
        "GS-32": [Doubt.TOO_FEW, Doubt.UNDER_FLOOR],
        "HE-10": [Doubt.BREAK],
        "EC-02": [Doubt.PARTIAL],
        "PS-14": [Doubt.GAP],
    }.get(code, [])


def _compared(
    now: Figure, then: float, n: float | None, doubts: list[Doubt], doubt: Doubt | None = None
) -> Compared:
    if now["value"] is None:
        doubt = doubts[0]
    change = None if doubt or now["value"] is None else round(now["value"] - then, 1)
    return Compared(now=now, then=figure(round(then, 1), n=n), change=change, doubt=doubt)


def _aim(line: tuple[Any, ...]) -> Aim:
    limit = line[15]
    if line[0] == "HE-05":
        return Aim(kind="range", low=60, high=93, set_by="demo", since="2020-01-01")
    if limit is None:
        return Aim(kind="none", low=None, high=None, set_by="demo", since="2020-01-01")
    if limit > 0:
        return Aim(kind="floor", low=limit, high=None, set_by="demo", since="2020-01-01")
    return Aim(kind="ceiling", low=None, high=-limit, set_by="demo", since="2020-01-01")


def _assurance(line: tuple[Any, ...]) -> Assurance:
    limit, usual, spread = line[15], line[12], line[13]
    if line[0] == "GS-32":
        return Assurance.TOO_FEW
    if line[0] == "HE-05":
        return Assurance.HIT
    if limit is None:
        return Assurance.NO_TARGET
    edge = (usual - limit) if limit > 0 else (-limit - usual)
    if edge > 3 * spread:
        return Assurance.HIT
    return Assurance.MISS if edge < -3 * spread else Assurance.EITHER


def _spark(line: tuple[Any, ...]) -> Spark:
    value, usual, spread = line[11], line[12], line[13]
    seed = sum(map(ord, line[0]))
    values: list[float | None] = [
        round(usual + spread * math.sin(seed + 2.3 * i) * 1.4, 2) for i in range(26)
    ]
    if line[17] is SpcRule.SHIFT:
        values[-7:] = [round(usual + (value - usual) * (0.7 + 0.05 * i), 2) for i in range(7)]
    if line[17] is SpcRule.TREND:
        values[-7:] = [round(usual + (value - usual) * (i + 1) / 7, 2) for i in range(7)]
    values[-1] = value
    if line[0] == "PS-14":
        values[-4] = None
    few = line[0] == "GS-32"
    if few:
        values[:17] = [None] * 17
    lower = usual - 2.66 * spread
    return Spark(
        first=(FIRST - timedelta(weeks=25)).isoformat(),
        values=values,
        centre=[None if few else usual] * 26,
        lower=[None if few else max(lower, 0)] * 26,
        upper=[None if few else usual + 2.66 * spread] * 26,
        breaks=[23] if line[0] == "HE-10" else [],
    )


def matrix_row(line: tuple[Any, ...]) -> MatrixRow:
    weights = (0.31, 0.12, 0.16, 0.08, 0.09, 0.13, 0.06, 0.05)
    cells = []
    for i, (area, _, _) in enumerate(COUNTIES):
        value = line[11]
        n = None if line[14] is None else max(round(line[14] * weights[i]), 1)
        if value is not None and line[8] == COUNT:
            value = round(value * weights[i])
        elif value is not None:
            value = round(value * (1 + 0.01 * math.sin(i + len(line[2]))), 1)
        signal = line[16] if i in (0, 2) else COMMON
        doubt = None
        if line[0] == "HE-10" and area in ("4416JD", "4416GX"):
            value, doubt = None, Doubt.HIDDEN
        if line[1] == "ecology" and area in ("4416JD", "4416GX"):
            value, doubt = None, Doubt.NOT_HERE
        cells.append(
            MatrixCell(
                area=area,
                figure=figure(
                    value, n=n, doubt=doubt or (Doubt.NO_DATA if value is None else None)
                ),
                signal=COMMON if doubt else signal,
                rules=[line[17]] if signal is not COMMON and line[17] and not doubt else [],
                strength=line[18] * 0.8 if signal is not COMMON and not doubt else 0.0,
            )
        )
    return MatrixRow(code=line[0], cells=cells)
