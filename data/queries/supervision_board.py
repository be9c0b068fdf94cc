"""The supervision page in one answer: figures, cards, and cases that nobody owns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.keys import Keys, read_keys
from data.queries.sources import source_rows
from data.queries.supervision import WHOLE, group_lines, line_of
from data.vocabulary import ENDED, Names, SourceState
from data.vocabulary.supervision import (
    By,
    CardEvent,
    CardLine,
    GroupLine,
    OwnerLine,
    Period,
    SupervisionBoard,
)

c, s, o = m.cases.c, m.supervision_card.c, m.ownership_item.c
MOST_CARDS, MOST_OWNERS = 60, 30
HEARD = frozenset({SourceState.FRESH.value, SourceState.LATE.value})


def supervision_board(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    by: By,
    period: Period,
    now: datetime,
    *,
    where: Sequence[ColumnElement[bool]] = (),
    standing: bool = True,
    demo: bool = False,
) -> SupervisionBoard:
    """Return the page's figures and lists.

    where: filters and the reader's scope, on `cases`. standing: only cards that stand;
    else also those that ended in the period.
    """
    names = group_names(catalogue, keys, by)
    told = group_lines(conn, by, period, now, where=where)
    whole = told.pop(WHOLE, None) or line_of({})
    used = {x.domain for x in catalogue.categories.values()}
    lines = [_named(line, key, names) for key, line in told.items()]
    cards, more = _cards(conn, catalogue, keys, period, where, standing=standing)
    return {
        "by": by,
        "lines": sorted(lines, key=_order),
        "whole": whole,
        "cards": cards,
        "more_cards": more,
        "owners": _owners(conn, catalogue, keys, where),
        "departments": {k: d.short or d.name for k, d in catalogue.departments.items()},
        "counties": {a.code: a.short for a in catalogue.counties()},
        "domains": {k: d.name for k, d in catalogue.domains.items() if k in used},
        "start": period.start.timestamp(),
        "end": period.end.timestamp(),
        "as_of": now.timestamp(),
        "late": unheard(conn, catalogue, now)[1],
        "demo": demo,
    }


def _order(line: GroupLine) -> tuple[int, int, str]:
    """Return the place of a line: most overdue first, never by rate: small n would lead."""
    return -line["overdue"], -line["due"], line["key"]


def group_names(catalogue: Catalogue, keys: Keys, by: By) -> Mapping[int, tuple[str, Names]]:
    """Return code and name of every group by its row id."""
    if by == "department":
        return {
            i: (k, catalogue.departments[k].short or catalogue.departments[k].name)
            for k, i in keys.departments.items()
            if k in catalogue.departments
        }
    if by == "county":
        found = {keys.areas[a.code]: (a.code, a.short) for a in catalogue.counties()}
        return found | {keys.areas[catalogue.city.code]: (catalogue.city.code, catalogue.city.name)}
    return {
        i: (k, catalogue.categories[k].name)
        for k, i in keys.categories.items()
        if k in catalogue.categories
    }


def _named(line: GroupLine, key: int, names: Mapping[int, tuple[str, Names]]) -> GroupLine:
    code, words = names.get(key, (str(key), {"zh": str(key), "en": str(key)}))
    return {**line, "key": code, "name": words}


def unheard(
    conn: Connection, catalogue: Catalogue, now: datetime
) -> tuple[frozenset[str], list[Names]]:
    """Return the sources of cases that are not heard now: keys and names."""
    rows = source_rows(conn, catalogue, read_keys(conn), now=now, counted=False, waiting=False)
    quiet = {r["key"] for r in rows if r["state"] not in HEARD}
    found = [x for k, x in catalogue.sources.items() if k in quiet and x.brings_cases]
    return frozenset(x.key for x in found), [x.name for x in found]


def _cards(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    period: Period,
    where: Sequence[ColumnElement[bool]],
    *,
    standing: bool,
) -> tuple[list[CardLine], int]:
    over = and_(s.ended_at >= period.start, s.ended_at < period.end)
    chosen = s.ended_at.is_(None) if standing else or_(s.ended_at.is_(None), over)
    query = (
        select(m.supervision_card, c.case_no, c.title, c.level, c.county_id, c.version)
        .join_from(m.supervision_card, m.cases, c.id == s.case_id)
        .where(chosen, *where)
        .order_by(s.ended_at.is_not(None), s.colour.desc(), s.raised_at.desc(), s.id)
        .limit(MOST_CARDS + 1)
    )
    rows = conn.execute(query).all()
    events = _events(conn, [row.id for row in rows])
    shown = [_card(catalogue, keys, row, events.get(row.id, [])) for row in rows[:MOST_CARDS]]
    return shown, max(0, len(rows) - MOST_CARDS)


def _card(catalogue: Catalogue, keys: Keys, row: Any, history: list[CardEvent]) -> CardLine:
    department = next(k for k, i in keys.departments.items() if i == row.department_id)
    county = next(k for k, i in keys.areas.items() if i == row.county_id)
    rung = next((r for r in catalogue.ladder if r.code == row.rule), None)
    by_hand: Names = {"zh": row.rule, "en": row.rule}
    nothing: Names = {"zh": "", "en": ""}
    return {
        "id": row.id,
        "case_no": row.case_no,
        "title": row.title,
        "level": row.level,
        "department": department,
        "department_name": _department(catalogue, department),
        "county": catalogue.areas[county].short,
        "rule": row.rule,
        "rule_version": row.rule_version,
        "rule_name": rung.name if rung else by_hand,
        "basis": rung.basis if rung else nothing,
        "next_step": rung.next_step if rung else nothing,
        "next_step_at": _seconds(row.next_step_at),
        "colour": row.colour,
        "raised_at": row.raised_at.timestamp(),
        "evidence": dict(row.evidence),
        "state": row.state,
        "answer": row.answer,
        "ended_at": _seconds(row.ended_at),
        "case_version": row.version,
        "history": history,
    }


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def _department(catalogue: Catalogue, key: str) -> Names:
    found = catalogue.departments.get(key)
    return (found.short or found.name) if found else {"zh": key, "en": key}


def _events(conn: Connection, cards: list[int]) -> dict[int, list[CardEvent]]:
    e = m.supervision_event.c
    query = select(e.card_id, e.at, e.action, e.actor, e.note).where(e.card_id.in_(cards))
    found: dict[int, list[CardEvent]] = defaultdict(list)
    for card, at, action, actor, note in conn.execute(query.order_by(e.id)).all():
        said: CardEvent = {
            "at": at.timestamp(), "action": action, "actor": actor, "note": note,
        }  # fmt: skip
        found[card].append(said)
    return found


def _owners(
    conn: Connection, catalogue: Catalogue, keys: Keys, where: Sequence[ColumnElement[bool]]
) -> list[OwnerLine]:
    query = (
        select(
            m.ownership_item, c.case_no, c.title, c.county_id, c.department_id.label("has"),
            c.transfers, c.rework,
        )
        .join_from(m.ownership_item, m.cases, c.id == o.case_id)
        .where(or_(o.decided_at.is_(None), c.state.not_in([x.value for x in ENDED])), *where)
        .order_by(o.decided_at.is_not(None), o.raised_at)
        .limit(MOST_OWNERS)
    )  # fmt: skip
    areas, departments = keys.area_codes(), {i: k for k, i in keys.departments.items()}
    categories = {i: k for k, i in keys.categories.items()}
    return [_owner(catalogue, row, areas, departments, categories) for row in conn.execute(query)]


def _owner(
    catalogue: Catalogue,
    row: Any,
    areas: Mapping[int, str],
    departments: Mapping[int, str],
    categories: Mapping[int, str],
) -> OwnerLine:
    category = categories[row.category_id]
    decided = departments.get(row.department_id) if row.department_id else None
    return {
        "id": row.id,
        "case_no": row.case_no,
        "title": row.title,
        "category": category,
        "category_name": catalogue.categories[category].name,
        "county": catalogue.areas[areas[row.county_id]].short,
        "why": row.why,
        "raised_at": row.raised_at.timestamp(),
        "transfers": row.transfers,
        "rework": row.rework,
        "department_name": _department(catalogue, departments[row.has]),
        "decided_at": row.decided_at.timestamp() if row.decided_at else None,
        "decided_name": row.decided_name,
        "decision": _department(catalogue, decided) if decided else None,
        "reason": row.reason,
    }
