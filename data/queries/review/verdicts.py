"""What became of a promised indicator: its weeks before and after, by control chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.indicators.spc import verdict
from data.queries.keys import Keys
from data.queries.review.series import weekly_series
from data.queries.review.weeks import breaks_in_store
from data.review.charted import kind_of
from data.review.window import Cuts, cuts_of
from data.vocabulary.review_terms import Doubt, Verdict

WEEKS_BEFORE = 52
"""Limits stand on so many weeks before a promise, fewer where there are not as many."""


@dataclass(frozen=True)
class Followed:
    """What followed a promise; before, after: shown units, a ratio is Σ over Σ."""

    verdict: Verdict
    doubt: Doubt | None = None
    before: float | None = None
    after: float | None = None
    weeks: int = 0


def followed_by(
    conn: Connection, catalogue: Catalogue, keys: Keys, code: str, area: str, expected: str,
    made: date, last: date,
) -> Followed:  # fmt: skip
    """Return what followed a promise made in the review of the week `made`, up to the week `last`.

    The week of the review was over, or is still running: what follows begins with the next one.
    """
    indicator = catalogue.indicators.get(code)
    if indicator is None:
        return Followed(Verdict.UNKNOWN, Doubt.NO_DATA)
    first = made - timedelta(weeks=WEEKS_BEFORE - 1)
    num, den = weekly_series(conn, keys, catalogue, code, area, first, max(last, made))
    running = (last - first).days // 7 + 1
    num[running:] = den[running:] = np.nan
    if not np.isfinite(num).any():
        return Followed(Verdict.UNKNOWN, Doubt.NO_DATA)
    cuts = cuts_of(indicator, breaks_in_store(conn, keys, [code]).get(code, ()), first)
    num[_mixed(cuts, len(num))] = np.nan
    told = verdict(
        num,
        min(WEEKS_BEFORE, len(num)),
        expected=expected,
        kind=kind_of(indicator),
        denominators=den if indicator.denominator is not None else None,
        breaks=[place for place in cuts.starts if place < len(num)],
        scale=indicator.factor,
    )
    return Followed(*told)


def _mixed(cuts: Cuts, weeks: int) -> list[int]:
    """Return the weeks of two definitions: they are of neither."""
    return [place for place in cuts.mixed if place < weeks]
