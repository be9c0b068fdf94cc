"""A mark beside each protected indicator that says whether its hidden cells may have changed.

What must not be shown is decided from closed hours alone, so a poll that only counts the running
hour on changes nothing. The mark names that hour and a token; the token is another one after
every write that changed anything else, in the same transaction. It is drawn by chance, so that
what was decided in a transaction that did not happen is never taken for what is stored.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, String, and_, bindparam, cast, literal, select

from data import models as m
from data.vocabulary import LOCAL, Grain, period_end

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_i, _lt = m.store_info.c, m.latest.c
_VALUE = select(_i.value).where(_i.key == bindparam("key"))
_ALL = select(_i.key).where(_i.key.like("veil:%"))
_NEWEST = select(_lt.indicator_id, _lt.period_start, _lt.known_at).where(
    _lt.indicator_id.in_(bindparam("ids", expanding=True)), _lt.grain <= int(Grain.HOUR)
)
_MARKS = (
    select(_i.key, _lt.indicator_id, _lt.period_start, _lt.known_at, _i.value)
    .join(m.latest, and_(
        _i.key == literal("veil:").concat(cast(_lt.indicator_id, String)),
        _lt.indicator_id.in_(bindparam("ids", expanding=True)), _lt.grain <= int(Grain.HOUR),
    ), isouter=True)
    .where(_i.key.in_(bindparam("keys", expanding=True)))
)  # fmt: skip
"""Both at once: a poll asks with each of its turns."""
_kept: WeakKeyDictionary[Engine, frozenset[int]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Mark:
    """How far an indicator is told by the hour. token: None when nobody keeps it up."""

    token: str | None
    newest: datetime | None
    """The newest hour; None of an indicator that is told by the day or longer."""
    open: bool = False
    """Some area told that hour before it was over: it is still counted on."""


def protect(conn: Connection, indicators: Iterable[int]) -> None:
    """Keep a mark for these indicators, and for no others."""
    _kept.pop(conn.engine, None)
    wanted = {_key(i): i for i in indicators}
    known = {key for (key,) in conn.execute(_ALL)}
    for key in sorted(known - set(wanted)):
        conn.execute(m.store_info.delete().where(_i.key == key))
        h = m.hidden_month.c
        conn.execute(m.hidden_month.delete().where(h.indicator_id == int(key.partition(":")[2])))
    fresh = sorted(set(wanted) - known)
    told = _told(conn, [wanted[key] for key in fresh])
    for key in fresh:
        value = _written(told[wanted[key]])
        conn.execute(m.store_info.insert().values(key=key, value=value))


def raise_marks(
    conn: Connection,
    indicators: Iterable[int],
    starts: Iterable[tuple[Grain, datetime]] = (),
    *,
    always: bool = False,
) -> None:
    """Say that facts or roll-ups changed that begin at `starts`; call it once `latest` moved.

    Costs unprotected indicators nothing. always: whatever changed, decide anew.
    """
    ids = sorted(_protected(conn).intersection(indicators))
    if not ids:
        return
    starts = list(starts)
    hours = {at.replace(minute=0, second=0) if g <= Grain.HOUR else None for g, at in starts}
    asked = conn.execute(_MARKS, {"ids": ids, "keys": [_key(i) for i in ids]}).all()
    told = _newest((r[1:] for r in asked if r[1] is not None), ids)
    _forget(conn, told, None if always else {x for g, at in starts for x in _months(g, at)})
    values = {key: value for key, *_hour, value in asked}
    for i in ids:
        now, before = told[i], _read(values.get(_key(i)))
        only_open = now.open and hours <= {now.newest}
        if always or not only_open or (now.newest, now.open) != (before.newest, before.open):
            row = m.store_info.update().where(_i.key == _key(i))
            conn.execute(row.values(value=_written(now)))


def is_past(month: date, mark: Mark) -> bool:
    """Return whether the weeks that a month touches are over for an indicator: little changes."""
    if mark.newest is None:
        return False
    last = _next(month) - _DAY
    return last + timedelta(days=6 - last.weekday()) < mark.newest.astimezone(LOCAL).date()


def _forget(conn: Connection, told: Mapping[int, Mark], months: set[date] | None) -> None:
    """Let go of what was decided of past months that changed; None: of all."""
    h = m.hidden_month.c
    for i, mark in told.items():
        past = None if months is None else sorted(x for x in months if is_past(x, mark))
        if past is None:
            conn.execute(m.hidden_month.delete().where(h.indicator_id == i))
        elif past:
            gone = m.hidden_month.delete().where(h.indicator_id == i, h.month.in_(past))
            conn.execute(gone)


def _months(grain: Grain, start: datetime) -> set[date]:
    """Return the months whose weeks a period touches: what is decided of them reads it."""
    first = start.astimezone(LOCAL).date()
    last = _next(first.replace(day=1)) - _DAY if grain > Grain.WEEK else first
    if grain > Grain.MONTH:
        last = period_end(start, grain).date()
    monday = first - timedelta(days=first.weekday())
    sunday = last + timedelta(days=6 - last.weekday())
    found, month = set(), monday.replace(day=1)
    while month <= sunday:
        found.add(month)
        month = _next(month)
    return found


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def read_mark(conn: Connection, indicator: int) -> Mark:
    """Return the mark of an indicator."""
    value = conn.execute(_VALUE, {"key": _key(indicator)}).scalar()
    return _told(conn, [indicator])[indicator] if value is None else _read(value)


def _protected(conn: Connection) -> frozenset[int]:
    known = _kept.get(conn.engine)
    if known is None:
        known = frozenset(int(key.partition(":")[2]) for (key,) in conn.execute(_ALL))
        if known:
            _kept[conn.engine] = known
    return known


def _told(conn: Connection, ids: list[int]) -> dict[int, Mark]:
    """Return the newest hour of each indicator, and whether each area told it to its end."""
    return _newest(conn.execute(_NEWEST, {"ids": ids}).all() if ids else (), ids)


def _newest(hours: Iterable[Any], ids: Iterable[int]) -> dict[int, Mark]:
    found = {i: Mark(None, None) for i in ids}
    for i, start, known_at, *_ in hours:
        hour = start.astimezone(UTC).replace(minute=0, second=0)
        newest, runs = found[i].newest, known_at < hour + _HOUR
        if newest is None or hour >= newest:
            found[i] = Mark(None, hour, runs or (hour == newest and found[i].open))
    return found


def _key(indicator: int) -> str:
    return f"veil:{indicator}"


def _written(mark: Mark) -> str:
    at = "-" if mark.newest is None else int(mark.newest.timestamp())
    return f"{secrets.token_hex(8)} {at} {int(mark.open)}"


def _read(value: str | None) -> Mark:
    if value is None:
        return Mark(None, None)
    token, at, runs = value.split()
    newest = None if at == "-" else datetime.fromtimestamp(int(at), UTC)
    return Mark(token, newest, runs == "1")
