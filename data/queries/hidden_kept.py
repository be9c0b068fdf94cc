"""What stands in the store of past months: decided once, read by every process.

A row holds what one set of rules made of one month; `data.veil` removes it in the transaction
that changes anything it was made of.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Connection, Engine, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.suppression_table import Cell
from data.vocabulary import Grain

RULES = 1
"""Counted up when the rules of suppression change: what older ones decided is decided again."""
MOST = 2000

h = m.hidden_month.c
_read: WeakKeyDictionary[Engine, dict[tuple[int, date], tuple[str, frozenset[Cell]]]] = (
    WeakKeyDictionary()
)


@dataclass(frozen=True)
class Decision:
    """One month of one indicator, decided in full."""

    indicator: int
    month: date
    by: str
    cells: frozenset[Cell]


def rules_of(catalogue: Catalogue, indicator: Indicator) -> str:
    """Return what a decision depends on besides the stored values."""
    tree = [(a.code, a.parent) for a in catalogue.areas.values()]
    told = (
        RULES, indicator.small_count, indicator.rolls_up, indicator.aggregation.value,
        indicator.denominator is None, tree,
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()


def past_months(conn: Connection, indicator: int, by: str) -> dict[date, frozenset[Cell]]:
    """Return the hidden cells (days and longer) of every month that stands decided by `by`."""
    rows = conn.execute(
        select(h.month, h.token).where(h.indicator_id == indicator, h.by == by)
    ).all()
    known = _read.setdefault(conn.engine, {})
    if len(known) > MOST:
        known.clear()
    fresh = [month for month, token in rows if known.get((indicator, month), ("",))[0] != token]
    for month, token, packed in _cells(conn, indicator, fresh) if fresh else ():
        known[indicator, month] = (token, _unpacked(packed))
    found = {}
    for month, token in rows:
        kept = known.get((indicator, month))
        if kept is not None and kept[0] == token:  # it may have gone between the two questions
            found[month] = kept[1]
    return found


def rules_until(by: str, token: str) -> str:
    """Return what a decision of a month that still moves depends on: also the mark's token."""
    return hashlib.sha256(f"{by} {token}".encode()).hexdigest()


def running_month(conn: Connection, indicator: int, month: date, by: str) -> frozenset[Cell] | None:
    """Return the hidden cells of a month that still moves, its hours too; None: not by `by`."""
    chosen = (h.indicator_id == indicator, h.month == month, h.by == by)
    packed = conn.execute(select(h.cells).where(*chosen)).scalar()
    return None if packed is None else _unpacked(packed)


def _cells(
    conn: Connection, indicator: int, months: list[date]
) -> Iterable[tuple[date, str, bytes]]:
    chosen = (h.indicator_id == indicator, h.month.in_(months))
    return [tuple(r) for r in conn.execute(select(h.month, h.token, h.cells).where(*chosen))]


def keep(conn: Connection, decisions: Collection[Decision]) -> None:
    """Write decisions over what stood of their months."""
    for one in decisions:
        gone = h.indicator_id == one.indicator, h.month == one.month
        conn.execute(m.hidden_month.delete().where(*gone))
    rows = [
        {
            "indicator_id": one.indicator,
            "month": one.month,
            "by": one.by,
            "token": secrets.token_hex(8),
            "cells": _packed(one.cells),
        }
        for one in decisions
    ]
    if rows:
        conn.execute(m.hidden_month.insert(), rows)


def _packed(cells: frozenset[Cell]) -> bytes:
    told: dict[str, dict[str, list[int]]] = {}
    for grain, area, place in sorted(cells):
        told.setdefault(str(int(grain)), {}).setdefault(area, []).append(place)
    return zlib.compress(orjson.dumps(told), 6)


def _unpacked(packed: bytes) -> frozenset[Cell]:
    told = orjson.loads(zlib.decompress(packed))
    return frozenset(
        (Grain(int(grain)), area, place)
        for grain, areas in told.items()
        for area, places in areas.items()
        for place in places
    )
