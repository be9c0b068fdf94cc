"""What may be asked of the API: the same models check a query and describe it to others."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from data.connectors.instants import NoTimeZoneError, parse_instant
from data.vocabulary import LOCAL

MOST = 1000
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

Codes = list[Annotated[str, Field(pattern="^[A-Za-z0-9._\u4e00-\u9fff-]{1,40}$")]]
"""A name in place of a code is answered with the code that was meant."""
Instant = Annotated[
    str | None,
    Field(
        default=None,
        max_length=40,
        description="ISO 8601 with offset, or a local date 时间或日期",
        examples=["2026-11-18T10:00:00+08:00"],
    ),
]


class Query(BaseModel):
    """What every list takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=200, ge=1, le=MOST, description="entries a page 每页条数")
    cursor: str | None = Field(
        default=None, max_length=400, description="from the link `next` of the page before 翻页"
    )
    format: Literal["json", "csv"] | None = Field(
        default=None, description="instead of the Accept header 格式"
    )
    bom: bool = Field(default=False, description="CSV begins with a mark that Excel needs 供Excel")

    @field_validator("*", mode="before")
    @classmethod
    def _no_controls(cls, value: Any) -> Any:
        if isinstance(value, str) and any(ord(c) < 32 for c in value):
            raise ValueError("holds control characters")
        return value


class AreaQuery(Query):
    """Areas of the city."""

    parent: str | None = Field(default=None, max_length=12, description="code of the parent 上级")
    level: Literal["1", "2", "3"] | None = Field(
        default=None, description="1 city, 2 county or zone, 3 town 层级"
    )


class IndicatorQuery(Query):
    """Definitions of what is measured."""

    domain: Codes = Field(default=[], description="领域")
    source: Codes = Field(default=[], description="来源")
    department: Codes = Field(default=[], description="部门")
    as_of: Instant


class SourceQuery(Query):
    """Sources and how they are doing."""

    department: Codes = Field(default=[], description="部门")


class ObservationQuery(Query):
    """Values: as they were reported, or rolled up by period."""

    indicator: Codes = Field(default=[], description="指标编码")
    domain: Codes = Field(default=[], description="领域")
    area: Codes = Field(default=[], description="行政区划代码")
    descendants: bool = Field(default=False, description="with all areas below 含下级")
    grain: Literal["native", "minute", "hour", "day", "week", "month", "quarter", "year"] = Field(
        default="native",
        description="native: as reported; hour, day, week, month: rolled up over time and areas;"
        " minute, quarter, year: as reported, these only"
        " 粒度",
    )
    source: Codes = Field(default=[], description="来源")
    start: Instant = Field(default=None, alias="from")
    end: Instant = Field(default=None, alias="to")
    as_of: Instant


class CaseQuery(Query):
    """Cases, each as it stands."""

    area: Codes = Field(default=[], description="行政区划代码")
    descendants: bool = Field(default=True, description="with all areas below 含下级")
    domain: Codes = Field(default=[], description="领域")
    department: Codes = Field(default=[], description="承办部门")
    category: Codes = Field(default=[], description="类别")
    source: Codes = Field(default=[], description="来源")
    stage: list[Literal["reported", "opened", "dispatched", "handling", "checking", "closed"]] = (
        Field(default=[], description="办理阶段")
    )
    severity: list[Literal["1", "2", "3", "4"]] = Field(
        default=[], description="1 red, 2 orange, 3 yellow, 4 blue 等级"
    )
    open: bool | None = Field(default=None, description="not yet closed 未办结")
    matter: bool | None = Field(default=None, description="shown in the wall's queue 重点事项")
    start: Instant = Field(default=None, alias="from")
    end: Instant = Field(default=None, alias="to")
    as_of: Instant


class AlertQuery(Query):
    """External warnings."""

    area: Codes = Field(default=[], description="行政区划代码")
    descendants: bool = Field(default=False, description="with all areas below 含下级")
    severity: list[Literal["1", "2", "3", "4"]] = Field(default=[], description="等级")
    open: bool | None = Field(default=None, description="in force 生效中")
    start: Instant = Field(default=None, alias="from")
    end: Instant = Field(default=None, alias="to")
    as_of: Instant


class AlarmQuery(Query):
    """Alarms of this system, after ISA-18.2."""

    area: Codes = Field(default=[], description="行政区划代码")
    descendants: bool = Field(default=True, description="with all areas below 含下级")
    domain: Codes = Field(default=[], description="领域")
    rule: list[Annotated[str, Field(pattern="^[a-z0-9_]{1,60}$")]] = Field(
        default=[], description="code of the alarm rule 告警规则"
    )
    severity: list[Literal["1", "2", "3", "4"]] = Field(
        default=[], description="priority: 1 red, 2 orange, 3 yellow, 4 blue 级别"
    )
    state: list[
        Literal[
            "normal",
            "unacknowledged",
            "acknowledged",
            "returned_unacknowledged",
            "shelved",
            "suppressed_by_design",
            "out_of_service",
        ]
    ] = Field(default=[], description="告警状态")
    situation: int | None = Field(default=None, ge=1, le=2**53, description="态势编号")
    open: bool | None = Field(default=None, description="not yet over 未结束")
    start: Instant = Field(default=None, alias="from")
    end: Instant = Field(default=None, alias="to")
    as_of: Instant


class AskedError(ValueError):
    """A query that cannot be answered; args: parameter, why."""


def instant(name: str, text: str | None) -> datetime | None:
    """Return the instant that a parameter means; a date is its local midnight.

    Raises:
        AskedError: it is neither, or outside the years 1900 to 2200.
    """
    if text is None:
        return None
    # A plus sign that was not encoded arrives as a blank.
    text = re.sub(r"(?<=[0-9]) (?=[0-9]{2}:?[0-9]{2}$)", "+", text.strip())
    try:
        if _DATE.fullmatch(text):
            found = datetime.combine(date.fromisoformat(text), datetime.min.time(), LOCAL)
        else:
            found = parse_instant(text, "")
    except NoTimeZoneError as error:
        raise AskedError(name, "has no offset from UTC") from error
    except (ValueError, OverflowError) as error:
        raise AskedError(name, "is no ISO 8601 time and no date") from error
    if not 1900 <= found.year <= 2200:
        raise AskedError(name, "is outside the years 1900 to 2200")
    return found.astimezone(UTC)


def make_cursor(place: list[Any]) -> str:
    """Return a place in an ordered list as text for an address."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(text: str | None, kinds: tuple[type, ...]) -> list[Any] | None:
    """Return the place a cursor means, None for the beginning.

    Raises:
        AskedError: it is not one of ours.
    """
    if text is None:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise AskedError("cursor", "is not one that this list gave") from error
    fits = isinstance(place, list) and [type(x) for x in place] == list(kinds)
    big = fits and any(isinstance(x, int) and abs(x) > 2**53 for x in place)
    if not fits or big or any(isinstance(x, str) and "\x00" in x for x in place):
        raise AskedError("cursor", "is not one that this list gave")
    return list(place)
