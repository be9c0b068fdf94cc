"""A weekly review made by hand, for tests of pages, prints and exports: no store, no clock."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from data.vocabulary import Names
from data.vocabulary.review import (
    Basis,
    Fair,
    FairPoint,
    Funnel,
    Gap,
    LateCase,
    Message,
    Review,
    ScoreRow,
    evidence_code,
)
from data.vocabulary.review_terms import Doubt, SpcRule
from data.vocabulary.supervision import GroupLine
from tests.review_sample_lines import (
    AREA,
    AS_OF,
    BETTER,
    COUNTIES,
    DEPARTMENTS,
    DOMAINS,
    FIRST,
    LAST,
    LINES,
    SOURCES,
    TOWNS,
    WEEK,
    line_of,
)
from tests.review_sample_rows import matrix_row, measure, row


def sample_review(**changes: Any) -> Review:
    """Return the sample with some of its fields changed."""
    rows = [row(line) for line in LINES]
    review = Review(
        week=WEEK,
        first=FIRST.isoformat(),
        last=LAST.isoformat(),
        area=AREA,
        level=1,
        areas={code: Names(zh=zh, en=en) for code, zh, en in (*COUNTIES, *TOWNS)}
        | {AREA: Names(zh="全市", en="City")},
        domains=DOMAINS,
        as_of=AS_OF,
        mark="sample",
        whole=True,
        demo=True,
        doubts=[],
        totals={
            "before": 1382, "new": 4120, "reopened": 23, "closed": 4089, "open": 1436,
            "late": 118, "due": 3911, "on_time": 3609, "last_new": 4033, "last_closed": 4051,
            "last_due": 3870, "last_on_time": 3599, "last_open": 1382,
        },
        noise={"series": len(rows), "expected": 1.3, "found": 7},
        noise_below={"series": 196, "expected": 9.8, "found": 14},
        messages=_messages(),
        bases=_bases(),
        rows=rows,
        below=[code for code, _, _ in COUNTIES],
        matrix=[matrix_row(line) for line in LINES],
        fair=[_fair_counties(), _fair_towns()],
        departments=_departments(),
        days=_days(),
        late=_late(),
        more_late=106,
        gaps=_gaps(),
    )  # fmt: skip
    review.update(changes)  # type: ignore[typeddict-item]
    return review


def _days() -> list[tuple[str, int, int]]:
    """Return (day, new, closed) of the week."""
    counts = [(688, 702), (655, 670), (641, 655), (620, 640), (634, 615), (452, 431), (430, 376)]
    return [((FIRST + timedelta(days=i)).isoformat(), *told) for i, told in enumerate(counts)]


def sample_row(code: str) -> ScoreRow:
    """Return one row of the sample."""
    return next(row(line) for line in LINES if line[0] == code)


def _funnel(centre: float, largest: int) -> Funnel:
    ns = [round(5 + (largest - 5) * (i / 23) ** 2, 1) for i in range(24)]
    width = [math.sqrt(centre * (100 - centre) / n) for n in ns]
    return Funnel(
        n=ns,
        low95=[max(centre - 1.96 * w, 0) for w in width],
        high95=[min(centre + 1.96 * w, 100) for w in width],
        low998=[max(centre - 3.09 * w, 0) for w in width],
        high998=[min(centre + 3.09 * w, 100) for w in width],
    )


def _fair_counties() -> Fair:
    values = (95.2, 93.3, 79.1, 90.0, 91.7, 88.2, 87.5, None)
    ns = (42, 15, 24, 12, 12, 17, 11, 3)
    bands = (1, 1, 2, 1, 1, 1, 1, 0)
    points: list[FairPoint] = [
        {
            "area": area, "n": ns[i], "value": values[i],
            "low": None if values[i] is None else round(values[i] - 90 / math.sqrt(ns[i]), 1),
            "high": None if values[i] is None else round(min(values[i] + 60 / ns[i] ** 0.5, 100), 1),
            "outside": "below" if area == "441622" else "", "band": bands[i],
            "doubt": Doubt.UNDER_FLOOR if bands[i] == 0 else None,
        }
        for i, (area, _, _) in enumerate(COUNTIES)
    ]  # fmt: skip
    return Fair(
        measure=measure(line_of("PS-24")),
        level=2,
        centre=88.4,
        per=0,
        population="",
        floor=10,
        points=points,
        funnel=_funnel(88.4, 45),
        bands=2,
        doubt=None,
    )


def _fair_towns() -> Fair:
    values = (4.1, 2.2, 1.6, 1.1, 5.3, None)
    ns = (11, 6, 5, 3, 19, 0)
    points: list[FairPoint] = [
        {
            "area": area, "n": ns[i], "value": values[i],
            "low": None if values[i] is None else round(values[i] * 0.55, 1),
            "high": None if values[i] is None else round(values[i] * 1.7, 1),
            "outside": "above" if area == "441622100" else "",
            "band": (1, 0, 0, 0, 1, 0)[i],
            "doubt": None if i in (0, 4) else Doubt.UNDER_FLOOR,
        }
        for i, (area, _, _) in enumerate(TOWNS)
    ]  # fmt: skip
    return Fair(
        measure=measure(line_of("PS-09")),
        level=3,
        centre=2.4,
        per=10_000,
        population="2020",
        floor=10,
        points=points,
        funnel=_funnel(2.4, 20),
        bands=1,
        doubt=None,
    )


def _message(
    key: str,
    rule: str,
    level: int,
    strength: float,
    owner: str,
    evidence: str,
    /,
    **fields: object,
) -> Message:
    return Message(
        key=key,
        rule=rule,
        fields=fields,
        level=level,
        strength=strength,
        department=DEPARTMENTS[owner],
        until="2026-11-29",
        evidence=evidence_code(evidence, AREA, WEEK) if evidence else "",
    )


def _special(code: str, department: str, level: int, since: str) -> Message:
    line = line_of(code)
    fields: dict[str, object] = {
        "code": code, "name": Names(zh=line[2], en=line[3]), "area": AREA, "value": line[11],
        "unit": Names(zh=line[4], en=line[5]), "decimals": line[6], "n": line[14],
        "centre": line[12], "lower": line[12] - 2.66 * line[13], "upper": line[12] + 2.66 * line[13],
        "rules": [line[17]], "since": since, "weeks": 7 if line[17] is not SpcRule.OUTSIDE else 1,
        "areas": ["441622"],
    }  # fmt: skip
    rule = "improvement" if line[16] is BETTER else "special_cause"
    return _message(f"{rule}:{code}:{AREA}", rule, level, line[18], department, code, **fields)


def _messages() -> list[Message]:
    return [
        _special("HE-13", "health", 2, "2026-W47"),
        _special("PS-09", "psb", 2, "2026-W47"),
        _message(
            f"target_missed:PS-24:{AREA}", "target_missed", 3, 2.5, "politics_law", "PS-24",
            code="PS-24", name=Names(zh="矛盾纠纷按期化解率", en="Disputes settled on time"),
            area=AREA, value=88.4, low=81.7, high=92.8, n=129, limit=95.0, kind="floor",
            unit=Names(zh="%", en="%"), decimals=1, sure=True,
        ),
        _message(
            "department_late:housing", "department_late", 3, 2.2, "housing", "",
            department="housing", name=DEPARTMENTS["housing"], on_time=148, due=171, rate=86.5,
            low=80.6, high=90.9, others=93.1, others_due=3740,
        ),
        _message(
            "cases_overdue", "cases_overdue", 1, 2.0, "emergency", "", count=2, levels=[1, 2],
            longest_h=31.5, cases=["AJ-20261119-0032", "AJ-20261120-0007"],
        ),
        _special("TR-01", "transport", 4, "2026-W41"),
        _message(
            "data_gap:air_quality", "data_gap", 4, 1.0, "ecology", "", kind="silent",
            source="air_quality", name=SOURCES["air_quality"], codes=["EC-04"], hours=41.0,
        ),
    ]  # fmt: skip


def _bases() -> dict[str, Basis]:
    shifts = {"last": 7, "year": 364, "lunar": 355}
    words = {
        "last": Names(zh="上周", en="last week"),
        "year": Names(zh="去年第47周", en="week 47 of last year"),
        "lunar": Names(zh="去年农历同期（距除夕第277—283天）", en="same lunar period last year"),
    }
    bases: dict[str, Basis] = {}
    for key in ("last", "year", "lunar"):
        days = [FIRST + timedelta(days=i) for i in range(7)]
        like = [d - timedelta(days=shifts[key]) for d in days]
        matched = 6 if key == "lunar" else 7
        bases[key] = Basis(
            key=key,
            first=like[0].isoformat(),
            last=like[-1].isoformat(),
            words=words[key],
            pairs=[
                (a.isoformat(), b.isoformat())
                for a, b in zip(days[:matched], like[:matched], strict=True)
            ],
            unmatched=[(days[i].isoformat(), "day_class") for i in range(matched, 7)],
            doubt=None,
        )
    return bases


def _departments() -> list[GroupLine]:
    lines = [
        ("psb", 1408, 1342, 66, 14, 301), ("dsb", 968, 884, 84, 31, 402),
        ("city_mgmt", 604, 566, 38, 22, 233), ("politics_law", 431, 398, 33, 17, 190),
        ("housing", 171, 148, 23, 19, 96), ("traffic_police", 302, 251, 51, 9, 88),
        ("emergency", 18, 16, 2, 2, 12), ("reform", 9, 4, 5, 4, 114),
    ]  # fmt: skip
    return [_department(*line) for line in lines]


def _department(
    key: str, due: int, on_time: int, late: int, overdue: int, open_now: int
) -> GroupLine:
    rate, half = on_time / due, 0.98 * math.sqrt(on_time / due * (1 - on_time / due) / due) * 2
    return GroupLine(
        key=key, name=DEPARTMENTS[key], due=due, on_time=on_time,
        low=max(rate - half, 0), high=min(rate + half, 1), late=late, overdue=overdue,
        open=open_now, inside=open_now - overdue, reported=due + 20, ended=due - overdue,
        median=86400.0 * 1.6, p90=86400.0 * 6.2, longest=86400.0 * 21, rework=3, returns=5,
        suspensions=2, extensions=4, called={"satisfied": 31, "dissatisfied": 4, "unreached": 6},
        cards={4: 6, 3: 3, 2: 1},
    )  # fmt: skip


def _late() -> list[LateCase]:
    lines = [
        ("AJ-20261119-0032", 1, "危化品运输车辆泄漏处置后续", "emergency", "441602", 31.5, "handling"),
        ("AJ-20261120-0007", 2, "江东新区工地边坡塌方排险", "emergency", "4416JD", 6.2, "handling"),
        ("AJ-20261112-0141", 3, "新丰江路段路面塌陷反复修复", "city_mgmt", "441602", 52.0, "checking"),
        ("AJ-20261110-0088", 3, "老隆镇邻里土地纠纷", "politics_law", "441622", 49.7, "handling"),
        ("AJ-20261113-0205", 4, "紫城镇断续停水诉求", "housing", "441621", 40.1, "dispatched"),
        ("AJ-20261114-0019", 4, "高新区企业并联审批超期", "reform", "4416GX", 22.8, "handling"),
        ("AJ-20261121-0066", 2, "东源县山塘水位异常核查", "emergency", "441625", -9.0, "handling"),
        ("AJ-20261120-0112", 3, "连平县城区占道经营投诉", "city_mgmt", "441623", -20.5, "handling"),
    ]  # fmt: skip
    names = {code: Names(zh=zh, en=en) for code, zh, en in COUNTIES}
    return [
        LateCase(
            no=no, level=level, title=title, department=DEPARTMENTS[department], area=names[area],
            was_due=AS_OF - (hours + 48) * 3600 if i == 2 else None, due=AS_OF - hours * 3600,
            late=hours > 0, stage=stage,
            area_code=area, department_code=department,
        )
        for i, (no, level, title, department, area, hours, stage) in enumerate(lines)
    ]  # fmt: skip


def _gaps() -> list[Gap]:
    return [
        Gap(kind="silent", source=SOURCES["air_quality"], department=DEPARTMENTS["ecology"],
            detail={"hours": 41.0, "since": AS_OF - 41 * 3600}, codes=["EC-04", "EC-02"]),
        Gap(kind="partial", source=SOURCES["health_capacity"], department=DEPARTMENTS["health"],
            detail={"told": 5, "of": 7, "missing": ["4416JD"]}, codes=["HE-10", "HE-13"]),
        Gap(kind="quarantined", source=SOURCES["hotline"], department=DEPARTMENTS["dsb"],
            detail={"rows": 17}, codes=["GS-07", "GS-36"]),
        Gap(kind="debt", source=SOURCES["yuepingan"], department=DEPARTMENTS["politics_law"],
            detail={"debt": 12, "due": "2026-11-27", "owner": "周敏"}, codes=["PS-24"]),
        Gap(kind="no_history", source=SOURCES["approvals"], department=DEPARTMENTS["reform"],
            detail={"weeks": 9, "needed": 12}, codes=["GS-32"]),
    ]  # fmt: skip
