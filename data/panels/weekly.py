"""The weekly review of an area: built from the store, kept, and read again while it is right."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, bindparam, delete, or_, select

from data import models as m
from data import week_marks
from data.calendar.week import Week
from data.catalogue import Catalogue
from data.panels.board import is_demo
from data.panels.weekly_facts import Asked, facts_of, flaws_of, loop_of, nothing_of, towns_of
from data.queries.keys import Keys
from data.review.assemble import blank, review, rows_of
from data.store import Store
from data.vocabulary import LOCAL
from data.vocabulary.review import Review
from data.vocabulary.review_terms import Doubt

FORM = 1
"""Raised when what is kept is written otherwise."""
RUNNING = timedelta(minutes=5)
"""A page of a week whose last hours may still come is good for so long."""
_AGE, _AGE_OF_CITY = timedelta(hours=1), timedelta(minutes=10)
"""The collector makes a page again after so long: of the city while its week runs, and others."""
p = m.review_page.c
_OWN = (p.week == bindparam("week"), p.area_id == bindparam("area"))
_STANDS = select(p.built_at, p.mark).where(*_OWN)
_PAYLOAD = select(p.payload).where(*_OWN)
_i = m.store_info.c
_MARKS = select(_i.key, _i.value).where(or_(_i.key.like("veil:%"), _i.key.like(week_marks.KEYS)))
MOST_OPENED = 6
"""So many pages a process holds as they were unpacked, which is half of what one costs."""
_opened: WeakKeyDictionary[Engine, dict[tuple[date, int], tuple[tuple[str, datetime], Review]]] = (
    WeakKeyDictionary()
)


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
    if asked.week.first > asked.today:
        return blank(nothing_of(asked), now=now, mark=mark, demo=demo, doubt=Doubt.FUTURE)
    facts = facts_of(conn, keys, asked)
    began = min(facts.began.values(), default=None)
    loop = loop_of(conn, keys, asked)
    if began is not None and asked.week.last < began and not loop.stays:
        return blank(facts, now=now, mark=mark, demo=demo, doubt=Doubt.BEFORE_DATA)
    rows = rows_of(facts)
    return review(
        facts,
        loop,
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

    It is not to be changed: whoever asks next gets the same. Raises as `build`.
    """
    asked = Asked.of(catalogue, Week.parse(week), area, now)
    place = (asked.week.first, keys.areas[area])
    own = {"week": place[0], "area": place[1]}
    row = conn.execute(_STANDS, own).first()
    if row is None or row.mark != (mark := _mark(conn, catalogue, asked)):
        return None
    if _moves(mark) and now - row.built_at > RUNNING:
        return None
    mine = _opened.setdefault(conn.engine, {})
    version = (row.mark, row.built_at)
    if place not in mine or mine[place][0] != version:
        found = unpack(conn.execute(_PAYLOAD, own).scalar_one())
        mine.pop(place, None)
        for oldest in list(mine)[: len(mine) + 1 - MOST_OPENED]:
            del mine[oldest]
        mine[place] = (version, found)
    return mine[place][1]


def due(
    conn: Connection, catalogue: Catalogue, keys: Keys, now: datetime
) -> tuple[str, str] | None:
    """Return week and area of the first page that is to be made again, None if none is.

    Of the last whole week and of the one that runs, for the city and its counties: what moved
    leaves a mark, but for cases that are told late and sources that come back; so a page is made
    again after a while in any case.
    """
    running = this_week(now)
    areas = [catalogue.city.code, *(a.code for a in catalogue.counties())]
    for week in (running - 1, running):
        query = select(p.area_id, p.built_at, p.mark).where(p.week == week.first)
        rows = {row.area_id: row for row in conn.execute(query).all()}
        mark = _mark(conn, catalogue, Asked.of(catalogue, week, areas[0], now))
        for area in areas:
            row = rows.get(keys.areas[area])
            age = _AGE_OF_CITY if week == running and area == areas[0] else _AGE
            if row is None or now - row.built_at > age:
                return str(week), area
            if row.mark != mark and week != running:
                return str(week), area
    return None


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
    told = {row.key: row.value for row in conn.execute(_MARKS).all()}
    veils = sorted((key, value) for key, value in told.items() if key.startswith("veil:"))
    hides = hashlib.blake2b(repr(veils).encode(), digest_size=8).hexdigest()
    weeks = week_marks.mark_of(told, asked.week.first)
    whole = "w" if asked.whole else "p"
    return f"{whole}{weeks}.{hides}.{_fingerprint(catalogue)}"


def _moves(mark: str) -> bool:
    """Return whether something may still come into the week without leaving a mark."""
    return not mark.startswith("w+")


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
