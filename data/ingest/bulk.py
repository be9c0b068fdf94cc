"""Load years of history in one go: straight into the tables, roll-ups rebuilt once at the end."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, pairwise, repeat
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from data import geo, rollups
from data import models as m
from data.cases import mirror
from data.catalogue import Catalogue
from data.connectors.records import ServiceRequest
from data.ingest import cases
from data.ingest.case_moves import COUNTERS, action_of
from data.ingest.copying import Column, copy_columns, copy_rows, epoch
from data.ingest.reference import prepare_partitions
from data.queries.keys import Keys, read_keys
from data.vocabulary import STAGE_OF, CaseState, Grain

Steps = list[tuple[CaseState, datetime]]
History = Iterable[tuple[str, ServiceRequest, Steps]]
"""source key, request as it stands now, the states it went through"""

CHUNK = 5000


@dataclass(frozen=True)
class Series:
    """A stretch of one indicator: parallel arrays of areas, epoch seconds and counts."""

    indicator: str
    grain: Grain
    area: Any
    period_start: Any
    numerator: Any
    denominator: Any | None


def begin_run(
    conn: Connection, keys: Keys, source: str, note: dict[str, Any], *, now: datetime
) -> int:
    """Record a bulk load as a fetch and a run of `source`, so that lineage holds for it too."""
    body = json.dumps({"source": source, **note}, ensure_ascii=False, sort_keys=True).encode()
    sha, source_id = hashlib.sha256(body).hexdigest(), keys.sources[source]
    fetch_id = conn.execute(
        m.fetch.insert()
        .values(
            source_id=source_id,
            received_at=now,
            last_seen_at=now,
            origin="bulk load",
            sha256=sha,
            size=len(body),
            raw=zlib.compress(body),
        )
        .returning(m.fetch.c.id)
    ).scalar_one()
    run = m.ingest_run.insert().values(
        source_id=source_id,
        fetch_id=fetch_id,
        sha256=sha,
        as_of=now,
        recorded_at=now,
        status="ok",
        summary=note,
    )
    return int(conn.execute(run.returning(m.ingest_run.c.id)).scalar_one())


def load_series(
    conn: Connection, blocks: Iterable[Series], runs: dict[str, int], catalogue: Catalogue, *,
    now: datetime,
) -> int:  # fmt: skip
    """Insert new observations block by block and rebuild what is derived; return the rows."""
    keys = read_keys(conn)
    area_id = np.vectorize(keys.areas.__getitem__, otypes=[np.int64])
    total = 0
    starts: dict[int, set[tuple[Grain, int]]] = {}
    for block in blocks:
        source = catalogue.indicators[block.indicator].source
        indicator = keys.indicators[block.indicator]
        rows = _sorted(block, area_id(np.asarray(block.area)))
        first, last = int(np.min(block.period_start)), int(np.max(block.period_start))
        prepare_partitions(
            conn, datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
        )
        fixed = {
            "indicator_id": indicator, "grain": int(block.grain), "recorded_at": epoch(now),
            "run_id": runs[source], "source_id": keys.sources[source],
        }  # fmt: skip
        _insert(conn, rows, fixed)
        instants = np.unique(np.asarray(block.period_start)).tolist()
        starts.setdefault(indicator, set()).update((block.grain, at) for at in instants)
        total += len(rows.area)
    _latest(conn, sorted(starts))
    _rebuild(conn, starts)
    return total


def _sorted(block: Series, areas: Any) -> Series:
    """Return the block by area and time, as the table keeps it."""
    starts = np.asarray(block.period_start)
    order = np.lexsort((starts, areas))
    den = None if block.denominator is None else np.asarray(block.denominator, dtype=float)[order]
    nums = np.asarray(block.numerator, dtype=float)[order]
    return Series(block.indicator, block.grain, areas[order], starts[order], nums, den)


def _insert(conn: Connection, rows: Series, fixed: dict[str, int]) -> None:
    if conn.dialect.name == "postgresql":
        none = np.broadcast_to(np.True_, len(rows.area))
        den = Column("den", "double", rows.denominator)
        if rows.denominator is None:
            den = Column("den", "double", 0.0, none)
        columns = [
            Column("area_id", "smallint", rows.area),
            Column("period_start", "instant", rows.period_start),
            Column("num", "double", rows.numerator),
            den,
            *(Column(name, _KINDS[name], value) for name, value in fixed.items()),
        ]
        copy_columns(conn, "observation", columns, len(rows.area))
        return
    raw: Any = conn.connection.driver_connection
    dens = repeat(None) if rows.denominator is None else rows.denominator.tolist()
    raw.cursor().executemany(
        "insert into observation (area_id, period_start, num, den,"
        f" {', '.join(fixed)}) values (?,?,?,?{',?' * len(fixed)})",
        zip(
            rows.area.tolist(), rows.period_start.tolist(), rows.numerator.tolist(), dens,
            *(repeat(value) for value in fixed.values()),
            strict=False,
        ),
    )  # fmt: skip


_KINDS = {
    "indicator_id": "smallint", "grain": "smallint", "recorded_at": "instant",
    "run_id": "bigint", "source_id": "smallint",
}  # fmt: skip


def _latest(conn: Connection, indicators: list[int]) -> None:
    """Point `latest` at the newest row of each native area; known when its period was over."""
    seconds = "(case grain when 1 then 60 when 2 then 3600 when 3 then 86400 else 604800 end)"
    sqlite = conn.dialect.name == "sqlite"
    over = f"period_start + {seconds}" + ("" if sqlite else " * interval '1 second'")
    for indicator in indicators:
        conn.execute(
            text(
                f"""insert into latest (indicator_id, area_id, period_start, known_at, grain,
                    num, den, flag, run_id)
                  select indicator_id, area_id, period_start, {over}, grain, num, den,
                    flag, run_id
                  from (select o.*, row_number() over (partition by area_id
                          order by period_start desc, grain) place
                        from observation o where indicator_id = :i) n where place = 1
                  on conflict (indicator_id, area_id) do update set
                    period_start = excluded.period_start, known_at = excluded.known_at,
                    grain = excluded.grain, num = excluded.num, den = excluded.den,
                    flag = excluded.flag, run_id = excluded.run_id
                  where excluded.period_start >= latest.period_start"""
            ),
            {"i": indicator},
        )


def _rebuild(conn: Connection, starts: dict[int, set[tuple[Grain, int]]]) -> None:
    for indicator, found in starts.items():
        instants = [(g, datetime.fromtimestamp(at, UTC)) for g, at in found]
        rollups.refresh(conn, rollups.touched((indicator, g, at) for g, at in instants))


def load_cases(
    conn: Connection,
    history: History,
    runs: dict[str, int],
    catalogue: Catalogue,
    *,
    since: datetime,
    now: datetime,
) -> int:
    """Insert past cases with their events; counts from `since` on are complete."""
    keys, total = read_keys(conn), 0
    intakes = {
        key: cases.Intake(catalogue.sources[key], catalogue, keys, run, now)
        for key, run in runs.items()
    }
    following = (conn.execute(text("select max(id) from cases")).scalar() or 0) + 1
    places: dict[str, str | None] = {}
    for chunk in _chunks(iter(history), CHUNK):
        rows, events = [], []
        for key, request, steps in chunk:
            row = _case_row(request, intakes[key], places)
            if row is None:
                continue
            rows.append({**row, **_counters(steps), "id": following, "version": len(steps)})
            events += _events(following, row, steps, intakes[key])
            following += 1
        _bulk(conn, m.cases, rows)
        _bulk(conn, m.case_event, events)
        total += len(rows)
    if conn.dialect.name == "postgresql":
        conn.execute(text("select setval(pg_get_serial_sequence('cases', 'id'), :n)"),
                     {"n": following})  # fmt: skip
    for key in runs:
        conn.execute(
            m.store_info.insert().values(key=f"cases_since:{key}", value=since.isoformat())
        )
    return total


def _bulk(conn: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows and conn.dialect.name == "postgresql":
        copy_rows(conn, table.name, rows)
    elif rows:
        conn.execute(table.insert(), rows)


def _chunks(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _case_row(
    request: ServiceRequest, intake: cases.Intake, places: dict[str, str | None]
) -> dict[str, Any] | None:
    code = intake.source.categories.get(request.service_code)
    position = cases.position_of(request, intake.source)
    if request.address not in places:
        places[request.address] = geo.area_of(request.address, *position)
    area = places[request.address]
    if code is None or area is None:
        return None
    values = cases.case_values(request, code, area, position, intake)
    case_no = cases.case_number(intake.source.key, request.request_id)
    return {**values, "case_no": case_no, "recorded_at": intake.now, "run_id": intake.run_id}


def _counters(steps: Steps) -> dict[str, Any]:
    """Return how often the case was sent back, set aside and done again."""
    found: dict[str, Any] = dict.fromkeys(COUNTERS, 0)
    for (before, _), (after, _) in pairwise(steps):
        for name in mirror.counted(before, after):
            found[name] += 1
    return found


def _events(
    case_id: int, row: dict[str, Any], steps: Steps, intake: cases.Intake
) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    before: CaseState | None = None
    for seq, (state, at) in enumerate(steps, 1):
        events.append(
            {
                "case_id": case_id,
                "seq": seq,
                "at": at,
                "recorded_at": intake.now,
                "actor": intake.source.key,
                "action": "reported" if seq == 1 else action_of(before, state),
                "from_stage": STAGE_OF[before].value if before else None,
                "to_stage": STAGE_OF[state].value,
                "from_state": before.value if before else None,
                "to_state": state.value,
                "holder": mirror.holder_of(state).value,
                "department_id": row["department_id"],
                "run_id": intake.run_id,
            }
        )
        before = state
    return events
