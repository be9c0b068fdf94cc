"""Alarm rules and the rules of the city's stage as data: the shape of each entry."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from data.catalogue.entries import Entry
from data.vocabulary import Names

Where = Literal["city", "county"]
"""Which areas a rule looks at, each by itself. Stations and towns are told in their county."""


class Threshold(Entry):
    """A value on one side of a limit. Limits in shown units.

    clear: the value at which the condition ends (hysteresis), the limit itself if not given.
    """

    kind: Literal["threshold"]
    indicator: str
    side: Literal["above", "below"]
    limit: float
    clear: float | None = None
    window: Literal["now", "hour", "today"] = "now"


class Baseline(Entry):
    """A change against the aligned baseline: this hour of such a day (the normal band).

    sigmas: distance from the centre, or percent: change of the centre in per cent (signed by side).
    clear_share: part of it below which the condition ends.
    """

    kind: Literal["baseline"]
    indicator: str
    side: Literal["above", "below", "both"]
    sigmas: float | None = Field(default=None, gt=0)
    percent: float | None = Field(default=None, gt=0)
    clear_share: float = Field(default=0.8, gt=0, le=1)
    least: float = 0
    """In shown units: a smaller difference than this is none."""


class Spc(Entry):
    """A special cause in the control chart of whole days or weeks."""

    kind: Literal["spc"]
    indicator: str
    grain: Literal["day", "week"] = "week"
    signals: tuple[Literal["concern", "improvement", "neutral"], ...] = ("concern",)


class Silence(Entry):
    """A source (or one county's share of it) that has gone quiet.

    factor: times its own rhythm; late_after: minutes, instead of the rhythm.
    source: one, or every one.
    """

    kind: Literal["silence"]
    source: str | None = None
    units: bool = False
    factor: float = Field(default=3, ge=1)
    late_after: int | None = Field(default=None, gt=0)


class Warned(Entry):
    """A warning from outside in force. events: words one of which stands in its event."""

    kind: Literal["warning"]
    events: tuple[str, ...] = ()
    level: Literal[1, 2, 3, 4] = 4
    """This one or a graver."""


class Cases(Entry):
    """Matters of some categories: over their limit, not taken, or many in one place."""

    kind: Literal["cases"]
    categories: tuple[str, ...] = ()
    measure: Literal["overdue", "untaken", "burst", "open"]
    count: int = Field(default=1, ge=1)
    minutes: int = Field(default=60, gt=0, le=60 * 24 * 31)
    """burst: within these; untaken and overdue: for so long."""
    radius_m: int | None = Field(default=None, gt=0, le=50_000)
    level: Literal[1, 2, 3, 4] = 4


class Watch(Entry):
    """Something of the system itself."""

    kind: Literal["watch"]
    measure: Literal["heartbeat", "screen_lost", "collector", "store", "undelivered", "clock"]
    minutes: float = Field(default=2, gt=0)


Simple = Annotated[
    Threshold | Baseline | Spc | Silence | Warned | Cases, Field(discriminator="kind")
]


class Combination(Entry):
    """Several conditions in one area, within some minutes of each other; across domains."""

    kind: Literal["combination"]
    of: tuple[Simple, ...] = Field(min_length=2)
    at_least: int | None = Field(default=None, ge=1)
    """How many must hold; None: all."""
    minutes: int = Field(default=60, ge=0)
    """A condition counts for so long after it last held."""


Condition = Annotated[
    Threshold | Baseline | Spc | Silence | Warned | Cases | Watch | Combination,
    Field(discriminator="kind"),
]


class AlarmRule(Entry):
    """One version of an alarm rule. ISA-18.2: an alarm needs an answer of its operator.

    hold_s, clear_hold_s: for how long the condition must hold, or be over, without a break.
    priority: 1 red .. 4 blue. answer: what the operator does; within: minutes they have for it.
    owner: the department asked first. category: what a case made of it is. notify: targets told.
    """

    code: str = Field(pattern="^[a-z0-9_]{1,60}$")
    version: int = Field(default=1, ge=1)
    name: Names
    domain: str | None = None
    priority: Literal[1, 2, 3, 4]
    where: Where = "county"
    areas: tuple[str, ...] = ()
    """Only these, if any is named."""
    condition: Condition
    hold_s: int = Field(default=0, ge=0, le=7 * 86400)
    clear_hold_s: int = Field(default=0, ge=0, le=7 * 86400)
    answer: Names
    within: int = Field(default=30, gt=0)
    why: Names
    """Why this rule is there: its rationale."""
    owner: str | None = None
    category: str | None = None
    notify: tuple[str, ...] = ()
    enabled: bool = True


class StageRule(Entry):
    """A condition that asks for at least this stage (1 normal .. 5 the gravest).

    alarms: open, active ones of these rules (if none is named all but those of the system itself
    and of silent sources) of this priority or a graver, of at least `count` different causes (one
    without a known cause is its own) in at least `counties` different counties.

    Or a condition of its own, asked of the whole city, or of each county if `counties` is given.
    """

    code: str = Field(pattern="^[a-z0-9_]{1,60}$")
    version: int = Field(default=1, ge=1)
    name: Names
    stage: Literal[2, 3, 4, 5]
    rules: tuple[str, ...] = ()
    priority: Literal[1, 2, 3, 4] = 4
    count: int = Field(default=1, ge=1)
    counties: int = Field(default=0, ge=0)
    condition: Simple | None = None


class StageLevel(Entry):
    """One of the five stages: its name, its public sentence, how long it holds.

    up_s: how long rules must ask for it before it is proposed; down_s: how long they must ask for
    less before less is proposed.
    """

    stage: Literal[1, 2, 3, 4, 5]
    name: Names
    sentence: Names
    advice: Names
    up_s: int = Field(default=0, ge=0)
    down_s: int = Field(default=0, ge=0)


class ResponsePlan(Entry):
    """One emergency plan whose levels I-IV are shown beside the stage, never merged with it."""

    key: str = Field(pattern="^[a-z_]{1,20}$")
    name: Names
    department: str
    basis: Names


class NoticeTarget(Entry):
    """Where notices go. What is secret (address with key, password) comes from the settings.

    kind: what the other side understands. setting: the name of the setting with its address.
    priority: alarms of this one or graver. areas: only these, if any is named.
    """

    key: str = Field(pattern="^[a-z0-9_]{1,40}$")
    name: Names
    kind: Literal["wecom", "dingtalk", "feishu", "webhook", "mail", "heartbeat"]
    setting: str
    priority: Literal[1, 2, 3, 4] = 2
    areas: tuple[str, ...] = ()
    enabled: bool = True
