"""Facts to tiles: value, state, trend and normal band of one indicator in one area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.band import Band, slot, together
from data.indicators.calendar import is_day_off
from data.indicators.judge import Judgement, judge
from data.indicators.value import Counts, add_areas, value_of
from data.queries.hidden import Veil
from data.queries.keys import Keys
from data.queries.protected import NO_WORDS, Outcome, hours_shown, newest_shown, today_shown
from data.queries.wall import Newest, WallFacts, wall_facts
from data.vocabulary import LOCAL, Aggregation, Grain, Level, Status, Tile, period_end

HOURS, HOUR_S = 24, 3600


@dataclass(frozen=True)
class HourSlots:
    """The running hour (epoch seconds) and the band's slot of each hour that is needed."""

    present: int
    slots: dict[int, int]


def hour_slots(now: datetime, country: str) -> HourSlots:
    """Return the hours from 26 hours ago to now, with workdays and days off of `country`."""
    present = int(now.timestamp()) // HOUR_S * HOUR_S
    found = {}
    for at in range(present - 26 * HOUR_S, present + 1, HOUR_S):
        local = datetime.fromtimestamp(at, LOCAL)
        found[at] = slot(local.hour, day_off=is_day_off(local.date(), country))
    return HourSlots(present, found)


@dataclass(frozen=True)
class Scene:
    """What every tile of one publication shares."""

    catalogue: Catalogue
    keys: Keys
    facts: WallFacts
    now: datetime
    clock: HourSlots
    veil: Veil

    @property
    def present(self) -> int:
        """The running hour, epoch seconds."""
        return self.clock.present

    @property
    def slots(self) -> dict[int, int]:
        """The slot of the normal band of each hour that is shown or judged."""
        return self.clock.slots

    def hours(self, indicator: Indicator) -> list[int]:
        """Counts end with the last whole hour; a part of an hour would look like a fall."""
        total = indicator.aggregation is Aggregation.SUM
        last = self.present - (HOUR_S if total else 0)
        return list(range(last - (HOURS - 1) * HOUR_S, last + 1, HOUR_S))

    def natives(self, indicator: Indicator, area: str) -> dict[int, Newest]:
        """Return the newest observation of each reporting area at or below `area`."""
        iid, own = self.keys.indicators[indicator.code], self.keys.areas[area]
        if not indicator.rolls_up:
            found = self.facts.newest.get((iid, own))
            return {own: found} if found else {}
        city = area == self.catalogue.city.code
        return {
            a: newest
            for (i, a), newest in self.facts.newest.items()
            if i == iid and (city or a == own or self.keys.county_of[a] == own)
        }


def tile(scene: Scene, indicator: Indicator, area: str) -> Tile:
    """Return one tile. A value of areas that fell silent is left out of a total and said so."""
    natives = scene.natives(indicator, area)
    stale_after = scene.catalogue.sources[indicator.source].stale_after
    heard = _heard(natives, scene.now, stale_after)
    if indicator.small_count:
        told = _protected(scene, indicator, area, heard or natives)
    else:
        told = Outcome(_value(scene, indicator, area, heard or natives))
    known = max((n.known_at for n in natives.values()), default=None)
    age = (scene.now - known).total_seconds() if known else None
    judged = _judge(scene, indicator, area, told, age, stale_after)
    observed = max((_observed_at(n, scene.now) for n in natives.values()), default=None)
    wall = indicator.wall
    one: Tile = {
        "code": indicator.code,
        "name": (wall.name if wall and wall.name else indicator.name),
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "value": _round(told.value, indicator.decimals),
        "status": judged.status.value,
        "level": int(judged.level),
        "why": judged.why,
        "observed_at": (told.until or observed).timestamp() if observed else None,
        "known_at": known.timestamp() if known else None,
        "ttl": stale_after,
        "source": indicator.source,
        "trend": _trend(scene, indicator, area, told.value, judged),
        "band": _bands(scene, indicator, area),
        "reported": len(heard),
        "expected": _expected(scene, indicator, area),
    }
    if told.hidden:
        one["hidden"] = True
    return one


def _protected(
    scene: Scene, indicator: Indicator, area: str, natives: dict[int, Newest]
) -> Outcome:
    """Return the value as far as it may be shown: of small counts and what would tell them."""
    key = (scene.keys.indicators[indicator.code], scene.keys.areas[area])
    if indicator.wall and indicator.wall.window == "today":
        hours, day = scene.facts.hours.get(key, {}), scene.facts.today.get(key)
        return today_shown(scene.veil, indicator, area, hours, day, scene.now)
    periods = {(n.grain, n.period_start) for n in natives.values()}
    counts = add_areas(n.counts for n in natives.values())
    return newest_shown(scene.veil, indicator, area, periods, counts)


def _heard(natives: dict[int, Newest], now: datetime, stale_after: int) -> dict[int, Newest]:
    limit = now - timedelta(seconds=stale_after)
    return {a: n for a, n in natives.items() if n.known_at >= limit}


def _observed_at(newest: Newest, now: datetime) -> datetime:
    if newest.grain == Grain.MINUTE:
        return min(newest.period_start, now)
    return min(period_end(newest.period_start, Grain(newest.grain)), now)


def _round(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)


def _value(
    scene: Scene, indicator: Indicator, area: str, natives: dict[int, Newest]
) -> float | None:
    if indicator.wall and indicator.wall.window == "today":
        key = (scene.keys.indicators[indicator.code], scene.keys.areas[area])
        counts = scene.facts.today.get(key)
    else:
        counts = add_areas(n.counts for n in natives.values())
        if counts is not None and indicator.denominator and not counts[1]:
            counts = _hour_before(scene, indicator, area)
    return value_of(counts, indicator.aggregation, indicator.factor)


