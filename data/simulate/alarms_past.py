"""The demonstration's alarms of the past weeks: an ordinary load, warnings, one storm with a flood.

Drawn from the seed, day by day, by the rules in force: thresholds and baselines are put over their
limits, warnings are those that the feeds told. They are made with the city and never again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from numpy.random import Generator

from data.alarms.conditions import baseline, threshold
from data.alarms.conditions.verdict import Verdict
from data.alarms.conditions.words import both
from data.alarms.facts import Measured
from data.catalogue import Catalogue
from data.catalogue.alarm_entries import AlarmRule, Baseline, Silence, Threshold
from data.catalogue.entries import Indicator
from data.indicators.band import Band
from data.simulate.alarm_lives import Life
from data.simulate.randomness import generator
from data.simulate.rhythm import midnight, ordinal_of
from data.simulate.warnings import Chain, day_chains, identifier
from data.vocabulary import Names
from data.vocabulary.alarms import Reading

DAYS = 35
A_DAY = 26.0
"""Alarms of ordinary days besides those of warnings: about one an hour."""
STORM_AGO = 9
"""So many days ago a storm crossed the city: the one flood of alarms of these weeks."""
OFTEN: Mapping[str, float] = {
    "bus_late": 5, "bus_delay_high": 4, "bus_crowded": 2, "calls_110_surge": 2.5,
    "calls_120_surge": 1.5, "buses_vanish": 1.5, "grid_overdue": 2, "ambulance_slow": 2.5,
    "hotline_overdue": 3, "beds_full": 1, "icu_full": 0.7, "routes_detoured": 0.8,
    "approvals_overdue": 0.8, "source_silent": 1, "crashes_surge": 2, "fires_surge": 0.4,
    "disputes_open": 0.6, "ili_high": 0.3, "bus_cancelled": 1,
}  # fmt: skip
"""How often each rule speaks, against the others; a rule that is gone speaks no more."""
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 9, 6, 5, 5, 5, 5, 5, 5, 6, 9, 9, 6, 5, 4, 3, 2)
STORM = ("bus_late", "bus_delay_high", "calls_110_surge", "calls_120_surge", "bus_cancelled")

Bands = Mapping[tuple[str, str, int], Band]
"""Indicator, area, slot of the hour."""


@dataclass(frozen=True)
class Past:
    """One alarm that was: what its rule said, and its life."""

    reading: Reading
    life: Life


def alarms_past(
    seed: int, catalogue: Catalogue, rules: Mapping[str, AlarmRule], bands: Bands, now: datetime
) -> list[Past]:
    """Return the alarms of the weeks before `now` that are over, in the order of their raising."""
    city = _City(catalogue, rules, bands)
    found: list[Past] = []
    today = ordinal_of(now)
    for day in range(today - DAYS, today + 1):
        chance = generator(seed, "alarms", day)
        found += city.ordinary(chance, day)
        found += [x for chain in day_chains(seed, day) for x in city.warned(chance, chain)]
        if day == today - STORM_AGO:
            found += city.storm(chance, day)
    last: dict[str, datetime] = {}
    kept = []
    for one in sorted(found, key=lambda x: x.life.begins):
        over = one.life.stood.over and one.life.last < now - timedelta(minutes=10)
        if over and last.get(one.reading.key, one.life.begins) <= one.life.begins:
            last[one.reading.key] = one.life.last
            kept.append(one)
    return kept


class _City:
    """What the past is drawn from."""

    def __init__(self, catalogue: Catalogue, rules: Mapping[str, AlarmRule], bands: Bands) -> None:
        self.catalogue, self.rules, self.bands = catalogue, rules, bands
        self.counties = [a.code for a in catalogue.counties()]
        self.often = [code for code in OFTEN if code in rules]

    def ordinary(self, chance: Generator, day: int) -> Iterator[Past]:
        """Yield the alarms of one local day."""
        if not self.often:
            return
        weights = [OFTEN[code] for code in self.often]
        shares = [w / sum(weights) for w in weights]
        hours = [h / sum(HOURS) for h in HOURS]
        for _ in range(int(chance.poisson(A_DAY))):
            rule = self.rules[self.often[int(chance.choice(len(shares), p=shares))]]
            hour = int(chance.choice(24, p=hours))
            at = _instant(midnight(day) + hour * 3600 + int(chance.integers(3600)))
            area = self.catalogue.city.code
            if rule.where == "county":
                area = self.counties[int(chance.integers(len(self.counties)))]
            one = self._one(chance, rule, area, at, hour)
            if one is not None:
                yield one

    def _one(
        self, chance: Generator, rule: AlarmRule, area: str, at: datetime, hour: int,
        cause: str = "",
    ) -> Past | None:  # fmt: skip
        verdict = self._verdict(chance, rule, area, at, hour)
        if verdict is None:
            return None
        reading = Reading(
            rule.code, rule.version, area, verdict.object, True, rule.priority, at, verdict.said,
            rule.name, verdict.value, verdict.limit, verdict.unit,
            cause=cause or verdict.cause, evidence=dict(verdict.evidence),
        )  # fmt: skip
        minutes = 6 + 18 * float(chance.lognormal(0, 0.8))
        life = Life(rule.priority, at, at + timedelta(minutes=minutes), chance)
        life.live()
        return Past(reading, life)

    def _verdict(
        self, chance: Generator, rule: AlarmRule, area: str, at: datetime, hour: int
    ) -> Verdict | None:
        condition, more = rule.condition, 0.03 + 0.25 * float(chance.random())
        if isinstance(condition, Silence):
            return self._silent(chance, at)
        if not isinstance(condition, Threshold | Baseline):
            return None
        indicator = self.catalogue.indicators[condition.indicator]
        up = condition.side != "below"
        if isinstance(condition, Threshold):
            value = _beyond(condition.limit, more if up else -more, indicator)
            measured = Measured(value, at=at, known_at=at)
            return threshold.judge(condition, indicator, measured, was=False, now=at)
        band = self.bands.get((condition.indicator, area, hour))
        far = baseline.reach(condition, band) if band is not None else None
        if band is None or far is None:
            return None
        value = band.centre + (far * (1 + more) if up else -far * (1 + more))
        measured = Measured(max(0.0, float(round(value))), at=at, known_at=at)
        verdict = baseline.judge(condition, indicator, measured, band, was=False, now=at)
        return verdict if verdict.holds else None

    def _silent(self, chance: Generator, at: datetime) -> Verdict:
        named = [s for s in self.catalogue.sources.values() if not s.waits and s.every]
        source = named[int(chance.integers(len(named)))]
        since = at - timedelta(seconds=3 * source.every)
        said = both(
            f"{source.name['zh']} 自{since + timedelta(hours=8):%m-%d %H:%M}起无应答",
            f"{source.name['en']}: no answer since {since + timedelta(hours=8):%m-%d %H:%M}",
        )
        evidence = {"kind": "silence", "source": source.key, "last_at": since.timestamp()}
        return Verdict(
            True, at, said, area=self.catalogue.city.code, object=source.key,
            cause=f"source:{source.key}", evidence=evidence,
        )  # fmt: skip

    def warned(self, chance: Generator, chain: Chain) -> Iterator[Past]:
        """Yield the alarms of one warning, one a county."""
        rule, first = self.rules.get("warning_in_force"), chain.steps[0]
        if rule is None or chain.response or first.level > 3:
            return
        ends = chain.spans()[-1][1]
        for area in chain.areas:
            said = _warning(chain.event, first.level, self.catalogue.areas[area].name)
            name = identifier(chain, first)
            reading = Reading(
                rule.code, rule.version, area, chain.event["zh"][:100], True, first.level,
                _instant(first.sent), said, rule.name, float(first.level),
                cause=f"warning:{name}"[:160],
                evidence={"kind": "warning", "warnings": [{"identifier": name}]},
            )  # fmt: skip
            life = Life(first.level, _instant(first.sent + 20), _instant(ends), chance)
            life.live(tuple((_instant(s.sent), s.level) for s in chain.steps[1:]))
            yield Past(reading, life)

    def storm(self, chance: Generator, day: int) -> Iterator[Past]:
        """Yield the flood of alarms that a storm raised within a quarter of an hour."""
        rule, hit = self.rules.get("warning_in_force"), midnight(day) + 15 * 3600 + 1200
        if rule is None:
            return
        cause = f"warning:44160041600000_{day}_storm"
        event: Names = {"zh": "暴雨", "en": "Rainstorm"}
        for n, area in enumerate(self.counties):
            at = _instant(hit + 15 * n)
            said = _warning(event, 1, self.catalogue.areas[area].name)
            reading = Reading(
                rule.code, rule.version, area, "暴雨", True, 1, at, said, rule.name, 1.0,
                cause=cause, evidence={"kind": "warning", "warnings": [{"identifier": cause[8:]}]},
            )  # fmt: skip
            life = Life(1, at, at + timedelta(minutes=150 + 5 * n), chance)
            life.live()
            yield Past(reading, life)
            for code in (c for c in STORM if c in self.rules and chance.random() < 0.55):
                later = at + timedelta(seconds=int(chance.integers(60, 900)))
                one = self._one(chance, self.rules[code], area, later, 15, cause)
                if one is not None:
                    yield one


def _warning(event: Names, level: int, place: Names) -> Names:
    zh, en = {1: ("红色", "red"), 2: ("橙色", "orange"), 3: ("黄色", "yellow")}[level]
    return both(
        f"{place['zh']}发布{event['zh']}{zh}预警信号",
        f"{en} {event['en'].lower()} warning in force in {place['en']}",
    )


def _beyond(limit: float, share: float, indicator: Indicator) -> float:
    """Return a value beyond a limit, as exact as it is shown; no share is more than the whole."""
    least = 10.0 ** (0 - indicator.decimals)
    value = round(limit * (1 + share), indicator.decimals)
    value = max(value, limit + least) if share > 0 else min(value, limit - least)
    return (
        float(min(value, 100.0)) if indicator.unit["zh"] == "%" and limit <= 100 else float(value)
    )


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(int(at), UTC)
