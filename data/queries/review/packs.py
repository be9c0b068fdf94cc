"""Frozen packs: what was shown, and which of its numbers are others now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, bindparam, func, select

from data import models as m
from data.catalogue import Catalogue
from data.queries.hidden import Veil
from data.queries.keys import Keys
from data.review.masking import masked
from data.review.packing import (
    BrokenPackError,
    Changed,
    Content,
    changes,
    changes_in_sparks,
    decimals_of,
    digest,
    of_week,
    unpack,
)
from data.review.week_text import following, monday, written
from data.vocabulary import LOCAL, Grain
from data.vocabulary.meeting import Frozen, Restated
from data.vocabulary.review import Review

k, o, h = m.review_pack.c, m.observation.c, m.observation_history.c
EARLIER = 4
"""Of so many weeks before it a page tells what was restated since."""


@dataclass(frozen=True)
class Pack:
    """A frozen week. content None: its bytes are not those that were frozen."""

    week: str
    area: str
    frozen_at: datetime
    frozen_by: str
    sha256: str
    content: Content | None


def pack(conn: Connection, catalogue: Catalogue, keys: Keys, week: str, area: str) -> Pack | None:
    """Return the pack of a week, None if it was not frozen.

    It is as it was shown then, but for small counts that are hidden now: those it hides too.
    """
    row = _row(conn, keys, week, area)
    if row is None:
        return None
    content = _content(row, week, area)
    if content is not None:
        content = _veiled(conn, catalogue, content)
    return Pack(week, area, row.frozen_at, row.frozen_name, row.sha256, content)


def _row(conn: Connection, keys: Keys, week: str, area: str) -> Row[Any] | None:
    mine = (k.week == monday(week), k.area_id == keys.areas[area])
    return conn.execute(select(m.review_pack).where(*mine)).first()


def _content(row: Row[Any], week: str, area: str) -> Content | None:
    """Return what was frozen, None if the bytes are others or of another week."""
    try:
        content = unpack(bytes(row.payload), row.sha256)
    except BrokenPackError:
        return None
    return content if of_week(content, week, area) else None


def _veiled(conn: Connection, catalogue: Catalogue, content: Content) -> Content:
    protected = frozenset(i.code for i in catalogue.indicators.values() if i.small_count)
    veil = Veil(conn, catalogue)

    def hides(code: str, area: str, week: date) -> bool:
        return area not in catalogue.areas or veil.hides(code, area, Grain.WEEK, _start(week))

    review = masked(content.review, protected, hides)
    return Content(review, content.edits, content.definitions)


# ---- was and now ----

_kept: WeakKeyDictionary[Engine, dict[tuple[str, str], Frozen]] = WeakKeyDictionary()

_SINCE = (
    select(m.review_pack)
    .where(
        k.area_id == bindparam("area"),
        k.week >= bindparam("since"),
        k.week <= bindparam("first"),
    )
    .order_by(k.week.desc())
)


def restated(
    conn: Connection, catalogue: Catalogue, keys: Keys, week: str, area: str, now: Review
) -> list[Frozen]:
    """Return the packs of a week and of those before it, newest first, with what is new in them.

    now: the review of `week`. Its own pack is compared number by number, those of the weeks before
    with its sparklines, which show them as they are counted now: only indicators of the area
    itself, not those of the areas below.
    """
    first = monday(week)
    since = date.fromordinal(max(1, first.toordinal() - 7 * EARLIER))
    asked = {"area": keys.areas[area], "since": since, "first": first}
    rows = conn.execute(_SINCE, asked).all()
    return [_frozen(conn, catalogue, keys, row, area, now) for row in rows]


def restated_since(
    conn: Connection, catalogue: Catalogue, keys: Keys, week: str, area: str, now: Review
) -> list[Frozen]:
    """Return only the packs of the weeks before `week`."""
    found = restated(conn, catalogue, keys, week, area, now)
    return [one for one in found if one["week"] != week]


def _frozen(
    conn: Connection, catalogue: Catalogue, keys: Keys, row: Row[Any], area: str, now: Review
) -> Frozen:
    """Return a pack with its restatements, from the last answer while the page is the same."""
    kept = _kept.setdefault(conn.engine, {})
    key = (row.sha256, f"{now['week']} {now['mark']} {now['as_of']}")
    intact = digest(bytes(row.payload)) == row.sha256
    if now["mark"] and intact and key in kept:
        return kept[key]
    week = written(row.week)
    content = _content(row, week, area) if intact else None
    found: Frozen = {
        "week": week,
        "area": area,
        "frozen_at": row.frozen_at.timestamp(),
        "frozen_by": row.frozen_name,
        "sha256": row.sha256,
        "intact": content is not None,
        "restated": [],
    }
    if content is not None:
        changed = _changed(content, row.week, now)
        found["restated"] = _restated(conn, catalogue, keys, row, content, changed)
        if len(kept) > 200:
            kept.clear()
        kept[key] = found
    return found


def _changed(content: Content, week: date, now: Review) -> list[Changed]:
    if monday(now["week"]) == week:
        return changes(content, now)
    first = next((row["spark"]["first"] for row in now["rows"] if row["spark"]["values"]), None)
    if first is None:
        return []
    return changes_in_sparks(content, now, (week - date.fromisoformat(first)).days // 7)


def _restated(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    row: Row[Any],
    content: Content,
    changed: Sequence[Changed],
) -> list[Restated]:
    codes = sorted({c.code for c in changed if _is_open(catalogue, c.code)})
    came = _came(conn, keys, codes, row.week, row.frozen_at)
    return [_one(catalogue, keys, content, one, came) for one in changed]


def _is_open(catalogue: Catalogue, code: str) -> bool:
    """Return whether corrections of an indicator may be told: not of small counts.

    Two totals and their difference would tell a cell.
    """
    indicator = catalogue.indicators.get(code)
    return indicator is not None and not indicator.small_count


Came = dict[str, list[tuple[int, int, int]]]
"""By indicator: (area id, records since, of these the ones that were not there before)."""


def _one(catalogue: Catalogue, keys: Keys, content: Content, one: Changed, came: Came) -> Restated:
    decimals = decimals_of(content, one.code)
    told: Restated = {
        "code": one.code,
        "area": one.area,
        "was": one.was,
        "now": one.now,
        "late_records": 0,
        "decimals": decimals,
        "reason": "corrected",
    }
    indicator = catalogue.indicators.get(one.code)
    if indicator is None:
        return {**told, "reason": "definition", "now": None}
    if indicator.small_count:
        return {**told, "was": None, "now": None, "reason": "hidden"}
    mine = [x for x in came.get(one.code, ()) if _within(keys, indicator.rolls_up, x[0], one.area)]
    records, late = sum(n for _, n, _ in mine), sum(n for _, _, n in mine)
    reason = "late" if late else "corrected"
    if content.definitions.get(one.code, {}).get("version") != indicator.version:
        reason = "definition"
    return {**told, "late_records": records, "reason": reason}


def _within(keys: Keys, rolls_up: bool, area: int, whole: str) -> bool:
    own = keys.areas[whole]
    return area == own or (rolls_up and own in keys.parents.get(area, frozenset()))


def _came(conn: Connection, keys: Keys, codes: Iterable[str], week: date, since: datetime) -> Came:
    """Count what was recorded of a week after an instant, by indicator and area."""
    ids = {keys.indicators[code]: code for code in codes}
    if not ids:
        return {}
    found: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for table, of_history in ((o, False), (h, True)):
        query = (
            select(table.indicator_id, table.area_id, table.rev, func.count())
            .where(*_of_week(table, ids, week), table.recorded_at > since)
            .group_by(table.indicator_id, table.area_id, table.rev)
        )
        if of_history:
            query = query.where(table.rev == 0)
        for indicator, area, rev, count in conn.execute(query).all():
            told = found[indicator, area]
            told[0] += 0 if of_history else count
            told[1] += count if rev == 0 else 0
    came: Came = defaultdict(list)
    for (indicator, area), (records, late) in found.items():
        came[ids[indicator]].append((area, records, late))
    return came


def _of_week(table: Any, ids: Iterable[int], week: date) -> tuple[Any, ...]:
    areas = select(m.area.c.id)  # lets both databases walk the primary key
    return (
        table.indicator_id.in_(list(ids)),
        table.area_id.in_(areas),
        table.grain.in_([int(g) for g in Grain if g <= Grain.WEEK]),
        table.period_start >= _start(week),
        table.period_start < _start(following(week)),
    )


def _start(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), LOCAL).astimezone(UTC)
