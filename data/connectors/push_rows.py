"""The rows of pushed documents. The same models validate them and describe them to others."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.connectors.connector import RefusedError, clean
from data.vocabulary import CaseState

SMALLEST, LARGEST = 1e-9, 1e15
"""Counts beyond these would overflow, or vanish from, the sums they are added to."""

Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")]
Moment = Annotated[
    str,
    Field(
        min_length=4,
        max_length=40,
        description="ISO 8601 with offset, as 2026-11-18T10:00:00+08:00",
        examples=["2026-11-18T10:00:00+08:00"],
    ),
]
Count = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]


class Row(BaseModel):
    """Types are not guessed at, and an unknown field is an error: a slip cannot pass in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ObservationRow(Row):
    """One observed value as counts, never as a rate (一个观测值：报分子与分母，不报比率)."""

    indicator: Code = Field(description="indicator code 指标编码", examples=["GS-41"])
    area: Code = Field(description="GB/T 2260 area code 行政区划代码", examples=["441602"])
    grain: Literal["minute", "hour", "day", "week", "month", "quarter", "year"] = Field(
        description="length of the period 周期", examples=["hour"]
    )
    period_start: Moment = Field(
        description="start of the period: ISO 8601 with offset; a date alone from a day upwards"
        " 周期起点",
        examples=["2026-11-18T10:00:00+08:00"],
    )
    numerator: Count = Field(description="the count; of a ratio its numerator 分子", examples=[42])
    denominator: Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False)] | None = Field(
        default=None, description="of a ratio or mean, and only of these 分母", examples=[None]
    )


EventName = Literal[
    "verified", "rejected", "accepted", "dispatched", "signed", "arrived", "handling", "suspended",
    "resumed", "handled", "checked", "rework", "returned", "reopened", "closed",
]  # fmt: skip

STATE_AFTER: dict[str, CaseState] = {
    "verified": CaseState.VERIFIED,
    "rejected": CaseState.REJECTED,
    "accepted": CaseState.OPENED,
    "dispatched": CaseState.DISPATCHED,
    "signed": CaseState.ACCEPTED,
    "arrived": CaseState.HANDLING,
    "handling": CaseState.HANDLING,
    "suspended": CaseState.SUSPENDED,
    "resumed": CaseState.HANDLING,
    "handled": CaseState.REPORTED_BACK,
    "checked": CaseState.CHECKED,
    "rework": CaseState.REWORK,
    "returned": CaseState.OPENED,
    "reopened": CaseState.HANDLING,
    "closed": CaseState.CLOSED,
}
"""Where a case stands after each event."""


class EventRow(Row):
    """What happened to a case that is known (已知事项的办理进展)."""

    service_request_id: Annotated[str, Field(min_length=1, max_length=80)] = Field(
        description="as it was given when the case was reported 事项编号", examples=["2026-0001"]
    )
    event: EventName = Field(description="what happened 进展", examples=["arrived"])
    at: Moment = Field(
        description="when it happened: ISO 8601 with offset 发生时间",
        examples=["2026-11-18T10:10:00+08:00"],
    )
    department: Code | None = Field(
        default=None, description="who has it now, by department code 承办部门", examples=[None]
    )
    note: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="shown to nobody outside; personal data is masked 备注"
    )


def required(model: type[Row]) -> frozenset[str]:
    """Return the fields no row can do without."""
    return frozenset(name for name, field in model.model_fields.items() if field.is_required())


def checked(model: type[Row], value: Any) -> Any:
    """Return `value` as a row of `model`; raise RefusedError with the first thing wrong."""
    if not isinstance(value, dict):
        raise RefusedError("not_an_object", detail="a row is an object of named values")
    nested = next((k for k, v in value.items() if isinstance(v, dict | list)), None)
    if nested is not None:
        raise RefusedError("nested_value", clean(nested)[:80], detail="a value is text or a number")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _refusal(error, value) from error


def _refusal(error: ValidationError, value: dict[str, Any]) -> RefusedError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = clean(str(first["loc"][0]) if first["loc"] else "")[:80]
    kind, said = first["type"], str(first["msg"])
    shown = None if kind == "missing" else str(value.get(field))[:200]
    reasons = {
        "missing": f"no_{field}",
        "extra_forbidden": "unknown_field",
        "finite_number": "not_finite",
        "greater_than_equal": "out_of_range",
        "less_than_equal": "out_of_range",
    }
    return RefusedError(reasons.get(kind, f"bad_{field}")[:40], field, shown, said)
