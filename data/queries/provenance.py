"""From a stored fact to the run, the fetch and the record of the file that brought it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, or_, select

from data import models as m
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.catalogue.mapping import Mapping
from data.connectors.registry import connector_of
from data.indicators.value import value_of
from data.queries.hidden import Veil, few
from data.queries.keys import Keys
from data.queries.raw import excerpt_of, mapping_of
from data.settings import settings
from data.tables.registry import row_word
from data.vocabulary import EvidenceLink, Grain, period_end

CASES = 8
"""Cases listed behind a count, newest first."""


@dataclass(frozen=True)
class Tracer:
    """Walks facts of one indicator back to their files; what is hidden is left out."""

    conn: Connection
    catalogue: Catalogue
    keys: Keys
    indicator: Indicator
    veil: Veil
    open: bool = False
    """A steward sees what others may not."""

    def hides(self, area: str, grain: Grain, start: datetime) -> bool:
        """Return whether a value of this indicator must not be shown to who asks."""
        return not self.open and self.veil.hides(self.indicator.code, area, grain, start)

    def link(self, row: Any) -> EvidenceLink:
        """Return one observation with its run, its file, its place there and the record itself."""
        code, grain = self.keys.area_codes()[row.area_id], Grain(row.grain)
        fact, source = self.indicator, self.catalogue.sources[self.indicator.source]
        hidden = self.hides(code, grain, row.period_start)
        hidden = hidden or (not self.open and few(fact, row.num, row.den))
        run = run_of(self.conn, row.run_id)
        mapping = mapping_of(run.summary) if run else None
        reads = connector_of(source.connector, run.origin if run else None)
        reads = "table" if mapping else reads
        return {
            "area": self.catalogue.areas[code].name,
            "area_code": code,
            "grain": int(grain),
            "period_start": row.period_start.timestamp(),
            "period_end": period_end(row.period_start, grain).timestamp(),
            "value": None
            if hidden
            else value_of((row.num, row.den), fact.aggregation, fact.factor),
            "numerator": None if hidden else row.num,
            "denominator": None if hidden else row.den,
            "hidden": hidden,
            "revision": row.rev,
            "recorded_at": row.recorded_at.timestamp(),
            "source": source.name,
            "run_id": row.run_id,
            "as_of": _epoch(run.as_of) if run else None,
            "fetch_id": run.fetch_id if run else None,
            "sha256": run.sha256 if run else None,
            "received_at": _epoch(run.received_at) if run else None,
            "origin": run.origin if run else None,
            "row_word": row_word(reads),
            "row": row.row_no,
            "line": None,
            "excerpt": self._record(run, row, reads, mapping or self._mapping()),
            "let_go": let_go(run, source.kept_days(settings().raw_days)),
        }

    def _record(self, run: Any, row: Any, connector: str, mapping: Mapping | None) -> str | None:
        """Return the record in the file, or the cases counted; of protected counts neither."""
        if self.indicator.small_count and not self.open:
            return None
        text = None
        if row.row_no is not None and run is not None and run.kept:
            text = excerpt_of(self.conn, run.fetch_id, connector, row.row_no, mapping)
        if text is None and self.indicator.feed.kind == "cases":
            text = self._cases(row)
        return text

    def _mapping(self) -> Mapping | None:
        source = self.catalogue.sources[self.indicator.source]
        return self.catalogue.mappings.get(source.mapping or "")

    def _cases(self, row: Any) -> str | None:
        """Return the newest cases that a count is made of, one a line."""
        c, feed = m.cases.c, self.indicator.feed
        chosen = [
            c.source_id == self.keys.sources[self.indicator.source],
            c.category_id.in_([self.keys.categories[x] for x in feed.categories]),
            c.county_id == row.area_id,
        ]
        if feed.measure in ("open", "overdue"):
            chosen.append(c.closed_at.is_(None))
            if feed.measure == "overdue":
                chosen.append(c.due_at < row.period_start)
        else:
            when = {"received": c.reported_at, "share": c.reported_at, "due_on_time": c.due_at}
            at = when.get(feed.measure, c.closed_at)
            end = period_end(row.period_start, Grain(row.grain))
            chosen += [at >= row.period_start, at < end]
        query = select(c.case_no, c.reported_at, c.stage).where(*chosen)
        rows = self.conn.execute(query.order_by(c.reported_at.desc()).limit(CASES)).all()
        return "\n".join(f"{x.case_no}  {x.stage}" for x in rows) or None


def run_of(conn: Connection, run_id: int) -> Any:
    """Return a run with its fetch, None if there is none."""
    r, f = m.ingest_run.c, m.fetch.c
    parts = exists().where(m.fetch_part.c.fetch_id == f.id)
    kept = or_(f.raw.is_not(None), parts).label("kept")
    query = (
        select(
            r.fetch_id, r.sha256, r.as_of, f.received_at, f.last_seen_at, f.origin, r.summary, kept
        )
        .outerjoin(m.fetch, f.id == r.fetch_id)
        .where(r.id == run_id)
    )
    return conn.execute(query).first()


def let_go(run: Any, days: int) -> float | None:
    """Return when the bytes of a file were let go; None while they are kept. days: kept for."""
    if run is None or run.kept or run.received_at is None:
        return None
    return float((run.received_at + timedelta(days=days)).timestamp())


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
