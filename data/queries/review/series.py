"""An indicator of an area week by week, from its roll-ups."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.queries.keys import Keys
from data.queries.review.weeks import week_series
from data.review.series import Floats
from data.vocabulary import Aggregation


def weekly_series(
    conn: Connection,
    keys: Keys,
    catalogue: Catalogue,
    code: str,
    area: str,
    first: date,
    last: date,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return numerators and denominators of the weeks whose Mondays are first to last.

    nan: nothing was told of the week, or it is a small count that is not shown. Of a gauge the
    numerator is its last value; without a denominator the second array is nan.
    """
    found = week_series(conn, catalogue, keys, [code], [area], first, last)[code, area]
    gauge = catalogue.indicators[code].aggregation is Aggregation.LAST
    return (found.last if gauge else found.num), found.den
