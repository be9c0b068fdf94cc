"""Tiles as they were known at an instant: the same rules as live ones, over facts of then.

Where minutes are not kept any more the whole hours are shown, where hours are gone whole days,
and each tile says so. What is protected stays protected: by what must not be shown now, and by
what could not be told then either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.value import Counts
from data.panels.tiles import HOUR_S, Scene, hour_slots, tile
from data.queries.hidden import Veil
from data.queries.keys import Keys
from data.queries.then.bands import bands_then, made_before
from data.queries.then.cases import Moment
from data.queries.then.heard import Polls, polls
from data.queries.then.values import Asked, Bucket, Facts, Place, raised, rolled, told_then
from data.queries.wall import Newest, WallFacts
from data.settings import settings
from data.vocabulary import LOCAL, Aggregation, Grain, Names, Tile, period_end

DERIVED = ("cases", "alerts")
"""Feeds that are asked again with every answer, also one that brought nothing new."""


@dataclass(frozen=True)
class Kept:
    """How long what is shorter than a day is kept."""

    minutes: int
    hours: int

    @classmethod
    def now(cls) -> Kept:
        """Return what the settings say."""
        return cls(settings().minute_days, settings().hour_days)


def tiles_then(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    indicators: Sequence[Indicator],
    area: str,
    moment: Moment,
    *,
    now: datetime,
) -> dict[str, Tile]:
    """Return the tile of each indicator in one area as it was known."""
    kept, own = Kept.now(), keys.areas[area]
    below = [own, *(a for a, above in keys.parents.items() if own in above)]
    exact = [i for i in indicators if _exact(i, moment, now, kept)]
    coarse = [i for i in indicators if i not in exact]
    facts = _Told({}, {}, {}, {})
    if exact:
        facts = _exactly(conn, keys, exact, own, below, moment)
    if coarse:
        _coarsely(conn, keys, coarse, own, below, moment.at, facts)
    clock = hour_slots(moment.at, catalogue.city.calendar_country)
    known = {keys.indicators[i.code]: i for i in indicators}
    bands = bands_then(
        conn, known, own, made=made_before(conn, moment.known if not moment.mixed else moment.at),
        slots=sorted(set(clock.slots.values())), country=catalogue.city.calendar_country,
    )  # fmt: skip
    veil = _veil(conn, catalogue, keys, exact, own, moment, facts)
    wall = WallFacts(facts.newest, facts.hours, facts.today, bands)
    scene = Scene(catalogue, keys, wall, moment.at, clock, veil)
    return {i.code: _said(tile(scene, i, area), i, facts, moment, kept) for i in indicators}


def _exact(indicator: Indicator, moment: Moment, now: datetime, kept: Kept) -> bool:
    """Return whether its facts of then are all there, with the times they were recorded."""
    gone = moment.at - timedelta(hours=26) < now - timedelta(days=kept.minutes)
    return not moment.mixed and not (indicator.grain is Grain.MINUTE and gone)


@dataclass
class _Told:
    """What the tiles are made of. coarse: by indicator the grain that is shown in its place."""

    newest: dict[Place, Newest]
    hours: dict[Place, dict[int, Bucket]]
    today: dict[Place, Counts]
    coarse: dict[str, tuple[Grain, datetime]]


def _exactly(
    conn: Connection,
    keys: Keys,
    indicators: Sequence[Indicator],
    own: int,
    below: Sequence[int],
    moment: Moment,
) -> _Told:
    ids = {keys.indicators[i.code]: i for i in indicators}
    facts = told_then(conn, Asked(sorted(ids), list(below), moment.at, moment.known))
    sources = {keys.sources[i.source] for i in indicators}
    heard = polls(conn, sources, moment.known)
    newest = {}
    for (i, a), n in facts.newest.items():
        last = _confirmed(ids[i], heard[keys.sources[ids[i].source]], moment)
        newest[i, a] = replace(n, known_at=min(period_end(n.period_start, Grain(n.grain)), last))
    rolls = {i for i, one in ids.items() if one.rolls_up}
    hours = {(i, own): found for i, found in raised(facts.hours, keys, rolls, own).items()}
    today = _todays(facts, keys, rolls, own, moment.at)
    return _Told(newest, hours, today, {})


def _confirmed(indicator: Indicator, heard: Polls, moment: Moment) -> datetime:
    """Return when a period that still ran was last told: with each poll that brings its facts."""
    found = heard.answered if indicator.feed.kind in DERIVED else heard.brought
    return found if found is not None else moment.known


def _todays(
    facts: Facts, keys: Keys, rolls: set[int], own: int, at: datetime
) -> dict[Place, Counts]:
    """Return the day so far: of its hours, else of what was told for the whole day."""
    day = at.astimezone(LOCAL).date()
    midnight = datetime.combine(day, datetime.min.time(), LOCAL).timestamp()
    natives: dict[Place, dict[date, Bucket]] = {}
    for place, hours in facts.hours.items():
        told = [b for hour, b in hours.items() if hour >= midnight]
        if told:
            dens = [b[1] for b in told if b[1] is not None]
            natives[place] = {
                day: (sum(b[0] for b in told), sum(dens) if dens else None, told[-1][2])
            }
    for place, days in facts.days.items():
        if day in days and place not in natives:
            natives[place] = {day: days[day]}
    return {
        (i, own): found[day][:2]
        for i, found in raised(natives, keys, rolls, own).items()
        if day in found
    }


def _coarsely(
    conn: Connection,
    keys: Keys,
    indicators: Sequence[Indicator],
    own: int,
    below: Sequence[int],
    at: datetime,
    facts: _Told,
) -> None:
    """Add whole hours, else whole days, of what is not kept finer."""
    ids = {keys.indicators[i.code]: i for i in indicators}
    kept = rolled(conn, sorted(ids), list(below), at)
    present = int(at.timestamp()) // HOUR_S * HOUR_S
    day = at.astimezone(LOCAL).date()
    natives = _native_areas(conn, ids, below)
    for i, one in ids.items():
        own_hours = kept.hours.get((i, own), {})
        recent = {h: b for h, b in own_hours.items() if h >= present - 6 * HOUR_S}
        if recent:
            _by_hour(one, i, own, natives[i], kept.hours, facts, present, at)
        else:
            _by_day(one, i, own, natives[i], kept.days, facts, day, at)


def _native_areas(
    conn: Connection, ids: Iterable[int], below: Sequence[int]
) -> dict[int, list[int]]:
    from data.queries.then.values import reporting

    found: dict[int, list[int]] = {i: [] for i in ids}
    for i, a in reporting(conn, list(found), below):
        found[i].append(a)
    return found


def _by_hour(
    one: Indicator, i: int, own: int, natives: Sequence[int],
    kept: dict[Place, dict[int, Bucket]], facts: _Told, present: int, at: datetime,
) -> None:  # fmt: skip
    hours = kept.get((i, own), {})
    facts.hours[i, own] = hours
    last = max(hours)
    for a in natives:
        told = kept.get((i, a), {})
        if told:
            hour = max(told)
            end = datetime.fromtimestamp(hour + HOUR_S, UTC)
            known = at if hour == present - HOUR_S else end
            start = datetime.fromtimestamp(hour, UTC)
            facts.newest[i, a] = Newest(start, known, int(Grain.HOUR), _counts(one, told[hour]))
    midnight = datetime.combine(at.astimezone(LOCAL).date(), datetime.min.time(), LOCAL)
    today = [b for h, b in hours.items() if h >= midnight.timestamp()]
    if today:
        dens = [b[1] for b in today if b[1] is not None]
        facts.today[i, own] = sum(b[0] for b in today), sum(dens) if dens else None
    facts.coarse[one.code] = (Grain.HOUR, datetime.fromtimestamp(last, UTC))


def _by_day(
    one: Indicator, i: int, own: int, natives: Sequence[int],
    kept: dict[Place, dict[date, Bucket]], facts: _Told, day: date, at: datetime,
) -> None:  # fmt: skip
    for a in natives:
        told = kept.get((i, a), {})
        if told:
            last = max(told)
            start = datetime.combine(last, datetime.min.time(), LOCAL).astimezone(UTC)
            known = at if last == day - timedelta(days=1) else start + timedelta(days=1)
            facts.newest[i, a] = Newest(start, known, int(Grain.DAY), _counts(one, told[last]))
    days = kept.get((i, own), {})
    if days:
        last = max(days)
        facts.today[i, own] = days[last][:2]
        start = datetime.combine(last, datetime.min.time(), LOCAL).astimezone(UTC)
        facts.coarse[one.code] = (Grain.DAY, start)


def _counts(one: Indicator, bucket: Bucket) -> Counts:
    num, den, last = bucket
    return (last or 0.0, None) if one.aggregation is Aggregation.LAST else (num, den)


def _said(told: Tile, one: Indicator, facts: _Told, moment: Moment, kept: Kept) -> Tile:
    """Say of a tile which grain it shows, where that is not its own."""
    found = facts.coarse.get(one.code)
    if found is None or told["status"] == "no_data":
        return told
    grain, start = found
    local = start.astimezone(LOCAL)
    if grain is Grain.HOUR:
        end = local + timedelta(hours=1)
        word: Names = {"zh": f"{local:%H}–{end:%H}时", "en": f"{local:%H}–{end:%H} h"}
        why = _why_hours(moment, kept)
    else:
        word = {"zh": f"日值 {local:%m-%d}", "en": f"day {local:%m-%d}"}
        why = _why_days(moment, kept)
    return {**told, "grain": word, "kept": why}


def _why_hours(moment: Moment, kept: Kept) -> Names:
    if moment.mixed:
        return {
            "zh": "小时值：历史数据按小时载入",
            "en": "hour value: history was brought in by the hour",
        }
    return {
        "zh": f"小时值：分钟数据保存{kept.minutes}天",
        "en": f"hour value: minutes are kept {kept.minutes} days",
    }


def _why_days(moment: Moment, kept: Kept) -> Names:
    if moment.mixed:
        return {
            "zh": "日值：历史数据按日载入",
            "en": "day value: history was brought in by the day",
        }
    return {
        "zh": f"日值：小时数据保存{kept.hours}天",
        "en": f"day value: hours are kept {kept.hours} days",
    }


# ---- what must not be shown ----


class ThenVeil(Veil):
    """Hides what is hidden now, what ran at the instant, and what has become another number since.

    So whatever a replay shows of a protected indicator is a number that is shown today as well.
    """

    def __init__(self, conn: Connection, catalogue: Catalogue, at: datetime) -> None:
        super().__init__(conn, catalogue)
        self.at = at
        self.differs: set[tuple[str, Grain, int]] = set()

    def hides(self, code: str, area: str, grain: Grain, start: datetime) -> bool:
        """Return whether one value must not be shown."""
        if not self.catalogue.indicators[code].small_count:
            return False
        if period_end(start, grain) > self.at:
            return True
        if (code, grain, int(start.timestamp())) in self.differs:
            return True
        return super().hides(code, area, grain, start)

    def closed(self, code: str, hour: datetime) -> bool:
        """Return whether an hour was over, and is no longer counted on."""
        return hour + timedelta(hours=1) <= self.at and super().closed(code, hour)


def _veil(
    conn: Connection,
    catalogue: Catalogue,
    keys: Keys,
    exact: Sequence[Indicator],
    own: int,
    moment: Moment,
    facts: _Told,
) -> ThenVeil:
    veil = ThenVeil(conn, catalogue, moment.at)
    guarded = [i for i in exact if i.small_count]
    if guarded:
        ids = [keys.indicators[i.code] for i in guarded]
        now = rolled(conn, ids, [own], moment.at)
        for one in guarded:
            i = keys.indicators[one.code]
            stored = now.hours.get((i, own), {})
            told = facts.hours.get((i, own), {})
            for hour in set(stored) | set(told):
                if stored.get(hour) != told.get(hour):
                    veil.differs.add((one.code, Grain.HOUR, hour))
    return veil
