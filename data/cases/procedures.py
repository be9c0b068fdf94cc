"""Versions of a standing procedure, what one changes in another, and what is wrong in a draft."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from data.catalogue.loop_entries import Sop, SopStep

VersionState = Literal["shipped", "proposed", "approved", "refused"]
LineState = Literal["same", "changed", "moved", "added", "removed"]
FIELDS = ("zh", "en", "department", "within", "condition_zh", "condition_en")
"""Of one step in the form, all of them text."""

MOST_STEPS, MOST_LETTERS, MOST_MINUTES = 30, 200, 60 * 24 * 60
ALIKE = 0.5
"""From this likeness on, two steps in the same place are one that was reworded."""


@dataclass(frozen=True)
class SopVersion:
    """One version. id: its row, None as shipped. in_force: whether new cases start from it."""

    sop: Sop
    state: VersionState
    in_force: bool = False
    id: int | None = None
    reason: str = ""
    proposed_at: datetime | None = None
    proposed_by: int | None = None
    proposed_name: str = ""
    decided_at: datetime | None = None
    decided_name: str = ""


@dataclass(frozen=True)
class StepLine:
    """One line of a comparison; old or new is None where the step is in one of them only."""

    state: LineState
    old: SopStep | None
    new: SopStep | None


@dataclass(frozen=True)
class Wrong:
    """What is wrong in a draft. step: its number from 1, 0 for the whole; field: of FIELDS.

    why: missing, number, too_long, unknown, both_languages, no_steps, too_many, same.
    """

    step: int
    field: str
    why: str


def compared(old: Sop, new: Sop) -> list[StepLine]:
    """Return the steps of both line by line, in the order of the new one."""
    matcher = SequenceMatcher(None, _names(old), _names(new), autojunk=False)
    lines: list[StepLine] = []
    for _tag, a, b, c, d in matcher.get_opcodes():
        lines += _pairs(old.steps[a:b], new.steps[c:d])
    return _with_moves(lines)


def _names(sop: Sop) -> list[str]:
    return [step.name["zh"] for step in sop.steps]


def _pairs(old: Sequence[SopStep], new: Sequence[SopStep]) -> Iterator[StepLine]:
    """Yield two stretches beside each other: alike steps as one line, then what is left over."""
    rest = list(old)
    for step in new:
        alike = next((x for x in rest if _alike(x, step)), None)
        if alike is None:
            yield StepLine("added", None, step)
            continue
        for gone in rest[: rest.index(alike)]:
            yield StepLine("removed", gone, None)
        rest = rest[rest.index(alike) + 1 :]
        yield StepLine("same" if _plain(alike) == _plain(step) else "changed", alike, step)
    yield from (StepLine("removed", gone, None) for gone in rest)


def _alike(old: SopStep, new: SopStep) -> bool:
    return SequenceMatcher(None, old.name["zh"], new.name["zh"], autojunk=False).ratio() >= ALIKE


def _plain(step: SopStep) -> dict[str, Any]:
    return step.model_dump(exclude={"no"})


def _with_moves(lines: list[StepLine]) -> list[StepLine]:
    """Return a step that is gone here and new there as one that moved."""
    gone = {line.old.name["zh"]: line.old for line in lines if line.new is None and line.old}
    found, moved = [], set()
    for line in lines:
        name = line.new.name["zh"] if line.new else ""
        if line.state == "added" and name in gone:
            moved.add(name)
            line = StepLine("moved", gone[name], line.new)
        found.append(line)
    return [x for x in found if not (x.state == "removed" and x.old and x.old.name["zh"] in moved)]


def draft_of(sop: Sop) -> list[dict[str, str]]:
    """Return the steps as the form shows them."""
    return [
        {
            "zh": step.name["zh"],
            "en": step.name["en"],
            "department": step.department,
            "within": str(step.within),
            "condition_zh": step.condition["zh"] if step.condition else "",
            "condition_en": step.condition["en"] if step.condition else "",
        }
        for step in sop.steps
    ]


def wrong_in(base: Sop, draft: Sequence[Mapping[str, str]], known: Container[str]) -> list[Wrong]:
    """Return what is wrong in a draft over `base`; known: keys of departments."""
    if not draft:
        return [Wrong(0, "", "no_steps")]
    if len(draft) > MOST_STEPS:
        return [Wrong(0, "", "too_many")]
    found = [w for no, step in enumerate(draft, 1) for w in _wrong_step(no, step, known)]
    if not found and body_of(base, draft)["steps"] == _body(base)["steps"]:
        return [Wrong(0, "", "same")]
    return found


def _wrong_step(no: int, step: Mapping[str, str], known: Container[str]) -> Iterator[Wrong]:
    for field in ("zh", "en"):
        if not step.get(field, "").strip():
            yield Wrong(no, field, "missing")
    for field in ("zh", "en", "condition_zh", "condition_en"):
        if len(step.get(field, "").strip()) > MOST_LETTERS:
            yield Wrong(no, field, "too_long")
    if step.get("department", "") not in known:
        yield Wrong(no, "department", "unknown" if step.get("department") else "missing")
    if _minutes(step) is None:
        yield Wrong(no, "within", "number")
    conditions = [bool(step.get(f, "").strip()) for f in ("condition_zh", "condition_en")]
    if any(conditions) and not all(conditions):
        missing = "condition_en" if conditions[0] else "condition_zh"
        yield Wrong(no, missing, "both_languages")


def _minutes(step: Mapping[str, str]) -> int | None:
    written = step.get("within", "").strip()
    if not (written.isascii() and written.isdigit() and len(written) <= 6):
        return None
    return int(written) if 0 < int(written) <= MOST_MINUTES else None


def body_of(base: Sop, draft: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return `base` with the steps of a draft that nothing is wrong in, as a version is kept."""
    steps = []
    for no, step in enumerate(draft, 1):
        told = {name: step.get(name, "").strip() for name in FIELDS}
        condition = {"zh": told["condition_zh"], "en": told["condition_en"]}
        steps.append(
            {
                "no": no,
                "name": {"zh": told["zh"], "en": told["en"]},
                "department": told["department"],
                "within": _minutes(step),
                "condition": condition if condition["zh"] else None,
            }
        )
    return _body(base) | {"steps": steps}


def _body(sop: Sop) -> dict[str, Any]:
    return sop.model_dump(mode="json", exclude={"code", "version"})
