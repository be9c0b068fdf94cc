"""Which indicators a case moves: those whose counts it is in."""

from __future__ import annotations

from dataclasses import dataclass

from data.catalogue import Catalogue
from data.catalogue.entries import Indicator


@dataclass(frozen=True)
class Moved:
    """An indicator of a case's category. counted: it counts cases of this case's source."""

    indicator: Indicator
    counted: bool


def indicators_of(catalogue: Catalogue, category: str, source: str) -> list[Moved]:
    """Return the indicators that count cases of a category, those that count this one first.

    An indicator counts what its own source told; a case made by hand is in none of them yet.
    """
    found = [
        Moved(i, i.source == source)
        for i in catalogue.indicators.values()
        if i.feed.kind == "cases" and category in (*i.feed.categories, *i.feed.of)
    ]
    return sorted(found, key=lambda x: not x.counted)
