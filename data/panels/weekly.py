"""The weekly review of an area: built from the store, kept, and read again while it is right."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast

import orjson
from sqlalchemy import Connection, delete, select

from data import models as m
from data import week_marks
from data.calendar.week import Week
from data.catalogue import Catalogue
from data.panels.board import is_demo
from data.panels.weekly_facts import Asked, facts_of, flaws_of, loop_of, towns_of
from data.queries.keys import Keys
from data.review.assemble import blank, review, rows_of
from data.store import Store
from data.vocabulary import LOCAL
from data.vocabulary.review import Doubt, Review

FORM = 1
"""Raised when what is kept is written otherwise."""
RUNNING = timedelta(minutes=5)
"""A page of a week whose last hours may still come is good for so long."""
p = m.review_page.c


def build(
    conn: Connection, catalogue: Catalogue, keys: Keys, week: str, area: str, now: datetime
) -> Review:
    """Return the review of a week ("2026-W47") of an area, made from the store as it is.

    Raises:
        WeekError: there is no such week; its words say what is allowed.
        KeyError: there is no such area.
    """
    asked = Asked.of(catalogue, Week.parse(week), area, now)
    mark = _mark(conn, catalogue, asked)
    demo = is_demo(conn)
    asked = asked.without_waiting(conn, keys)
    facts = facts_of(conn, keys, asked)
    if asked.week.first > asked.today:
        return blank(facts, now=now, mark=mark, demo=demo, doubt=Doubt.FUTURE)
    began = min(facts.began.values(), default=None)
    if began is not None and asked.week.last < began:
        return blank(facts, now=now, mark=mark, demo=demo, doubt=Doubt.BEFORE_DATA)
    rows = rows_of(facts)
    return review(
        facts,
        loop_of(conn, keys, asked),
        flaws_of(conn, keys, asked),
        towns_of(conn, keys, asked, facts, rows),
        rows,
        now=now,
        mark=mark,
        demo=demo,
    )


def page(
    store: Store, catalogue: Catalogue, keys: Keys, week: str, area: str, now: datetime
) -> Review:
    """Return the review of a week: the kept one while it is right, else made and kept.

    Two that make it at once do no harm; a store that cannot be written is read all the same.
    Raises as `build`.
    """
    with store.read() as conn:
        found = kept(conn, catalogue, keys, week, area, now)
        if found is not None:
            return found
        made = build(conn, catalogue, keys, week, area, now)
    keep(store, keys, made)
    return made


def kept(
    conn: Connection, catalogue: Catalogue, keys: Keys, week: str, area: str, now: datetime
) -> Review | None:
    """Return the kept review if it is right still: one row by its key, and one look at the marks.

    Raises as `build`.
    """
    asked = Asked.of(catalogue, Week.parse(week), area, now)
    query = select(p.built_at, p.mark, p.payload).where(
        p.week == asked.week.first, p.area_id == keys.areas[area]
    )
    row = conn.execute(query).first()
    if row is None or row.mark != (mark := _mark(conn, catalogue, asked)):
        return None
    if _moves(mark) and now - row.built_at > RUNNING:
        return None
    return unpack(row.payload)


def keep(store: Store, keys: Keys, made: Review) -> None:
    """Keep a review in a transaction of its own; a week of the future is not kept."""
    if Doubt.FUTURE in made["doubts"]:
        return
    week, area = date.fromisoformat(made["first"]), keys.areas[made["area"]]
    row = {
        "week": week,
        "area_id": area,
        "built_at": datetime.fromtimestamp(made["as_of"], UTC),
        "mark": made["mark"],
        "payload": pack(made),
    }
    with store.write() as conn:
        conn.execute(delete(m.review_page).where(p.week == week, p.area_id == area))
        conn.execute(m.review_page.insert(), row)


def pack(made: Review) -> bytes:
    """Return a review as it is kept."""
    return zlib.compress(orjson.dumps(made, option=orjson.OPT_NON_STR_KEYS), 6)


def unpack(payload: bytes) -> Review:
    """Return a review as it was kept; what came as a tuple is a list."""
    found = orjson.loads(zlib.decompress(payload))
    for line in found["departments"]:
        line["cards"] = {int(colour): n for colour, n in line["cards"].items()}
    return cast("Review", found)


# ---- what it was made of ----


def _mark(conn: Connection, catalogue: Catalogue, asked: Asked) -> str:
    """Return what a review is made of, in a word: another one when any of it has moved.

    Whether the week is over, which weeks up to it were counted anew, what small counts hide, and
    how the indicators are defined. Cases are looked after by the collector, see `upkeep`.
    """
    whole = "w" if asked.whole else "p"
    weeks = week_marks.mark_of(conn, asked.week.first)
    hides = _veils(conn) if any(i.small_count for i in asked.indicators.values()) else "-"
    return f"{whole}{weeks}.{hides}.{_fingerprint(catalogue)}"


def _moves(mark: str) -> bool:
    """Return whether something may still come into the week without leaving a mark."""
    return not mark.startswith("w+")


def _veils(conn: Connection) -> str:
    i = m.store_info.c
    query = select(i.key, i.value).where(i.key.between("veil:", "veil:~")).order_by(i.key)
    told = "\n".join(f"{key} {value}" for key, value in conn.execute(query).all())
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


@dataclass
class _Known:
    catalogue: Catalogue
    fingerprint: str


_known: list[_Known] = []


def _fingerprint(catalogue: Catalogue) -> str:
    """Return a word for the definitions of a catalogue; a process has one, tests have several."""
    for one in _known:
        if one.catalogue is catalogue:
            return one.fingerprint
    told = [i.model_dump(mode="json") for i in catalogue.indicators.values() if i.weekly]
    text = json.dumps([FORM, told, list(catalogue.areas), catalogue.calendar.version])
    found = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    _known[:] = [*_known[-3:], _Known(catalogue, found)]
    return found


def this_week(now: datetime) -> Week:
    """Return the week that runs."""
    return Week.of(now.astimezone(LOCAL).date())
