"""Fields that come with an act: what is wanted, whether it is there and whether it can be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.cases.change import Code

NOTE_LIMIT, REASON_LIMIT, NAME_LIMIT, CODE_LIMIT = 4000, 500, 200, 40
"""Letters. A reason also stands on approvals and cards, which keep it short."""
MANY, SMALL = 30, 2**15
"""Codes in a list; steps and versions."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no text holds and what no database takes; a space comes in its place."""


@dataclass(frozen=True)
class Field:
    """One field of an act. kind: text, code, codes, choice, number, small, flag, time or json.

    limit: letters of text and codes. choices: of a choice. past, later: a time
    that may not be after now, a time that must be.
    """

    name: str
    kind: str = "text"
    required: bool = False
    limit: int = NOTE_LIMIT
    choices: tuple[Any, ...] = ()
    past: bool = False
    later: bool = False


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field, as the refusal says it."""

    code: Code
    params: Mapping[str, Any]


EVERYWHERE = (Field("note"), Field("rule", limit=60), Field("detail", "json"))


def problem(code: Code, name: str, **params: Any) -> Problem:
    """Return what is wrong with the field `name`."""
    return Problem(code, {"field": name, **params})


def cleaned(
    fields: Sequence[Field], given: Mapping[str, Any], now: datetime
) -> dict[str, Any] | Problem:
    """Return the fields that were given, read, or the first problem in the order of `fields`."""
    wanted = {f.name: f for f in (*EVERYWHERE, *fields)}
    found: dict[str, Any] = {}
    for spec in wanted.values():
        value = _read(spec, given.get(spec.name), now)
        if isinstance(value, Problem):
            return value
        if value is not None:
            found[spec.name] = value
        elif spec.required:
            return problem(Code.MISSING_FIELD, spec.name)
    strange = [name for name in given if name not in wanted]
    return problem(Code.UNKNOWN_FIELD, str(strange[0])[:CODE_LIMIT]) if strange else found


def _read(spec: Field, value: Any, now: datetime) -> Any:
    return None if value is None else _READERS[spec.kind](spec, value, now)


def _text(spec: Field, value: Any, _now: datetime) -> str | Problem | None:
    if not isinstance(value, str):
        return problem(Code.BAD_VALUE, spec.name, wanted="text")
    text = _CONTROL.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > spec.limit:
        return problem(Code.TOO_LONG, spec.name, limit=spec.limit, length=len(text))
    return text or None


def _code(spec: Field, value: Any, now: datetime) -> str | Problem | None:
    limit = min(spec.limit, CODE_LIMIT)
    return _text(Field(spec.name, limit=limit), value, now)


def _codes(spec: Field, value: Any, now: datetime) -> tuple[str, ...] | Problem | None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return problem(Code.BAD_VALUE, spec.name, wanted="list")
    if len(value) > MANY:
        return problem(Code.TOO_LONG, spec.name, limit=MANY, length=len(value))
    found: dict[str, None] = {}
    for item in value:
        code = _code(spec, item, now)
        if isinstance(code, Problem):
            return code
        if code:
            found[code] = None
    return tuple(found) or None


def _choice(spec: Field, value: Any, _now: datetime) -> Any:
    usable = isinstance(value, str | int) and not isinstance(value, bool)
    found = next((c for c in spec.choices if usable and c == value), None)
    if found is not None:
        return found
    if value == "":
        return None
    return problem(Code.UNKNOWN_CHOICE, spec.name, choices=spec.choices)


def _number(spec: Field, value: Any, _now: datetime) -> int | Problem:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        return problem(Code.BAD_VALUE, spec.name, wanted="number")
    return value


def _small(spec: Field, value: Any, now: datetime) -> int | Problem:
    found = _number(spec, value, now)
    small = isinstance(found, Problem) or found < SMALL
    return found if small else problem(Code.BAD_VALUE, spec.name, wanted="number")


def _flag(spec: Field, value: Any, _now: datetime) -> bool | Problem:
    return value if isinstance(value, bool) else problem(Code.BAD_VALUE, spec.name, wanted="flag")


def _time(spec: Field, value: Any, now: datetime) -> datetime | Problem:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return problem(Code.BAD_VALUE, spec.name, wanted="time")
    if spec.past and value > now:
        return problem(Code.IN_THE_FUTURE, spec.name, at=value)
    if spec.later and value <= now:
        return problem(Code.NOT_LATER, spec.name, than=now)
    return value


def _json(spec: Field, value: Any, _now: datetime) -> Any:
    if not isinstance(value, Mapping):
        return problem(Code.BAD_VALUE, spec.name, wanted="mapping")
    return dict(value) or None


_READERS = {
    "text": _text,
    "code": _code,
    "codes": _codes,
    "choice": _choice,
    "number": _number,
    "small": _small,
    "flag": _flag,
    "time": _time,
    "json": _json,
}
