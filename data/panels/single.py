"""One indicator of one area, as its tile shows it, on demand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.panels.tiles import scene, tile
from data.queries.evidence import evidence
from data.queries.keys import read_keys
from data.vocabulary import Evidence


def evidence_of(
    conn: Connection, catalogue: Catalogue, code: str, area: str, *, now: datetime
) -> Evidence:
    """Return the evidence of an indicator in an area.

    Raises:
        KeyError: no such indicator or area.
    """
    indicator, keys = catalogue.indicators[code], read_keys(conn)
    shown = tile(scene(conn, catalogue, keys, [indicator], [area], now=now), indicator, area)
    return evidence(conn, catalogue, keys, indicator, area, shown, now=now)
