"""One page of a list, and how its entries are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from data.catalogue import Catalogue
from data.catalogue.nearest import did_you_mean
from data.queries.api_params import AskedError, make_cursor, read_cursor
from data.vocabulary import LOCAL

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """Entries in order; cursor names the place after the last one, None at the end."""

    items: list[dict[str, Any]] = field(default_factory=list)
    cursor: str | None = None


def page_of(
    entries: Iterable[T],
    key: Callable[[T], str],
    shape: Callable[[T], dict[str, Any]],
    *,
    limit: int,
    cursor: str | None,
) -> Page:
    """Return a page of a list that is held in memory, ordered by its key."""
    place = read_cursor(cursor, (str,))
    rows = sorted((e for e in entries if place is None or key(e) > place[0]), key=key)
    more = len(rows) > limit
    following = make_cursor([key(rows[limit - 1])]) if more else None
    return Page([shape(e) for e in rows[:limit]], following)


def moment(at: datetime | None) -> str | None:
    """Return an instant with the city's own offset, to the second."""
    return at.astimezone(LOCAL).replace(microsecond=0).isoformat() if at else None


def known(what: str, codes: Iterable[str], there: Mapping[str, Any]) -> list[str]:
    """Return the codes; raise AskedError, with the nearest ones, for one that does not exist."""
    wanted = list(codes)
    for code in wanted:
        if code not in there:
            hint = did_you_mean(code, there)
            raise AskedError(what, f"there is none called {code}{'; ' if hint else ''}{hint}")
    return wanted


def area_codes(catalogue: Catalogue, wanted: Iterable[str], *, descendants: bool) -> set[str]:
    """Return the areas asked for, with all below them if wanted.

    Raises:
        AskedError: there is no such area.
    """
    named = set(known("area", wanted, catalogue.areas))
    if not descendants:
        return named
    found = set(named)
    for area in sorted(catalogue.areas.values(), key=lambda a: a.level):
        if area.parent in found:
            found.add(area.code)
    return found


def ancestors(catalogue: Catalogue, code: str) -> set[str]:
    """Return the areas above an area."""
    found, above = set(), catalogue.areas[code].parent
    while above:
        found.add(above)
        above = catalogue.areas[above].parent
    return found
