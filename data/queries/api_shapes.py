"""The shape of every answer of the API, for whoever reads it and for the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from data.vocabulary import CaseState, Holder
from data.vocabulary.alarms import AlarmState, Outcome


class Shape(BaseModel):
    """Made by us, so nothing beyond the fields is ever in it."""

    model_config = ConfigDict(extra="forbid")


class Text(Shape):
    """One name in both languages."""

    zh: str
    en: str


class AreaOut(Shape):
    """One area."""

    code: str
    name: Text
    short: Text
    parent: str | None
    level: Literal[1, 2, 3]
    kind: str
    statutory: bool
    lon: float | None
    lat: float | None
    valid_from: date


class IndicatorOut(Shape):
    """One indicator in the version asked for. value = numerator ÷ denominator × factor."""

    code: str
    name: Text
    domain: str
    unit: Text
    decimals: int
    factor: float
    direction: str
    aggregation: Literal["sum", "ratio", "mean", "last"]
    rolls_up: bool
    grain: Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
    numerator: Text
    denominator: Text | None
    definition: Text
    department: str
    source: str
    target: dict[str, Any]
    standard: str
    small_count: int
    version: int
    valid_from: date


class SourceOut(Shape):
    """One source and how it is doing on its own rhythm."""

    key: str
    name: Text
    department: str
    platform: str
    connector: str
    every_s: int
    stale_after_s: int
    state: Literal["never", "fresh", "late", "silent", "failed"]
    last_ok_at: datetime | None
    records_24h: int
    refused_24h: int


class ObservationOut(Shape):
    """One value. numbers are null when suppressed, taken back, or over nothing (0 ÷ 0)."""

    indicator: str
    area: str
    grain: Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
    period_start: datetime
    period_end: datetime
    complete: bool = Field(description="the period is over")
    value: float | None
    numerator: float | None
    denominator: float | None
    unit: Text
    state: Literal["ok", "no_denominator", "voided", "suppressed"]
    suppressed: bool
    source: str
    definition_version: int
    rolled: bool
    facts: int | None = Field(description="how many reported values a rolled one is made of")
    recorded_at: datetime | None = Field(description="when it became known; null if rolled")
    revision: int | None
    run_id: int | None
    row: int | None


class CaseOut(Shape):
    """One case. Title, address and position are given for matters only: others are about people."""

    case_no: str
    source: str
    category: str
    domain: str
    matter: bool
    severity: Literal[1, 2, 3, 4]
    stage: Literal["reported", "opened", "dispatched", "handling", "checking", "closed"]
    state: CaseState
    holder: Holder
    led_here: bool
    open: bool
    overdue: bool
    area: str
    county: str
    department: str
    title: str | None
    address: str | None
    lon: float | None
    lat: float | None
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime
    recorded_at: datetime
    run_id: int
    row: int | None
    version: int


class AlertOut(Shape):
    """One external warning. signed only says that a signature is there; it is never verified."""

    id: int
    source: str
    sender: str
    identifier: str
    disposition: str
    event: str
    headline: str
    severity: Literal[0, 1, 2, 3, 4]
    response: str | None
    sent: datetime
    effective: datetime
    expires: datetime | None
    ended_at: datetime | None
    in_force: bool
    areas: list[str]
    signed: bool
    verified: Literal[False]
    recorded_at: datetime
    run_id: int
    row: int | None


class AlarmOut(Shape):
    """One alarm of this system. count: how often its condition came while it was open."""

    id: int
    rule: str
    rule_version: int
    domain: str | None
    area: str
    object: str | None
    title: Text
    said: Text
    severity: Literal[1, 2, 3, 4]
    state: AlarmState
    open: bool
    active: bool = Field(description="its condition holds")
    latched: bool
    count: int
    value: float | None
    limit: float | None
    unit: Text | None
    raised_at: datetime
    recorded_at: datetime = Field(description="when it became known")
    changed_at: datetime
    acknowledged_at: datetime | None
    returned_at: datetime | None
    ended_at: datetime | None
    shelved_until: datetime | None
    outcome: Outcome | None
    situation: int | None
    case_no: str | None
    version: int


class Warned(Shape):
    """A part of a row that was left out."""

    field: str | None
    reason: str
    detail: str


class RowOut(Shape):
    """What became of one row of a push. A refused one says where and why."""

    row: int
    verdict: Literal["new", "changed", "same", "outdated", "refused"]
    field: str | None = None
    reason: str = ""
    detail: str = ""
    warnings: list[Warned] = []


class PushOut(Shape):
    """What became of a push. run: where each row can be looked up."""

    run: int
    accepted: int
    refused: int
    rows: list[RowOut]


class Georeport(Shape):
    """What a form is answered, as GeoReport v2 says."""

    service_request_id: str
    service_notice: str | None
    account_id: str | None


class Problem(BaseModel):
    """RFC 9457. code is short and permanent."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    field: str | None = None
    run: int | None = None
    accepted: int | None = None
    refused: int | None = None
    rows: list[RowOut] | None = None
