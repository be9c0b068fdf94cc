"""The book of findings: open one, see it again, end it when its cause is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from data import models as m


@dataclass(frozen=True)
class Found:
    """What a rule says now of a source, an indicator of it, an area of it."""

    kind: str
    source_id: int
    indicator_id: int | None = None
    area_id: int | None = None
    value: str = ""
    detail: str = ""
    run_id: int | None = None

    @property
    def key(self) -> tuple[int, str, int | None, int | None]:
        """What makes it the same finding as before."""
        return self.source_id, self.kind, self.indicator_id, self.area_id


Looked = Callable[[Row[Any]], bool]
"""Whether a standing finding was looked for this time: only then can it end."""


def write_findings(
    conn: Connection, found: Sequence[Found], looked: Looked, *, now: datetime
) -> tuple[int, int, int]:
    """Bring the book in step with what was found; return (opened, seen again, ended)."""
    f = m.quality_finding.c
    standing = conn.execute(select(m.quality_finding).where(f.ended_at.is_(None))).all()
    known = {(r.source_id, r.kind, r.indicator_id, r.area_id): r for r in standing}
    by_key = {x.key: x for x in found}
    for key in by_key.keys() & known.keys():
        values = _values(by_key[key]) | {"last_seen": now, "times": known[key].times + 1}
        chosen = m.quality_finding.update().where(f.id == known[key].id)
        conn.execute(chosen.values(values))
    new = [_row(x, now) for key, x in by_key.items() if key not in known]
    if new:
        conn.execute(m.quality_finding.insert(), new)
    gone = [r.id for key, r in known.items() if key not in by_key and looked(r)]
    for start in range(0, len(gone), 500):
        part = m.quality_finding.update().where(f.id.in_(gone[start : start + 500]))
        conn.execute(part.values(ended_at=now))
    return len(new), len(by_key) - len(new), len(gone)


def _values(x: Found) -> dict[str, Any]:
    return {"value": x.value[:200] or None, "detail": x.detail[:500], "run_id": x.run_id}


def _row(x: Found, now: datetime) -> dict[str, Any]:
    return {
        "source_id": x.source_id,
        "indicator_id": x.indicator_id,
        "area_id": x.area_id,
        "kind": x.kind,
        "first_seen": now,
        "last_seen": now,
        **_values(x),
    }
