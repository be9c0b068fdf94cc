"""What an alarm stands on: the warnings, cases and values that its evidence names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data import models as m
from data.connectors.privacy import mask
from data.queries.alarms.console_filter import House
from data.vocabulary import Disposition, Names
from data.vocabulary.alarm_console import BehindWarning

w = m.external_alert.c

MOST = 12
_IN_FORCE = (Disposition.RAISE.value, Disposition.UPDATE.value)


@dataclass(frozen=True)
class Behind:
    """Rows behind an alarm. decimals: of its first indicator."""

    warnings: list[BehindWarning] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    indicators: list[tuple[str, Names]] = field(default_factory=list)
    sources: list[tuple[str, Names]] = field(default_factory=list)
    decimals: int = 0


def behind(conn: Connection, house: House, r: Any, now: datetime) -> Behind:
    """Return the rows behind an alarm, of what its evidence and its rule name."""
    told = list(_walk(r.evidence))
    rule = house.rules.get(r.rule)
    named = told + list(_walk(rule.condition.model_dump() if rule else None))
    known = house.catalogue.indicators
    codes = dict.fromkeys(v for k, v in named if k == "indicator" and v in known)
    cases = dict.fromkeys(v for k, v in told if k in ("case", "cases", "case_no") and v)
    ids = dict.fromkeys(v for k, v in told if k in ("warning", "warnings", "identifier") and v)
    if r.cause.startswith("warning:"):
        ids.setdefault(r.cause.removeprefix("warning:"))
    first, sources = next(iter(codes), None), house.catalogue.sources
    return Behind(
        _warnings(conn, list(ids)[:MOST], now),
        list(cases)[:MOST],
        [(code, known[code].name) for code in codes],
        [(key, sources[key].name) for key in dict.fromkeys(v for k, v in told if k == "source")
         if key in sources],
        known[first].decimals if first else 0,
    )  # fmt: skip


def _walk(found: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a JSON value with the name it stands under."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield from _walk(value, str(name))
    elif isinstance(found, list | tuple):
        for value in found:
            yield from _walk(value, key)
    elif isinstance(found, str):
        yield key, found


def _warnings(conn: Connection, ids: list[str], now: datetime) -> list[BehindWarning]:
    """Return the newest message of each warning."""
    if not ids:
        return []
    query = select(m.external_alert).where(w.identifier.in_(ids)).order_by(w.sent.desc())
    newest: dict[str, Any] = {}
    for r in conn.execute(query.limit(4 * MOST)).all():
        newest.setdefault(r.identifier, r)
    return [_warning(r, now) for r in newest.values()]


def _warning(r: Any, now: datetime) -> BehindWarning:
    over = (r.expires is not None and r.expires <= now) or r.ended_at is not None
    return {
        "headline": mask(r.headline),
        "body": mask(_body(r.message)),
        "sender": mask(r.sender),
        "level": r.level,
        "sent": r.sent.timestamp(),
        "expires": r.expires.timestamp() if r.expires else None,
        "in_force": r.disposition in _IN_FORCE and r.effective <= now and not over,
    }


def _body(message: Any) -> str:
    """Return the text of a warning: its description, wherever its format puts it."""
    for key, text in _walk(message):
        if key in ("description", "content", "alertContent") and text.strip():
            return text.strip()[:1000]
    return ""
