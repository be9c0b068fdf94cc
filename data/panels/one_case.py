"""Everything the page of one case shows, put together from what is asked of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from data.cases.page import Around, Brief, CasePage, Figure, Head, LinkRow
from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.panels.board import is_demo
from data.panels.tiles import scene, tile
from data.queries.case_indicators import indicators_of
from data.queries.case_links import briefs
from data.queries.case_near import hospitals_near, near_cases, routes_near, warnings_here
from data.queries.case_page import own_case
from data.queries.case_places import Places
from data.queries.duplicates import duplicates
from data.queries.keys import Keys
from data.queries.scope import Scope
from data.vocabulary import LinkKind, Status, Tile

CAPACITY = ("HE-05", "HE-09", "HE-04", "HE-41", "HE-43", "HE-44", "HE-45")
"""Indicators of capacity, the most wanted first; none of them counts persons."""

MOST = 4


Tiles = Callable[[Sequence[Indicator], str], Mapping[str, Tile]]
"""(indicators, area code) -> the tile of each by its code"""


def one_case(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    no: str,
    *,
    scope: Scope,
    now: datetime,
    tiles: Tiles | None = None,
) -> CasePage | None:
    """Return the page of a case; None if there is none that `scope` covers.

    tiles: what its county's indicators said then, for a page that looks back.
    """
    own = own_case(conn, catalogue, keys, no, scope=scope, now=now)
    if own is None:
        return None
    places = Places(catalogue, keys)
    figures = _Figures(conn, catalogue, keys, now, tiles)
    linked = frozenset(x.ref for x in own.links if x.kind == LinkKind.WARNING and x.ref)
    near = near_cases(conn, places, own.head, case_id=own.id, scope=scope)
    about = Around(
        near=near,
        routes=routes_near(conn, places, own.head.at),
        hospitals=hospitals_near(conn, places, own.head),
        capacity=figures.capacity(own.head),
        warnings=warnings_here(conn, places, own.head, linked=linked, now=now),
        moves=figures.moved(own.head, own.links),
        duplicates=_twins(conn, places, own.id, scope),
    )
    return CasePage(
        head=own.head,
        turns=own.turns,
        holds=own.holds,
        now=now,
        clocks=own.clocks,
        asked=own.asked,
        tasks=own.tasks,
        steps=own.steps,
        links=own.links,
        cards=own.cards,
        around=about,
        departments={key: d.name for key, d in catalogue.departments.items()},
        demo=is_demo(conn),
    )


def _twins(conn: Connection, places: Places, case_id: int, scope: Scope) -> tuple[Brief, ...]:
    """Return the open cases that may be the same matter, as far as the reader may see them."""
    found = duplicates(conn, case_id)
    told = briefs(conn, places, {a.id for a in found}, scope)
    return tuple(
        replace(told[a.id], metres=a.metres, same_town=a.metres is None)
        for a in found
        if told[a.id].title is not None
    )


class _Figures:
    """Indicators of the case's county, judged as on the wall."""

    def __init__(
        self,
        conn: Connection,
        catalogue: Catalogue,
        keys: Keys,
        now: datetime,
        tiles: Tiles | None = None,
    ) -> None:
        self.conn, self.catalogue, self.keys, self.now = conn, catalogue, keys, now
        self.tiles = tiles or self._tiles_now

    def capacity(self, head: Head) -> tuple[Figure, ...]:
        """Return what the hospitals of the county report; what was never reported is left out."""
        wanted = [self.catalogue.indicators[c] for c in CAPACITY if c in self.catalogue.indicators]
        found = self._of([i for i in wanted if not i.small_count], head)
        return tuple(f for f in found if Status(f.tile["status"]) is not Status.NO_DATA)[:MOST]

    def moved(self, head: Head, links: Iterable[LinkRow]) -> tuple[Figure, ...]:
        """Return the indicators that count this case, then those of its category that do not yet.

        An indicator that somebody tied to the case stands among them.
        """
        counted = {m.indicator.code: m.counted
                   for m in indicators_of(self.catalogue, head.category, head.source)}  # fmt: skip
        tied = {x.ref for x in links if x.kind == LinkKind.INDICATOR and x.ref not in counted}
        wanted = [*counted, *sorted(t for t in tied if t in self.catalogue.indicators)]
        found = self._of([self.catalogue.indicators[code] for code in wanted], head)
        return tuple(replace(f, counted=counted.get(f.tile["code"], False)) for f in found)

    def _of(self, wanted: Sequence[Indicator], head: Head) -> tuple[Figure, ...]:
        if not wanted:
            return ()
        areas, city = self.catalogue.areas, self.catalogue.city.code
        county = self.keys.area_codes()[self.keys.county_of[self.keys.areas[head.area]]]
        found = []
        told = {
            area: self.tiles([i for i in wanted if i.rolls_up is (area == county)], area)
            for area in (county, city)
        }
        for indicator in wanted:
            area = county if indicator.rolls_up else city
            source = self.catalogue.sources[indicator.source].name
            found.append(Figure(told[area][indicator.code], area, areas[area].name, source))
        return tuple(found)

    def _tiles_now(self, wanted: Sequence[Indicator], area: str) -> Mapping[str, Tile]:
        if not wanted:
            return {}
        view = scene(self.conn, self.catalogue, self.keys, list(wanted), [area], now=self.now)
        return {one.code: tile(view, one, area) for one in wanted}
