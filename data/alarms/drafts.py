"""A change of a rule as a form has it: its fields as text, and the body they make. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from data.catalogue import alarm_entries as e
from data.catalogue.alarm_entries import AlarmRule

Kind = Literal["number", "whole", "choice", "many", "words"]
SIDES, WINDOWS = ("above", "below"), ("now", "hour", "today")
LEVELS = ("1", "2", "3", "4")


@dataclass(frozen=True)
class Field:
    """One field of the form. inside: it belongs to the condition. empty: it may be left out."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    inside: bool = False
    empty: bool = False


@dataclass(frozen=True)
class Typed:
    """A field that cannot be read: its name, and what it wants (number, whole, choice)."""

    name: str
    wants: str


COMMON = (
    Field("enabled", "choice", ("yes", "no")),
    Field("priority", "choice", LEVELS),
    Field("hold_s", "whole"),
    Field("clear_hold_s", "whole"),
    Field("within", "whole"),
    Field("areas", "many"),
    Field("notify", "many"),
)


def _in(name: str, kind: Kind, choices: tuple[str, ...] = (), *, empty: bool = False) -> Field:
    return Field(name, kind, choices, inside=True, empty=empty)


OWN: dict[str, tuple[Field, ...]] = {
    "threshold": (
        _in("side", "choice", SIDES),
        _in("limit", "number"),
        _in("clear", "number", empty=True),
        _in("window", "choice", WINDOWS),
    ),
    "baseline": (
        _in("side", "choice", (*SIDES, "both")),
        _in("sigmas", "number", empty=True),
        _in("percent", "number", empty=True),
        _in("least", "number"),
        _in("clear_share", "number"),
    ),
    "spc": (
        _in("grain", "choice", ("week", "day")),
        _in("signals", "many", ("concern", "improvement", "neutral")),
    ),
    "silence": (_in("factor", "number"), _in("late_after", "whole", empty=True)),
    "warning": (_in("level", "choice", LEVELS), _in("events", "words", empty=True)),
    "cases": (
        _in("count", "whole"),
        _in("minutes", "whole"),
        _in("radius_m", "whole", empty=True),
        _in("level", "choice", LEVELS),
    ),
    "combination": (_in("at_least", "whole", empty=True), _in("minutes", "whole")),
    "watch": (_in("minutes", "number"),),
}
"""What of a condition a form can change; its kind and what it looks at stay."""


def fields_of(rule: AlarmRule) -> tuple[Field, ...]:
    """Return the fields of the form of a rule, those of its condition first."""
    own = OWN[rule.condition.kind]
    if isinstance(rule.condition, e.Cases) and rule.condition.measure != "burst":
        own = tuple(f for f in own if f.name != "radius_m")
    return (*own, *COMMON)


def draft_of(rule: AlarmRule) -> dict[str, Any]:
    """Return the fields as the form shows them: texts, and lists where several may be chosen."""
    found: dict[str, Any] = {}
    for field in fields_of(rule):
        value = getattr(rule.condition if field.inside else rule, field.name)
        if field.kind == "many":
            found[field.name] = list(value)
        elif field.name == "enabled":
            found[field.name] = "yes" if value else "no"
        elif field.kind == "words":
            found[field.name] = "，".join(value)
        elif value is None:
            found[field.name] = ""
        else:
            found[field.name] = f"{value:g}" if isinstance(value, float) else str(value)
    return found


def body_of(rule: AlarmRule, draft: Mapping[str, Any]) -> dict[str, Any] | Typed:
    """Return the whole body that a rule with these fields has, or the field that cannot be read.

    What the form does not show stays as it is.
    """
    body = rule.model_dump(mode="json", exclude={"code", "version"})
    for field in fields_of(rule):
        value = _read(field, draft.get(field.name))
        if isinstance(value, Typed):
            return value
        (body["condition"] if field.inside else body)[field.name] = value
    return body


def _read(field: Field, written: Any) -> Any:
    if field.kind == "many":
        return [str(x) for x in written or ()]
    text = str(written if written is not None else "").strip()
    if field.kind == "words":
        return [w for w in text.replace("，", ",").replace("、", ",").split(",") if w.strip()]
    if not text:
        return None if field.empty else Typed(field.name, field.kind)
    if field.kind == "choice":
        return _choice(field, text)
    try:
        number = float(text)
    except ValueError:
        return Typed(field.name, field.kind)
    if number != number or abs(number) > 1e12 or (field.kind == "whole" and number % 1):
        return Typed(field.name, field.kind)
    return int(number) if field.kind == "whole" else number


def _choice(field: Field, text: str) -> Any:
    if text not in field.choices:
        return Typed(field.name, "choice")
    if field.name == "enabled":
        return text == "yes"
    return int(text) if text.isdigit() else text


def changed(old: AlarmRule, new: AlarmRule) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two versions, field by field: (before, after)."""
    before, after = _flat(old), _flat(new)
    return {
        name: (before.get(name), after.get(name))
        for name in (*before, *(n for n in after if n not in before))
        if before.get(name) != after.get(name)
    }


def _flat(rule: AlarmRule) -> dict[str, Any]:
    told = rule.model_dump(mode="json", exclude={"code", "version"})
    return {**told.pop("condition"), **told}
