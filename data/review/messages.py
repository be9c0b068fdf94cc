"""The key messages of a week, written by rules: what, how strong, who, until when. Pure.

A message is a rule and its fields; the words are the screens'. Its key is the same week after
week of one matter, so that an edit or a promise can name it. docs/decisions/0022 tells the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from data.indicators.interval import wilson
from data.review.facts import Facts
from data.review.figures import level_of, misses, surely_misses, target_of
from data.review.rows import measure_of
from data.vocabulary import Names
from data.vocabulary.review import Aim, Gap, LateCase, MatrixRow, Message, ScoreRow, evidence_code
from data.vocabulary.review_terms import Signal
from data.vocabulary.supervision import GroupLine

MOST = 6
MOST_OF = {
    "special_cause": 3,
    "special_cause_below": 1,
    "target_missed": 2,
    "department_late": 1,
    "cases_overdue": 1,
    "data_gap": 1,
    "improvement": 1,
}
"""So many of each rule at most; the order is the order among messages of one level."""
STRONG = 4.0
"""Sigmas from which on a special cause is orange, and one of an area below is told at all."""
Z99 = 2.5758293035489004
"""Several departments are set against the others at once."""
LEAST_DUE = 20
NAMED_AREAS, NAMED_CASES = 3, 5
GRAVE = 2
"""Levels up to this are those whose overdue cases are told."""
BLINDING = frozenset({"never", "silent", "partial"})
_UNTIL_DAYS = {1: 2, 2: 4, 3: 7, 4: 7}
"""Days after the week's Sunday by which something is to be said, by level."""
_SURE, _LIKELY = 1.0, 0.5
NO_NAME: Names = {"zh": "", "en": ""}


def messages(
    facts: Facts,
    rows: Sequence[ScoreRow],
    matrix: Sequence[MatrixRow],
    departments: Sequence[GroupLine],
    late: Sequence[LateCase],
    gaps: Sequence[Gap],
) -> list[Message]:
    """Return at most MOST messages: the gravest level first, then by rule, then by strength.

    An improvement worth telling and a gap that blinds keep their place among them.
    """
    cells = {line["code"]: line for line in matrix}
    by_rule: dict[str, list[Message]] = {
        "special_cause": [_special(facts, row, cells) for row in rows if _concerns(row)],
        "special_cause_below": list(_below(facts, rows, cells)),
        "target_missed": list(_missed(facts, rows)),
        "department_late": list(_departments(facts, departments)),
        "cases_overdue": list(_overdue(facts, late)),
        "data_gap": list(_blind(facts, gaps)),
        "improvement": [
            _special(facts, row, cells) for row in rows if row["signal"] is Signal.IMPROVEMENT
        ],
    }
    found: list[Message] = []
    for rule, most in MOST_OF.items():
        found += sorted(by_rule[rule], key=lambda x: (x["level"], -x["strength"]))[:most]
    return sorted(_fitting(found), key=_order)


def _fitting(found: Sequence[Message]) -> list[Message]:
    """Return what fits: the weakest of what there is most of gives way."""
    kept = list(found)
    while len(kept) > MOST:
        rules = [m["rule"] for m in kept]
        crowded = [m for m in kept if rules.count(m["rule"]) > 1] or kept
        kept.remove(max(crowded, key=lambda m: (m["level"], -m["strength"])))
    return kept


def _order(message: Message) -> tuple[int, int, float]:
    rules = list(MOST_OF)
    return message["level"], rules.index(message["rule"]), -message["strength"]


def _message(
    facts: Facts,
    rule: str,
    key: str,
    fields: Mapping[str, object],
    *,
    level: int,
    strength: float,
    department: Names,
    evidence: str = "",
) -> Message:
    return Message(
        key=key,
        rule=rule,
        fields=dict(fields),
        level=level,
        strength=round(strength, 2),
        department=department,
        until=until(facts.week.last, level).isoformat(),
        evidence=evidence,
    )


def until(sunday: date, level: int) -> date:
    """Return by when something is to be said about a message of a level."""
    return sunday + timedelta(days=_UNTIL_DAYS[level])


# ---- special causes ----


