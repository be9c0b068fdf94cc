"""What a tile may say of an indicator whose small counts are protected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from data.catalogue.entries import Indicator
from data.indicators.value import Counts, value_of
from data.queries.hidden import Veil
from data.vocabulary import LOCAL, Grain, Names

NO_WORDS: Names = {"zh": "", "en": ""}


@dataclass(frozen=True)
class Outcome:
    """A value on its way to a screen. until: it counts up to here, not up to now."""

    value: float | None
    hidden: bool = False
    why: Names | None = None
    until: datetime | None = None


def not_shown(indicator: Indicator) -> Outcome:
    """Return that there may be a value, and why it is not shown."""
    return Outcome(None, hidden=True, why=hidden_words(indicator.small_count))


def hidden_words(least: int) -> Names:
    """Return why a value is not shown; the same words whether it is small or would tell one."""
    return {
        "zh": f"少于{least}，或可据以推算少于{least}的数，不公布",
        "en": f"not shown: below {least}, or would tell a number below {least}",
    }


def newest_shown(
    veil: Veil,
    indicator: Indicator,
    area: str,
    periods: set[tuple[int, datetime]],
    counts: Counts | None,
) -> Outcome:
    """Return the value of the newest period; areas of different periods make no stored total."""
    if counts is None:
        return Outcome(None)
    if len(periods) > 1:
        return not_shown(indicator)
    ((grain, start),) = periods
    if veil.hides(indicator.code, area, Grain(grain), start):
        return not_shown(indicator)
    return Outcome(value_of(counts, indicator.aggregation, indicator.factor))


def today_shown(
    veil: Veil,
    indicator: Indicator,
    area: str,
    hours: Mapping[int, tuple[float, float | None, float | None]],
    day: Counts | None,
    now: datetime,
) -> Outcome:
    """Return the total of the day so far, up to the last hour that is no longer counted on.

    Of the city up to the last hour that may be shown: its hidden hours lie in runs that are
    safe by themselves. Of other areas nothing while an hour of theirs is hidden.
    """
    if day is None:
        return Outcome(None)
    midnight = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    if not veil.hides(indicator.code, area, Grain.DAY, midnight):
        return Outcome(value_of(day, indicator.aggregation, indicator.factor))
    told = [at for at in sorted(hours) if at >= midnight.timestamp()]
    over = [at for at in told if veil.closed(indicator.code, datetime.fromtimestamp(at, UTC))]
    shown = [at for at, ok in hours_shown(veil, indicator, area, over) if ok]
    city = area == veil.catalogue.city.code and indicator.rolls_up
    if not shown or not (city or _all_shown(veil, indicator, area, midnight, over[-1])):
        return not_shown(indicator)
    parts = [hours[at] for at in told if at <= shown[-1]]
    counts = sum(p[0] for p in parts), sum(p[1] or 0.0 for p in parts)
    until = datetime.fromtimestamp(shown[-1], UTC) + timedelta(hours=1)
    value = value_of(counts, indicator.aggregation, indicator.factor)
    return Outcome(value, until=min(until, now))


def _all_shown(veil: Veil, indicator: Indicator, area: str, first: datetime, last: int) -> bool:
    """Return whether no hour up to `last` is hidden, with or without a value."""
    hours = range(int(first.timestamp()), last + 1, 3600)
    return all(ok for _, ok in hours_shown(veil, indicator, area, hours))


def hours_shown(
    veil: Veil, indicator: Indicator, area: str, hours: Iterable[int]
) -> list[tuple[int, bool]]:
    """Return hours (epoch seconds) and whether the value of each may be shown."""
    if not indicator.small_count:
        return [(at, True) for at in hours]
    code = indicator.code
    instants = ((at, datetime.fromtimestamp(at, UTC)) for at in hours)
    return [(at, not veil.hides(code, area, Grain.HOUR, start)) for at, start in instants]
