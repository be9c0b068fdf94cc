"""What was found in a table, for people and for the run's record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.tables.case_rows import CaseReader, CaseTally
from data.tables.facts import FactReader
from data.vocabulary import Grain

if TYPE_CHECKING:
    from data.tables.stream import Reading

LISTED = 200
"""Rows listed by number in a summary."""


def summary_of(reading: Reading) -> dict[str, Any]:
    """Return the facts of the whole table, JSON-ready."""
    reader = reading.reader
    facts: dict[str, Any] = {
        "kind": reading.kind,
        "encoding": reading.encoding or None,
        "delimiter": reading.delimiter or None,
        "sheet": reading.sheet,
        "layout": reading.mapping.layout,
        "header_rows": reading.layout.header if reading.layout else [],
        "preamble_rows": reading.layout.preamble if reading.layout else [],
        "columns": len(reading.header.names) if reading.header else 0,
        "duplicate_headers": reading.header.doubled if reading.header else {},
        "doubts": reading.doubts,
    }
    if reader is None:
        return facts
    tally = reader.tally
    facts |= {
        "rows": tally.rows,
        "total_rows": tally.total_rows[:LISTED],
        "note_rows": tally.note_rows[:LISTED],
        "blank_rows": tally.blank,
        "short_rows": tally.short_rows,
    }
    return facts | (_cases(reader.tally) if isinstance(reader, CaseReader) else _facts(reader))


def _facts(reader: FactReader) -> dict[str, Any]:
    tally = reader.tally
    return {
        "facts": tally.facts,
        "missing": tally.missing,
        "suppressed": tally.suppressed,
        "indicators": dict(sorted(tally.indicators.items())),
        "areas": dict(sorted(tally.areas.items())),
        "grains": {Grain(int(g)).name.lower(): n for g, n in sorted(tally.grains.items())},
        "periods": {
            "first": tally.first.isoformat() if tally.first is not None else None,
            "last": tally.last.isoformat() if tally.last is not None else None,
        },
        "unused_columns": reader.plan.unused[:LISTED],
    }


def _cases(tally: CaseTally) -> dict[str, Any]:
    return {
        "requests": tally.accepted,
        "statuses": dict(tally.statuses.most_common(LISTED)),
        "types": len(tally.categories),
        "categories": dict(tally.categories.most_common(LISTED)),
        "duplicates": tally.duplicates,
        "rounded_positions": dict(tally.rounded.most_common(20)),
    }
