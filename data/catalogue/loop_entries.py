"""The closed loop as data: who answers for what, by which steps, and what follows a delay."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AliasChoices, Field, model_validator

from data.catalogue.entries import Entry
from data.vocabulary import Closing, Colour, Names, Role

LevelName = Literal["city", "county", "town"]
LEVELS: dict[LevelName, int] = {"city": 1, "county": 2, "town": 3}
STAGES = ("verify", "dispatch", "accept", "handle", "check")


class DutyClocks(Entry):
    """Codes of the clocks of one duty: the whole case, and stages that have one."""

    total: str
    verify: str | None = None
    dispatch: str | None = None
    accept: str | None = None
    handle: str | None = None
    check: str | None = None

    def of(self, kind: str) -> str | None:
        """Return the code of the clock `kind`: total or a stage; None if it has none."""
        found: str | None = getattr(self, kind)
        return found

    def all(self) -> dict[str, str]:
        """Return every clock by kind, total first."""
        codes = {kind: self.of(kind) for kind in ("total", *STAGES)}
        return {kind: code for kind, code in codes.items() if code}


class Duty(Entry):
    """Who leads a category at some levels of areas, with whom, by which clocks and procedure."""

    category: str
    levels: tuple[LevelName, ...] = Field(min_length=1)
    lead: str
    co: tuple[str, ...] = ()
    clocks: DutyClocks
    sop: str | None = None
    version: int = Field(default=1, ge=1)
    valid_from: date = date(2020, 1, 1)
    basis: Names

    @property
    def ref(self) -> str:
        """What a case keeps of it, as "flood_risk/town@1"; at most 40 letters."""
        return f"{self.category}/{self.levels[0]}@{self.version}"

    @model_validator(mode="after")
    def _lead_once(self) -> Duty:
        if len(set(self.co)) < len(self.co) or self.lead in self.co:
            raise ValueError(f"{self.category}: a department stands twice")
        if len(self.ref) > 40:
            raise ValueError(f"{self.category}: the name is too long")
        return self


class SopStep(Entry):
    """One step. within: minutes from the start of the procedure. condition: when it is done.

    In the files its number is called step: a bare `no` means false in YAML.
    """

    no: int = Field(ge=1, validation_alias=AliasChoices("step", "no"))
    name: Names
    department: str
    within: int = Field(gt=0, le=60 * 24 * 60)
    condition: Names | None = None


class SopRule(Entry):
    """Cases a procedure starts by itself for: these categories, at this severity or worse."""

    categories: tuple[str, ...] = Field(min_length=1)
    level: Literal[1, 2, 3, 4] = 4


class Sop(Entry):
    """One version of a standing procedure."""

    code: str = Field(pattern="^[a-z0-9_]{1,40}$")
    name: Names
    started_by: Literal["hand", "rule"] = "hand"
    rule: SopRule | None = None
    steps: tuple[SopStep, ...] = Field(min_length=1)
    version: int = Field(default=1, ge=1)
    valid_from: date = date(2020, 1, 1)
    basis: Names

    @model_validator(mode="after")
    def _is_whole(self) -> Sop:
        if [step.no for step in self.steps] != list(range(1, len(self.steps) + 1)):
            raise ValueError(f"{self.code}: steps are numbered 1, 2, 3 …")
        if (self.started_by == "rule") != (self.rule is not None):
            raise ValueError(f"{self.code}: started_by rule, and only this, names a rule")
        return self


class Rung(Entry):
    """One rung of supervision.

    when and threshold: before_due: share of the limit that is left (0.2 is a fifth);
    overdue: share of the limit it is over (0 at once); overdue_repeated: cases over their
    limit of one department in `within_days`; progress_gap: points (0-100) of the limit
    used up more than of the steps done.
    next_within, answer_within, appeal_within: clocks from the day of the card.
    """

    code: str = Field(pattern="^[a-z0-9_]{1,40}$")
    name: Names
    when: Literal["before_due", "overdue", "overdue_repeated", "progress_gap"]
    threshold: float = Field(ge=0)
    within_days: int | None = Field(default=None, gt=0, le=366)
    colour: Colour
    next_step: Names
    next_within: str | None = None
    answer_within: str | None = None
    appeal_within: str | None = None
    version: int = Field(default=1, ge=1)
    valid_from: date = date(2020, 1, 1)
    basis: Names

    @model_validator(mode="after")
    def _threshold_fits(self) -> Rung:
        most = {"before_due": 1.0, "progress_gap": 100.0}.get(self.when)
        if most is not None and not 0 < self.threshold < most:
            raise ValueError(f"{self.code}: the threshold lies between 0 and {most:g}")
        if (self.when == "overdue_repeated") != (self.within_days is not None):
            raise ValueError(f"{self.code}: overdue_repeated, and only this, names within_days")
        if self.when == "overdue_repeated" and self.threshold < 2:
            raise ValueError(f"{self.code}: repeated is at least 2 times")
        return self


class ClosingKind(Entry):
    """One way a case ends, who may end it so, and whether an independent check must stand."""

    code: Closing
    name: Names
    needs_check: bool
    roles: tuple[Role, ...] = Field(min_length=1)
    definition: Names