def _concerns(row: ScoreRow) -> bool:
    return row["signal"] is Signal.CONCERN and row["now"]["value"] is not None


def _special(facts: Facts, row: ScoreRow, cells: Mapping[str, MatrixRow]) -> Message:
    """Return what a special cause of the area is: for the worse, or for the better."""
    measure = row["measure"]
    better = row["signal"] is Signal.IMPROVEMENT
    rule = "improvement" if better else "special_cause"
    line = cells.get(measure["code"])
    alike = [cell for cell in (line["cells"] if line else ()) if cell["signal"] is row["signal"]]
    strongest = sorted(alike, key=lambda cell: -cell["strength"])[:NAMED_AREAS]
    return _message(
        facts,
        rule,
        f"{rule}:{measure['code']}:{row['area']}",
        _fields(facts, measure["code"], row["area"], row["strength"])
        | {"areas": [cell["area"] for cell in strongest]},
        level=4 if better else _level(facts, row),
        strength=row["strength"],
        department=measure["department"],
        evidence=row["evidence"],
    )


def _fields(facts: Facts, code: str, area: str, strength: float) -> dict[str, object]:
    """Return what is to be said of a signal: the number, what is usual, since when, which rule."""
    indicator, one = facts.indicators[code], facts.charts[code, area]
    measure = measure_of(facts, indicator)
    places, last = indicator.decimals + 2, one.chart.n - 1
    since = facts.first + timedelta(weeks=one.since)
    year, number, _ = since.isocalendar()
    series = facts.series[code, area].counted(facts.place)
    n = series[1] if series and indicator.denominator is not None else None
    return {
        "code": code,
        "name": measure["name"],
        "area": area,
        "value": round(float(one.chart.values[last]), places),
        "unit": measure["unit"],
        "decimals": measure["decimals"],
        "n": n,
        "centre": round(float(one.chart.centre[last]), places),
        "lower": round(float(one.chart.lower[last]), places),
        "upper": round(float(one.chart.upper[last]), places),
        "rules": sorted(rule.value for rule in one.chart.rules[last]),
        "toward": one.chart.toward[last],
        "since": f"{year}-W{number:02}",
        "weeks": last - one.since + 1,
        "strength": strength,
    }


def _level(facts: Facts, row: ScoreRow) -> int:
    """Return how grave a concern is: yellow, orange if strong, and never milder than its target."""
    target = target_of(facts.indicators[row["measure"]["code"]])
    value = row["now"]["value"]
    past = level_of(target, value) if value is not None else 0
    level = 2 if row["strength"] >= STRONG else 3
    return min(level, past) if past else level


def _below(
    facts: Facts, rows: Sequence[ScoreRow], cells: Mapping[str, MatrixRow]
) -> Iterable[Message]:
    """Tell of a strong concern in one area below that the whole does not show."""
    for row in rows:
        line = cells.get(row["measure"]["code"])
        if row["signal"] is not Signal.COMMON or line is None:
            continue
        for cell in line["cells"]:
            if cell["signal"] is Signal.CONCERN and cell["strength"] >= STRONG:
                code, area = line["code"], cell["area"]
                yield _message(
                    facts,
                    "special_cause_below",
                    f"special_cause:{code}:{area}",
                    _fields(facts, code, area, cell["strength"]) | {"areas": [area]},
                    level=3,
                    strength=cell["strength"],
                    department=row["measure"]["department"],
                    evidence=evidence_code(code, area, str(facts.week)),
                )


# ---- targets ----


