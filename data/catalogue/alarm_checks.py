"""What is wrong with an alarm rule: names that are not there, conditions that never or always hold.

The same checks for the files, for a rule that is proposed, and for one that is tried in a dry run.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from data.catalogue import alarm_entries as e
from data.catalogue.entries import Indicator, Source
from data.vocabulary import Aggregation, Grain

if TYPE_CHECKING:
    from data.catalogue import Catalogue

WARNERS = ("cap", "cma-warning")
PERIODS = {"daily": 24 * 60, "weekly": 7 * 24 * 60, "monthly": 31 * 24 * 60}
LISTED = 12


class Wrong(NamedTuple):
    """field: as "condition.limit". said: what is wrong with it. allowed: what would be right."""

    field: str
    said: str
    allowed: str = ""
    zh: str = ""
    """The same for the page in Chinese."""

    def __str__(self) -> str:
        return f"{self.field}: {self.said}" + (f"; {self.allowed}" if self.allowed else "")


def wrong_in(rule: e.AlarmRule, catalogue: Catalogue) -> Iterator[Wrong]:
    """Yield everything that is wrong with a rule, the gravest first."""
    yield from _named("domain", rule.domain, catalogue.domains)
    yield from _named("owner", rule.owner, catalogue.departments)
    yield from _named("category", rule.category, catalogue.categories)
    yield from _areas(rule, catalogue)
    targets = getattr(catalogue, "notices", None)
    if targets:
        for key in rule.notify:
            yield from _named("notify", key, targets)
    yield from _condition("condition", rule.condition, rule, catalogue)


def _named(field: str, name: str | None, known: Iterable[str]) -> Iterator[Wrong]:
    names = list(known)
    if name is not None and name not in names:
        shown = ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")
        known_words = f"known: {shown or 'none'}"
        yield Wrong(
            field, f"no such name: {name}", known_words, f"没有{name}，可选：{shown or '无'}"
        )


def _areas(rule: e.AlarmRule, catalogue: Catalogue) -> Iterator[Wrong]:
    for area in rule.areas:
        yield from _named("areas", area, catalogue.areas)
    level = 1 if rule.where == "city" else 2
    fit = [a.code for a in catalogue.areas.values() if a.level == level]
    for area in rule.areas:
        if area in catalogue.areas and area not in fit:
            yield Wrong("areas", f"{area} is no {rule.where}", f"allowed: {', '.join(fit)}")
    if len(set(rule.areas)) < len(rule.areas):
        yield Wrong("areas", "an area stands twice")


def _condition(
    field: str, condition: e.Condition, rule: e.AlarmRule, catalogue: Catalogue
) -> Iterator[Wrong]:
    if isinstance(condition, e.Threshold | e.Baseline | e.Spc):
        unknown = list(_named(f"{field}.indicator", condition.indicator, catalogue.indicators))
        if unknown:
            yield from unknown
            return
        yield from _measured(field, condition, catalogue.indicators[condition.indicator])
    elif isinstance(condition, e.Silence):
        yield from _silence(field, condition, catalogue)
    elif isinstance(condition, e.Warned):
        yield from _warned(field, condition, catalogue)
    elif isinstance(condition, e.Cases):
        yield from _cases(field, condition, catalogue)
    elif isinstance(condition, e.Combination):
        yield from _combination(field, condition, rule, catalogue)
    elif rule.where != "city":
        yield Wrong("where", "the system itself has no counties", "allowed: city")


def _measured(
    field: str, condition: e.Threshold | e.Baseline | e.Spc, indicator: Indicator
) -> Iterator[Wrong]:
    if isinstance(condition, e.Threshold):
        yield from _side(field, condition)
        yield from _reachable(field, condition, indicator)
        yield from _whole(field, condition, indicator)
    elif isinstance(condition, e.Baseline):
        yield from _baseline(field, condition, indicator)
    elif len(set(condition.signals)) < len(condition.signals) or not condition.signals:
        yield Wrong(f"{field}.signals", "none, or one stands twice",
                    "allowed: concern, improvement, neutral, each once",
                    "信号至少选一项")  # fmt: skip
    elif condition.grain == "day" and indicator.grain > Grain.DAY:
        grain = indicator.grain.name.lower()
        yield Wrong(f"{field}.grain", f"{indicator.code} is told by the {grain}",
                    "allowed: week")  # fmt: skip


def _side(field: str, condition: e.Threshold) -> Iterator[Wrong]:
    if condition.clear is None:
        return
    name, limit, ends = f"{field}.clear", f"{condition.limit:g}", "the limit: it would end at once"
    if condition.side == "above" and condition.clear > condition.limit:
        zh = f"{condition.clear:g}高于限值，一触发即解除；应不高于{limit}"
        yield Wrong(name, f"{condition.clear:g} is above {ends}", f"allowed: {limit} or less", zh)
    if condition.side == "below" and condition.clear < condition.limit:
        zh = f"{condition.clear:g}低于限值，一触发即解除；应不低于{limit}"
        yield Wrong(name, f"{condition.clear:g} is under {ends}", f"allowed: {limit} or more", zh)


def _bounds(condition: e.Threshold, indicator: Indicator) -> tuple[float | None, float | None]:
    """Return between which values the indicator can be at all, as the window counts it."""
    told = indicator.plausible
    low, high = (told.low, told.high) if told else (None, None)
    total = indicator.aggregation is Aggregation.SUM
    if total and condition.window == "today" and high is not None:
        periods = {Grain.MINUTE: 1440, Grain.HOUR: 24}.get(indicator.grain, 1)
        high *= periods
    return low, high


def _reachable(field: str, condition: e.Threshold, indicator: Indicator) -> Iterator[Wrong]:
    low, high = _bounds(condition, indicator)
    limit, clear = condition.limit, condition.clear
    span = f"{'…' if low is None else f'{low:g}'} to {'…' if high is None else f'{high:g}'}"
    can = f"{indicator.code} can be {span}"
    zh = f"，{indicator.name['zh']}的取值范围为{span.replace(' to ', '至')}"
    if condition.side == "above":
        if high is not None and limit > high:
            yield Wrong(
                f"{field}.limit", f"{limit:g} can never be reached", can, f"{limit:g}永远达不到{zh}"
            )
        if low is not None and limit <= low:
            yield Wrong(
                f"{field}.limit",
                f"{limit:g} always holds",
                f"{can}; allowed: more than {low:g}",
                f"{limit:g}恒成立{zh}",
            )
        if clear is not None and low is not None and clear < low:
            yield Wrong(
                f"{field}.clear",
                f"{clear:g} is never come back to",
                can,
                f"{clear:g}无法回到，告警不会解除{zh}",
            )
    else:
        if low is not None and limit <= low:
            yield Wrong(
                f"{field}.limit",
                f"a value below {limit:g} can never be",
                can,
                f"不可能低于{limit:g}{zh}",
            )
        if high is not None and limit > high:
            yield Wrong(
                f"{field}.limit",
                f"{limit:g} always holds",
                f"{can}; allowed: {high:g} or less",
                f"{limit:g}恒成立{zh}",
            )
        if clear is not None and high is not None and clear > high:
            yield Wrong(
                f"{field}.clear",
                f"{clear:g} is never come back to",
                can,
                f"{clear:g}无法回到，告警不会解除{zh}",
            )


def _whole(field: str, condition: e.Threshold, indicator: Indicator) -> Iterator[Wrong]:
    """A total that is still counted on is below every limit at first."""
    total = indicator.aggregation is Aggregation.SUM
    if total and condition.side == "below" and condition.window != "hour":
        yield Wrong(f"{field}.window", f"{condition.window}: a running total begins at 0 each time",
                    "allowed: hour", "累计值从零开始，低于判断只能取上一整点小时")  # fmt: skip
    if indicator.aggregation is Aggregation.LAST and condition.window == "today":
        yield Wrong(f"{field}.window", "today: a gauge is not added over time",
                    "allowed: now, hour",
                    "时点值不作今日累计，可取当前值或上一整点小时")  # fmt: skip
    if condition.window == "hour" and indicator.grain > Grain.HOUR:
        grain = indicator.grain.name.lower()
        yield Wrong(f"{field}.window", f"hour: {indicator.code} is told by the {grain}",
                    "allowed: now")  # fmt: skip
    if condition.window == "today" and indicator.grain > Grain.DAY:
        grain = indicator.grain.name.lower()
        yield Wrong(f"{field}.window", f"today: {indicator.code} is told by the {grain}",
                    "allowed: now")  # fmt: skip


def _baseline(field: str, condition: e.Baseline, indicator: Indicator) -> Iterator[Wrong]:
    if condition.sigmas is None and condition.percent is None:
        yield Wrong(f"{field}.sigmas", "neither sigmas nor percent is named: it would always hold",
                    "name one of them, or both",
            "标准差倍数与变化幅度至少填一项，否则恒成立")  # fmt: skip
    if indicator.grain > Grain.HOUR:
        yield Wrong(f"{field}.indicator", f"{indicator.code} has no normal band by the hour",
                    "allowed: indicators told by the minute or the hour")  # fmt: skip
    counted = indicator.aggregation in (Aggregation.SUM, Aggregation.LAST)
    if condition.side == "below" and condition.percent is not None and condition.percent > 100:
        said = f"{condition.percent:g}: no value is so far below its usual"
        yield Wrong(f"{field}.percent", said, "allowed: at most 100", "降幅不超过100")
    if counted and condition.side == "below" and (condition.sigmas or 0) > 50:
        yield Wrong(f"{field}.sigmas", f"{condition.sigmas:g}: a count never falls so far",
                    "allowed: at most 50")  # fmt: skip


def _silence(field: str, condition: e.Silence, catalogue: Catalogue) -> Iterator[Wrong]:
    yield from _named(f"{field}.source", condition.source, catalogue.sources)
    if condition.source is not None and condition.source not in catalogue.sources:
        return
    if condition.late_after is None:
        return
    named = [condition.source] if condition.source else expected_sources(catalogue.sources.values())
    own = {key: own_minutes(catalogue.sources[key]) for key in named}
    key = max(own, key=lambda k: own[k], default=None)
    if key is not None and condition.late_after <= own[key]:
        yield Wrong(
            f"{field}.late_after",
            f"{condition.late_after} min is no longer than the rhythm of {key}",
            f"allowed: more than {own[key]:g} min, or no late_after",
            f"应长于数据源自身节奏{own[key]:g}分钟",
        )


def own_minutes(source: Source) -> float:
    """Return the rhythm of a source in minutes: declared, or how often it is asked."""
    if source.rhythm is not None:
        return float(PERIODS[source.rhythm.every])
    return source.every / 60


def expected_sources(sources: Iterable[Source]) -> list[str]:
    """Return the sources of which something is expected: not those that wait for a first file."""
    return [s.key for s in sources if not s.waits]


def _warned(field: str, condition: e.Warned, catalogue: Catalogue) -> Iterator[Wrong]:
    if any(not word.strip() for word in condition.events):
        yield Wrong(f"{field}.events", "an empty word stands in every event", "name words, or none")
    if not any(s.connector in WARNERS for s in catalogue.sources.values()):
        yield Wrong(field, "no source brings warnings: it can never hold",
                    f"needed: a source of {' or '.join(WARNERS)}")  # fmt: skip


def _cases(field: str, condition: e.Cases, catalogue: Catalogue) -> Iterator[Wrong]:
    for code in condition.categories:
        yield from _named(f"{field}.categories", code, catalogue.categories)
    if condition.measure == "burst" and condition.count < 2:
        yield Wrong(f"{field}.count", "one report is no burst: it would always hold",
                    "allowed: 2 or more", "集中上报至少2件")  # fmt: skip
    if condition.measure != "burst" and condition.radius_m is not None:
        yield Wrong(
            f"{field}.radius_m", f"is for burst, not for {condition.measure}", "leave it out"
        )
    if condition.categories and len(set(condition.categories)) < len(condition.categories):
        yield Wrong(f"{field}.categories", "a category stands twice")


def _combination(
    field: str, condition: e.Combination, rule: e.AlarmRule, catalogue: Catalogue
) -> Iterator[Wrong]:
    if condition.at_least is not None and condition.at_least > len(condition.of):
        yield Wrong(f"{field}.at_least", f"{condition.at_least} of {len(condition.of)} never hold",
                    f"allowed: 1 to {len(condition.of)}",
                    f"共{len(condition.of)}项条件，须在1至{len(condition.of)}之间")  # fmt: skip
    seen: list[e.Simple] = []
    for place, part in enumerate(condition.of):
        if any(_same(part, other) for other in seen):
            yield Wrong(f"{field}.of.{place}", "the same condition stands twice",
                        "each condition once")  # fmt: skip
        seen.append(part)
        yield from _condition(f"{field}.of.{place}", part, rule, catalogue)
        if isinstance(part, e.Cases) and part.radius_m is not None:
            yield Wrong(f"{field}.of.{place}.radius_m", "a combination is judged by area",
                        "leave it out")  # fmt: skip


def _same(one: e.Simple, other: e.Simple) -> bool:
    """Return whether two parts ask the same of the same: limits apart, one implies the other."""
    if type(one) is not type(other):
        return False
    drop: Container[str] = ("limit", "clear") if isinstance(one, e.Threshold) else ()
    left = {k: v for k, v in one.model_dump().items() if k not in drop}
    return left == {k: v for k, v in other.model_dump().items() if k not in drop}
