"""An alarm rule in words: its kind, its condition, every field, why a change was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.formats import duration
from components.i18n import N_, _, language, name
from components.loop_terms import role_word
from components.procedure_words import sop_refusal
from data.alarms.drafts import Typed
from data.cases.change import Code, Refusal
from data.catalogue import alarm_entries as e
from data.catalogue.alarm_entries import AlarmRule
from data.vocabulary import Names

KINDS: dict[str, str] = {
    "threshold": N_("Threshold"),
    "baseline": N_("Against the usual"),
    "spc": N_("Control chart"),
    "silence": N_("Silence"),
    "warning": N_("Public warning"),
    "cases": N_("Cases"),
    "combination": N_("Combination"),
    "watch": N_("Self-check"),
}
FIELDS: dict[str, str] = {
    "side": N_("Side"),
    "limit": N_("Alarm limit"),
    "clear": N_("Ends at"),
    "window": N_("Value looked at"),
    "sigmas": N_("Standard deviations"),
    "percent": N_("Change in %"),
    "least": N_("Least difference"),
    "clear_share": N_("Ends below this share"),
    "grain": N_("Period"),
    "signals": N_("Signals"),
    "factor": N_("Times its rhythm"),
    "late_after": N_("Minutes instead of its rhythm"),
    "level": N_("Level or graver"),
    "events": N_("Words in the event"),
    "count": N_("Number of cases"),
    "minutes": N_("Minutes"),
    "radius_m": N_("Radius in metres"),
    "at_least": N_("Conditions that must hold"),
    "enabled": N_("In use"),
    "priority": N_("Priority"),
    "hold_s": N_("Holds for (s)"),
    "clear_hold_s": N_("Over for (s)"),
    "within": N_("Answer within (min)"),
    "areas": N_("Areas"),
    "notify": N_("Tells"),
    "name": N_("Rule name"),
    "answer": N_("What to do"),
    "why": N_("Rationale"),
    "owner": N_("Department"),
    "category": N_("Category"),
    "domain": N_("Domain"),
    "where": N_("Looked at"),
    "indicator": N_("Indicator"),
    "of": N_("Conditions"),
    "condition": N_("Alarm condition"),
    "kind": N_("Kind"),
    "reason": N_("Reason"),
    "code": N_("Code"),
    "source": N_("Source"),
    "categories": N_("Categories"),
    "body": N_("Rule"),
}
CHOICES: dict[str, str] = {
    "above": N_("at or above"),
    "below": N_("below"),
    "both": N_("either way"),
    "now": N_("now"),
    "hour": N_("last whole hour"),
    "today": N_("today so far"),
    "week": N_("week"),
    "day": N_("day"),
    "yes": N_("yes"),
    "no": N_("no"),
    "concern": N_("for the worse"),
    "improvement": N_("for the better"),
    "neutral": N_("unusual"),
    "1": N_("red"),
    "2": N_("orange"),
    "3": N_("yellow"),
    "4": N_("blue"),
    "county": N_("each county"),
    "city": N_("the city"),
}
MEASURES: dict[str, str] = {
    "overdue": N_("over their limit"),
    "untaken": N_("taken by nobody"),
    "burst": N_("reported"),
    "open": N_("open"),
    "heartbeat": N_("the heartbeat is missing"),
    "screen_lost": N_("a display is lost"),
    "collector": N_("the collector stands still"),
    "store": N_("the store is in trouble"),
    "undelivered": N_("notices are not delivered"),
    "clock": N_("the clock is wrong"),
}


@dataclass(frozen=True)
class Terms:
    """What rules name, by code: names of indicators, areas, sources, categories, departments."""

    indicators: Mapping[str, Names]
    units: Mapping[str, Names]
    areas: Mapping[str, Names]
    sources: Mapping[str, Names]
    categories: Mapping[str, Names]
    departments: Mapping[str, Names]
    domains: Mapping[str, Names]
    targets: Mapping[str, Names]
    counties: tuple[str, ...] = ()
    city: tuple[str, ...] = ()


def kind_word(kind: str) -> str:
    """Return what a kind of rule is called."""
    return _(KINDS[kind])


def field_name(field: str) -> str:
    """Return what a field is called; one inside another by its own name."""
    own = [part for part in field.split(".") if part in FIELDS]
    return _(FIELDS[own[-1]]) if own else field


def choice_word(choice: str) -> str:
    """Return what a choice is called."""
    return _(CHOICES[choice]) if choice in CHOICES else choice


def condition_words(condition: e.Condition, terms: Terms) -> str:
    """Return a condition as a sentence."""
    return _SAID[condition.kind](condition, terms)


def _threshold(c: Any, terms: Terms) -> str:
    unit = name(terms.units.get(c.indicator)) or ""
    said = _("{what} ({window}) {side} {limit} {unit}").format(
        what=_named(terms.indicators, c.indicator), window=choice_word(c.window),
        side=choice_word(c.side), limit=f"{c.limit:g}", unit=unit,
    ).strip()  # fmt: skip
    if c.clear is None:
        return said
    return _("{said}; ends at {clear} {unit}").format(said=said, clear=f"{c.clear:g}", unit=unit)


def _baseline(c: Any, terms: Terms) -> str:
    parts = []
    if c.sigmas is not None:
        parts.append(_("{n} standard deviations").format(n=f"{c.sigmas:g}"))
    if c.percent is not None:
        parts.append(f"{c.percent:g}%")
    if c.least:
        unit = name(terms.units.get(c.indicator)) or ""
        parts.append(_("at least {n} {unit}").format(n=f"{c.least:g}", unit=unit))
    return _("{what} {side} its usual at this hour by {far}").format(
        what=_named(terms.indicators, c.indicator), side=_(_OFF[c.side]), far=_(", ").join(parts)
    )


_OFF = {"above": N_("above"), "below": N_("under"), "both": N_("off")}


def _spc(c: Any, terms: Terms) -> str:
    signals = _(", ").join(choice_word(s) for s in c.signals)
    return _("{what}: special cause by {grain}, {signals}").format(
        what=_named(terms.indicators, c.indicator), grain=choice_word(c.grain), signals=signals
    )


def _silence(c: Any, terms: Terms) -> str:
    who = _named(terms.sources, c.source) if c.source else _("Any source")
    if c.units:
        who = _("{source}, one county's share").format(source=who)
    if c.late_after is not None:
        return _("{who} quiet for {n} minutes").format(who=who, n=c.late_after)
    return _("{who} quiet for {n} times its rhythm").format(who=who, n=f"{c.factor:g}")


def _warning(c: Any, _terms: Terms) -> str:
    said = _("Warning of level {level} or graver in force").format(level=choice_word(str(c.level)))
    if not c.events:
        return said
    return _("{said}, event: {events}").format(said=said, events=_(", ").join(c.events))


def _cases(c: Any, terms: Terms) -> str:
    kinds = _(", ").join(_named(terms.categories, x) for x in c.categories) or _("All categories")
    said = _("{kinds}: {n} or more {what}").format(
        kinds=kinds, n=c.count, what=_(MEASURES[c.measure])
    )
    if c.measure != "open":
        said = _("{said}, {n} minutes").format(said=said, n=c.minutes)
    if c.radius_m:
        said = _("{said}, within {n} metres").format(said=said, n=c.radius_m)
    if c.level < 4:
        said = _("{said}, level {level} or graver").format(
            said=said, level=choice_word(str(c.level))
        )
    return said


def _combination(c: Any, terms: Terms) -> str:
    parts = _("; ").join(condition_words(p, terms) for p in c.of)
    return _("{need} of {n} within {minutes} minutes: {parts}").format(
        need=c.at_least or len(c.of), n=len(c.of), minutes=c.minutes, parts=parts
    )


def _watch(c: Any, _terms: Terms) -> str:
    return _("{what} for {n} minutes").format(what=_(MEASURES[c.measure]), n=f"{c.minutes:g}")


_SAID: dict[str, Callable[[Any, Terms], str]] = {
    "threshold": _threshold,
    "baseline": _baseline,
    "spc": _spc,
    "silence": _silence,
    "warning": _warning,
    "cases": _cases,
    "combination": _combination,
    "watch": _watch,
}


def _named(names: Mapping[str, Names], code: str) -> str:
    return name(names.get(code)) or code


def field_rows(rule: AlarmRule, terms: Terms) -> list[tuple[str, str]]:
    """Return every field of a rule in words: what it is called, what it is."""
    held = duration(rule.hold_s) if rule.hold_s else _("at once")
    over = duration(rule.clear_hold_s) if rule.clear_hold_s else _("at once")
    areas = _(", ").join(_named(terms.areas, a) for a in rule.areas)
    told = _(", ").join(_named(terms.targets, t) for t in rule.notify)
    return [
        (_("Alarm condition"), condition_words(rule.condition, terms)),
        (_("Raised after"), held),
        (_("Over after"), over),
        (_("Looked at"), areas or choice_word(rule.where)),
        (_("What to do"), name(rule.answer)),
        (_("Answer within"), duration(rule.within * 60)),
        (_("Rationale"), name(rule.why)),
        (_("Department"), _named(terms.departments, rule.owner) if rule.owner else "—"),
        (_("A case of it is"), _named(terms.categories, rule.category) if rule.category else "—"),
        (_("Tells"), told or _("by priority")),
    ]


def value_words(value: Any) -> str:
    """Return one value of a field as a comparison shows it."""
    if value in (None, "", [], ()):
        return "—"
    if isinstance(value, bool):
        return choice_word("yes" if value else "no")
    if isinstance(value, dict):
        return str(value.get(language()) or value.get("en") or value)
    if isinstance(value, list):
        return _(", ").join(value_words(v) for v in value)
    return choice_word(value) if isinstance(value, str) else f"{value:g}"


# ---- what is wrong ----


def typed_words(wrong: Typed) -> str:
    """Return what a field that cannot be read wants."""
    wants = {
        "number": _("a number"), "whole": _("a whole number"), "choice": _("one of its choices"),
    }  # fmt: skip
    return _("{field}: give {what}").format(
        field=field_name(wrong.name), what=wants.get(wrong.wants, wrong.wants)
    )


def rule_refusal(refusal: Refusal) -> str:
    """Return why a change of a rule was refused, and what would be right."""
    told = refusal.params
    if refusal.code is Code.BAD_VALUE:
        own = str(told["said"]).partition(": ")
        said = own[2] or own[0]
        if language() == "zh":
            said = str(told.get("zh") or said)
        return _("{field}: {said}").format(field=field_name(str(told["field"])), said=said)
    if refusal.code is Code.OTHER_AREA:
        return _("Alarm rules hold in the whole city; whoever answers for all of it changes them.")
    if refusal.code is Code.WRONG_ROLE:
        roles = _(", ").join(role_word(r) for r in told["roles"])
        return _("This is for: {roles}. Your role is another.").format(roles=roles)
    if refusal.code is Code.UNKNOWN_CHOICE:
        return _("There is no such rule any more")
    return sop_refusal(refusal)