def _missed(facts: Facts, rows: Sequence[ScoreRow]) -> Iterable[Message]:
    """Tell of targets that were missed: for sure, or as far as this n lets us say."""
    for row in rows:
        now, aim, measure = row["now"], row["aim"], row["measure"]
        value = now["value"]
        if value is None or not facts.whole or not misses(aim, value) or _concerns(row):
            continue
        indicator = facts.indicators[measure["code"]]
        counted = now["low"] is not None
        sure = surely_misses(aim, now) or not counted
        level = level_of(target_of(indicator), value) or 4
        yield _message(
            facts,
            "target_missed",
            f"target_missed:{measure['code']}:{row['area']}",
            {
                "code": measure["code"],
                "name": measure["name"],
                "area": row["area"],
                "value": value,
                "unit": measure["unit"],
                "decimals": measure["decimals"],
                "n": now["n"],
                "low": now["low"],
                "high": now["high"],
                "limit": aim["low"]
                if aim["low"] is not None and value < aim["low"]
                else aim["high"],
                "kind": aim["kind"],
                "sure": sure,
                "assurance": row["assurance"].value,
            },
            level=min(4, level if sure else level + 1),
            strength=_SURE if sure else _LIKELY,
            department=measure["department"],
            evidence=row["evidence"],
        )


def _limit(aim: Aim, value: float) -> float | None:
    """Return the limit that a value is past."""
    return aim["low"] if aim["low"] is not None and value < aim["low"] else aim["high"]


# ---- the closed loop ----


def _departments(facts: Facts, lines: Sequence[GroupLine]) -> Iterable[Message]:
    """Tell of a department that keeps its limits less often than the others, beyond chance."""
    due, on_time = sum(x["due"] for x in lines), sum(x["on_time"] for x in lines)
    for line in lines:
        others, kept = due - line["due"], on_time - line["on_time"]
        own = wilson(line["on_time"], line["due"], Z99)
        rest = wilson(kept, others, Z99)
        if line["due"] < LEAST_DUE or own is None or rest is None or own[1] >= rest[0]:
            continue
        rate = line["on_time"] / line["due"]
        fields = {
            "department": line["key"],
            "name": line["name"],
            "on_time": line["on_time"],
            "due": line["due"],
            "rate": round(rate * 100, 1),
            "low": round(own[0] * 100, 1),
            "high": round(own[1] * 100, 1),
            "others": round(kept / others * 100, 1),
            "others_due": others,
            "overdue": line["overdue"],
        }
        yield _message(
            facts,
            "department_late",
            f"department_late:{line['key']}",
            fields,
            level=3,
            strength=(kept / others - rate) * 10,
            department=line["name"],
        )


def _overdue(facts: Facts, late: Sequence[LateCase]) -> Iterable[Message]:
    """Tell of overdue cases of the two gravest levels, of all departments together."""
    grave = [case for case in late if case["late"] and 0 < case["level"] <= GRAVE]
    if not grave:
        return
    gravest = min(grave, key=lambda case: (case["level"], case["due"]))
    end = max(day for day in facts.over) if facts.over else facts.week.first
    fields = {
        "count": len(grave),
        "levels": sorted({case["level"] for case in grave}),
        "oldest_due": min(case["due"] for case in grave),
        "cases": [case["no"] for case in grave[:NAMED_CASES]],
        "as_of": end.isoformat(),
    }
    yield _message(
        facts,
        "cases_overdue",
        f"cases_overdue:{facts.area}",
        fields,
        level=gravest["level"],
        strength=float(len(grave)),
        department=gravest["department"],
    )


# ---- data ----


def _blind(facts: Facts, gaps: Sequence[Gap]) -> Iterable[Message]:
    """Tell of a gap that leaves indicators without a number, or with half of one."""
    for gap in gaps:
        blinded = [code for code in gap["codes"] if _is_blind(facts, code)]
        if gap["kind"] not in BLINDING or not blinded:
            continue
        source = str(gap["detail"]["source"])
        fields = {
            "kind": gap["kind"],
            "source": source,
            "name": gap["source"],
            "codes": blinded,
            "hours": gap["detail"].get("hours"),
        }
        yield _message(
            facts,
            "data_gap",
            f"data_gap:{source}",
            fields,
            level=4,
            strength=float(len(blinded)),
            department=gap["department"],
        )


def _is_blind(facts: Facts, code: str) -> bool:
    """Return whether a week of an indicator was not told, or not all of it, in the area."""
    series = facts.series[code, facts.area]
    if series.hidden[facts.place] or not series.told:
        return False
    if series.counted(facts.place) is None:
        return True
    days = facts.told(code, facts.area)
    return 0 < len(days) < len(facts.over)


__all__ = ["MOST", "messages", "until"]