def _hour_before(scene: Scene, indicator: Indicator, area: str) -> Counts | None:
    """Return last hour's counts: a rate of an hour just begun, over nothing yet, is no value."""
    key = (scene.keys.indicators[indicator.code], scene.keys.areas[area])
    bucket = scene.facts.hours.get(key, {}).get(scene.present - HOUR_S)
    return bucket[:2] if bucket else None


def _expected(scene: Scene, indicator: Indicator, area: str) -> int:
    """Return how many areas have ever reported: those are expected to go on."""
    return max(1, len(scene.natives(indicator, area)))


def _trend(
    scene: Scene, indicator: Indicator, area: str, value: float | None, judged: Judgement
) -> list[float | None]:
    key = (scene.keys.indicators[indicator.code], scene.keys.areas[area])
    buckets = scene.facts.hours.get(key, {})
    shown = hours_shown(scene.veil, indicator, area, scene.hours(indicator))
    points = [_hour_value(buckets.get(h), indicator) if ok else None for h, ok in shown]
    if indicator.aggregation is not Aggregation.SUM and judged.status is not Status.STALE:
        points[-1] = value
    return [None if p is None else round(p, indicator.decimals + 1) for p in points]


def _hour_value(
    bucket: tuple[float, float | None, float | None] | None, indicator: Indicator
) -> float | None:
    if bucket is None:
        return None
    num, den, last = bucket
    if indicator.aggregation is Aggregation.LAST:
        return value_of((last or 0.0, None), indicator.aggregation, indicator.factor)
    return value_of((num, den), indicator.aggregation, indicator.factor)


def _slots(scene: Scene, indicator: Indicator, area: str) -> dict[int, Band]:
    key = (scene.keys.indicators[indicator.code], scene.keys.areas[area])
    return scene.facts.bands.get(key, {})


def _bands(scene: Scene, indicator: Indicator, area: str) -> list[tuple[float, float] | None]:
    slots = _slots(scene, indicator, area)
    shown = hours_shown(scene.veil, indicator, area, scene.hours(indicator))
    found = [slots.get(scene.slots[h]) if ok else None for h, ok in shown]
    return [(round(b.low, 2), round(b.high, 2)) if b else None for b in found]


def _judge(
    scene: Scene,
    indicator: Indicator,
    area: str,
    told: Outcome,
    age: float | None,
    stale_after: int,
) -> Judgement:
    """Judge the value; a running total of the day also by its last hour, which tells sooner.

    What must not be shown has no level either, since a level says above or below a limit.
    """
    value = told.value
    if told.hidden:
        never = judge(indicator, 0.0, None, age_s=age, stale_after_s=stale_after)
        late = never.status in (Status.NO_DATA, Status.STALE)
        return never if late else Judgement(Status.NORMAL, Level.NONE, told.why or NO_WORDS)
    slots = _slots(scene, indicator, area)
    today = indicator.wall is not None and indicator.wall.window == "today"
    if not today:
        band = slots.get(scene.slots[scene.present])
        return judge(indicator, value, band, age_s=age, stale_after_s=stale_after)
    usual = _so_far(scene, slots, told.until)
    whole = judge(indicator, value, usual, age_s=age, stale_after_s=stale_after)
    if whole.status in (Status.NO_DATA, Status.STALE):
        return whole
    recent = _last_hour(scene, indicator, area, slots)
    if recent is None or told.until is not None:
        return whole
    sooner = judge(indicator, recent[0], recent[1], age_s=age, stale_after_s=stale_after)
    return min(whole, sooner, key=lambda j: int(j.level) or 9)


def _so_far(scene: Scene, slots: dict[int, Band], until: datetime | None) -> Band | None:
    """Return the band of the day's total up to now, or up to the end of an hour."""
    local = scene.now.astimezone(LOCAL)
    midnight = scene.present - local.hour * HOUR_S
    if until is not None and until.timestamp() <= scene.present:
        hours, part = range(midnight, int(until.timestamp()), HOUR_S), 1.0
    else:
        hours, part = range(midnight, scene.present + 1, HOUR_S), max(local.minute, 1) / 60
    bands = [slots.get(scene.slots[h]) for h in hours]
    if not bands or any(b is None for b in bands):
        return None
    weights = [1.0] * (len(bands) - 1) + [part]
    return together([b for b in bands if b], weights)


def _last_hour(
    scene: Scene, indicator: Indicator, area: str, slots: dict[int, Band]
) -> tuple[float, Band] | None:
    """Return what the running hour brought and its band, once a quarter of it is over."""
    minute = scene.now.minute
    present = scene.present
    key = (scene.keys.indicators[indicator.code], scene.keys.areas[area])
    bucket = scene.facts.hours.get(key, {}).get(present)
    usual = slots.get(scene.slots[present])
    if minute < 5 or bucket is None or usual is None:
        return None
    band = together([usual], [minute / 60])
    return (bucket[0] * indicator.factor, band) if band else None


def scene(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    indicators: Sequence[Indicator],
    areas: Sequence[str],
    *,
    now: datetime,
) -> Scene:
    """Ask once for everything the tiles of `indicators` in `areas` need."""
    clock = hour_slots(now, catalogue.city.calendar_country)
    facts = wall_facts(
        conn,
        [keys.indicators[i.code] for i in indicators],
        [keys.areas[a] for a in areas],
        slots=sorted(set(clock.slots.values())),
        today=now.astimezone(LOCAL).date(),
        now=now,
    )
    return Scene(catalogue, keys, facts, now, clock, Veil(conn, catalogue))
