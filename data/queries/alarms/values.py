"""Values and normal bands of the indicators that rules name, by area and window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, TextClause, bindparam, text

from data.alarms.conditions import baseline
from data.alarms.facts import AHEAD, NOTHING, Doubt, Measured, Row
from data.alarms.judging import City
from data.alarms.plan import Needs
from data.catalogue.entries import Indicator
from data.indicators.band import Band, slot
from data.indicators.calendar import is_day_off
from data.indicators.value import Counts, add_areas, value_of
from data.models.columns import Instant, LocalDay
from data.queries.hidden import Veil
from data.queries.keys import Keys
from data.queries.protected import today_shown
from data.vocabulary import LOCAL, Aggregation, Grain, period_end

HOUR = timedelta(hours=1)
GONE = timedelta(days=7)
"""An area not heard for longer is not missed in a total any more."""
Key = tuple[str, str, str]


class Native(NamedTuple):
    """The newest observation of one reporting area."""

    area: int
    start: datetime
    known: datetime
    grain: int
    num: float
    den: float | None


Bucket = tuple[float, float | None, float | None]
"""num, den, last"""


@dataclass(frozen=True)
class View:
    """What values are made of. hours: by indicator id, area id and epoch second."""

    city: City
    keys: Keys
    now: datetime
    natives: dict[int, list[Native]]
    hours: dict[tuple[int, int], dict[int, Bucket]]
    days: dict[tuple[int, int], Counts]
    veil: Veil
    codes: dict[int, str]

    @property
    def present(self) -> datetime:
        """The start of the running hour."""
        return self.now.replace(minute=0, second=0, microsecond=0)

    def of(self, indicator: Indicator, area: str) -> list[Native]:
        """Return the reporting areas at or below an area."""
        iid, own = self.keys.indicators[indicator.code], self.keys.areas[area]
        every = self.natives.get(iid, [])
        if not indicator.rolls_up:
            return [n for n in every if n.area == own]
        if area == self.city.code:
            return every
        county = self.keys.county_of
        return [n for n in every if n.area == own or county[n.area] == own]


def read_values(
    conn: Connection, city: City, keys: Keys, needs: Needs, now: datetime
) -> tuple[dict[Key, Measured], dict[tuple[str, str], Band]]:
    """Return the values by indicator, area and window, and the bands of the hours compared."""
    view, bands = _view(conn, city, keys, needs, now)
    areas = (city.code, *city.counties)
    measured = {
        (code, area, window): _WINDOWS[window](view, city.catalogue.indicators[code], area)
        for code, window in needs.values
        for area in areas
    }
    return measured, bands


def _view(
    conn: Connection, city: City, keys: Keys, needs: Needs, now: datetime
) -> tuple[View, dict[tuple[str, str], Band]]:
    indicators, codes = city.catalogue.indicators, keys.area_codes()
    view = View(city, keys, now, defaultdict(list), defaultdict(dict), {},
                Veil(conn, city.catalogue), codes)  # fmt: skip
    slots = {hours: _slot(view.present - hours * HOUR, city) for hours in (0, 1)}
    values = {
        "ids": sorted({keys.indicators[code] for code, _ in needs.values}),
        "bands": sorted({keys.indicators[code] for code in needs.bands}),
        "areas": [keys.areas[a] for a in (city.code, *city.counties)],
        "slots": sorted(set(slots.values())),
        "today": now.astimezone(LOCAL).date(),
        "since": _since(view, needs),
    }
    names, kept = keys.indicator_codes(), dict[tuple[int, int, int], Band]()
    statement = _POSTGRES if conn.dialect.name == "postgresql" else _SQLITE
    for kind, i, a, at, known, x, num, den, more in conn.execute(statement, values).all():
        if kind == _NEWEST:
            view.natives[i].append(Native(a, _instant(at), _instant(known), x, num, den))
        elif kind == _HOUR:
            view.hours[i, a][at] = (num, den, more)
        elif kind == _TODAY:
            view.days[i, a] = (num, den)
        else:
            kept[i, a, at] = Band(num, den, more, x)
    bands: dict[tuple[str, str], Band] = {}
    for (i, a, place), band in kept.items():
        back = 1 if baseline.window_of(indicators[names[i]]) == "hour" else 0
        if place == slots[back]:
            bands[names[i], codes[a]] = band
    return view, bands


def _since(view: View, needs: Needs) -> datetime:
    """Return from when hours are needed: the last whole one, of protected totals all of today."""
    told = view.city.catalogue.indicators
    if any(w == "today" and told[code].small_count for code, w in needs.values):
        midnight = view.now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
        return min(midnight.astimezone(UTC), view.present - HOUR)
    return view.present - HOUR


def _slot(at: datetime, city: City) -> int:
    local = at.astimezone(LOCAL)
    off = is_day_off(local.date(), city.catalogue.city.calendar_country)
    return slot(local.hour, day_off=off)


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


# ---- one value ----


def _live(
    view: View, indicator: Indicator, natives: Sequence[Native]
) -> tuple[list[Native], int, Doubt]:
    """Return the areas heard, how many are expected, and why if none is heard."""
    if not natives:
        return [], 0, "no_data"
    stale = timedelta(seconds=view.city.catalogue.sources[indicator.source].stale_after)
    limit, ahead = view.now - stale, view.now + AHEAD
    sane = [n for n in natives if n.known <= ahead and n.start <= ahead]
    if not sane:
        return [], len(natives), "future"
    heard = [n for n in sane if n.known >= limit]
    expected = sum(1 for n in natives if n.known >= view.now - GONE)
    return heard, max(expected, len(heard)), "" if heard else "stale"


def _rows(view: View, indicator: Indicator, natives: Iterable[Native]) -> tuple[Row, ...]:
    return tuple(
        Row(indicator.code, view.codes[n.area], n.grain, int(n.start.timestamp())) for n in natives
    )


def _now(view: View, indicator: Indicator, area: str) -> Measured:
    """Return the value of now: of the newest period of each area that is heard."""
    natives = view.of(indicator, area)
    heard, expected, doubt = _live(view, indicator, natives)
    if doubt:
        return Measured(None, doubt)
    known = max(n.known for n in heard)
    more: dict[str, Any] = {
        "at": max(_end(n, view.now) for n in heard), "known_at": min(known, view.now),
        "reported": len(heard), "expected": expected,
    }  # fmt: skip
    if _veiled(view, indicator, area, {(n.grain, n.start) for n in heard}):
        return Measured(None, "hidden", **more)
    counts = add_areas((n.num, n.den) for n in heard)
    if counts is not None and indicator.denominator and not counts[1]:
        return _hour(view, indicator, area)  # a rate of an hour just begun is no value
    value = value_of(counts, indicator.aggregation, indicator.factor)
    doubt = "no_data" if value is None else ""
    return Measured(value, doubt, rows=_rows(view, indicator, heard), **more)


def _end(native: Native, now: datetime) -> datetime:
    if native.grain == Grain.MINUTE:
        return min(native.start, now)
    return min(period_end(native.start, Grain(native.grain)), now)


def _veiled(
    view: View, indicator: Indicator, area: str, periods: set[tuple[int, datetime]]
) -> bool:
    """Return whether a value must not be told; areas of different periods make no stored total."""
    if not indicator.small_count:
        return False
    if len(periods) > 1:
        return True
    return any(view.veil.hides(indicator.code, area, Grain(g), at) for g, at in periods)


def _hour(view: View, indicator: Indicator, area: str) -> Measured:
    """Return the value of the last whole hour, once every area was heard after its end."""
    key = (view.keys.indicators[indicator.code], view.keys.areas[area])
    start = view.present - HOUR
    heard, expected, doubt = _live(view, indicator, view.of(indicator, area))
    if doubt:
        return Measured(None, doubt)
    whole = [n for n in heard if n.known >= view.present]
    if not whole:
        return Measured(None, "stale")
    bucket = view.hours.get(key, {}).get(int(start.timestamp()))
    if bucket is None:
        return NOTHING
    if indicator.small_count and view.veil.hides(indicator.code, area, Grain.HOUR, start):
        return Measured(None, "hidden")
    counts = (bucket[0], bucket[1])
    if indicator.aggregation is Aggregation.LAST:
        counts = (bucket[2] or 0.0, None)
    value = value_of(counts, indicator.aggregation, indicator.factor)
    row = Row(indicator.code, area, int(Grain.HOUR), int(start.timestamp()))
    known = min(max(n.known for n in whole), view.now)
    doubt = "no_data" if value is None else ""
    return Measured(value, doubt, view.present, known, len(whole), expected, (row,))


def _today(view: View, indicator: Indicator, area: str) -> Measured:
    """Return the total of the local day so far, as far as it may be told."""
    key = (view.keys.indicators[indicator.code], view.keys.areas[area])
    heard, expected, doubt = _live(view, indicator, view.of(indicator, area))
    if doubt:
        return Measured(None, doubt)
    day, until = view.days.get(key), view.now
    if day is None:
        return NOTHING
    value = value_of(day, indicator.aggregation, indicator.factor)
    if indicator.small_count:
        told = today_shown(view.veil, indicator, area, view.hours.get(key, {}), day, view.now)
        if told.hidden:
            return Measured(None, "hidden")
        value, until = told.value, told.until or view.now
    midnight = view.now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    row = Row(indicator.code, area, int(Grain.DAY), int(midnight.timestamp()))
    known = min(max(n.known for n in heard), view.now)
    doubt = "no_data" if value is None else ""
    return Measured(value, doubt, min(until, known), known, len(heard), expected, (row,))


_WINDOWS = {"now": _now, "hour": _hour, "today": _today}


# ---- the statement ----

_NEWEST, _HOUR, _TODAY, _BAND = range(4)


def _statement(epoch: str, chosen: str) -> TextClause:
    """Return all of it at once: a round trip of its own for each table would treble the cost."""
    ids, bands, areas, slots = (chosen.format(n) for n in ("ids", "bands", "areas", "slots"))
    sql = f"""select {_NEWEST}, indicator_id, area_id, {epoch.format("period_start")},
        {epoch.format("known_at")}, grain, num, den, 0.0
      from latest where indicator_id {ids} and flag < 9
      union all select {_HOUR}, indicator_id, area_id, {epoch.format("bucket")}, 0, 0,
        num, den, last
      from rollup_hour where indicator_id {ids} and area_id {areas} and bucket >= :since
      union all select {_TODAY}, indicator_id, area_id, 0, 0, 0, num, den, 0.0
      from rollup_day where indicator_id {ids} and area_id {areas} and bucket = :today
      union all select {_BAND}, indicator_id, area_id, slot, 0, n, centre, low, high
      from baseline where indicator_id {bands} and area_id {areas} and slot {slots}"""
    typed: list[BindParameter[Any]] = [
        bindparam("since", type_=Instant()),
        bindparam("today", type_=LocalDay()),
    ]
    if chosen.startswith("in"):
        typed += [bindparam(n, expanding=True) for n in ("ids", "bands", "areas", "slots")]
    return text(sql).bindparams(*typed)


_SQLITE = _statement("{}", "in :{}")
_POSTGRES = _statement(
    "cast(floor(extract(epoch from {})) as bigint)", "= any(cast(:{} as smallint[]))"
)
