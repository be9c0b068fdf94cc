"""Describes the API as OpenAPI 3.1, from the very models that check what comes and goes."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from callbacks.api_body import FORM
from callbacks.api_problem import PROBLEM
from callbacks.api_read import LISTS, List
from data.connectors.push_rows import EventRow, ObservationRow, Row
from data.queries import api_shapes as s
from data.settings import Settings

REF = "#/components/schemas/{model}"
Part = dict[str, Any]


class Observations(Row):
    """Many observations. as_of: when they were extracted; older extracts never undo newer ones."""

    observations: list[ObservationRow]
    as_of: str | None = Field(default=None, examples=["2026-11-18T10:05:00+08:00"])


class Events(Row):
    """What happened to many cases."""

    events: list[EventRow]


class Request(BaseModel):
    """One GeoReport v2 request. Contact data is never read; other fields are allowed."""

    service_request_id: str = Field(min_length=1, max_length=80, examples=["2026-0001"])
    status: str = Field(description="open or closed", examples=["open"])
    status_notes: str = Field(default="", examples=["已派单"])
    service_code: str = Field(description="事项编码", examples=["DT-01"])
    description: str = Field(default="", examples=["窗口排队时间长"])
    requested_datetime: str = Field(examples=["2026-11-18T10:00:00+08:00"])
    updated_datetime: str = Field(default="", examples=["2026-11-18T10:05:00+08:00"])
    expected_datetime: str = Field(default="", examples=["2026-11-19T10:00:00+08:00"])
    address: str = Field(default="", examples=["河源市源城区政务服务大厅"])
    lat: float | None = Field(default=None, examples=[23.66])
    long: float | None = Field(default=None, examples=[114.6])


class Requests(BaseModel):
    """Many GeoReport v2 requests."""

    service_requests: list[Request]


class RequestForm(BaseModel):
    """One request as GeoReport v2 posts it. api_key is the token, unless a header carries it."""

    service_code: str = Field(examples=["DT-01"])
    description: str = Field(default="", examples=["窗口排队时间长"])
    address_string: str = Field(default="", examples=["河源市源城区政务服务大厅"])
    lat: float | None = Field(default=None, examples=[23.66])
    long: float | None = Field(default=None, examples=[114.6])
    api_key: str | None = Field(default=None)


SHAPES: tuple[type[BaseModel], ...] = (
    Observations, Events, Requests, RequestForm, s.PushOut, s.Georeport, s.Problem,
    *(listed.shape for listed in LISTS),
)  # fmt: skip

SUMMARIES = {
    "areas": "行政区划与功能区 · Areas",
    "indicators": "指标口径 · Indicator definitions",
    "sources": "数据来源与接收状态 · Sources and their state",
    "observations": "指标数值 · Values, as reported or rolled up",
    "cases": "事项 · Cases",
    "alerts": "预警 · External warnings",
    "alarms": "告警 · Alarms of this system, after ISA-18.2",
}


def document(settings: Settings) -> bytes:
    """Return the OpenAPI document as JSON."""
    schemas = models_json_schema([(m, "serialization") for m in SHAPES[6:]], ref_template=REF)[1]
    taken = models_json_schema([(m, "validation") for m in SHAPES[:4]], ref_template=REF)[1]
    answers = models_json_schema([(m, "validation") for m in SHAPES[4:7]], ref_template=REF)[1]
    parts = {**schemas["$defs"], **taken["$defs"], **answers["$defs"]}
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "智治 Zhizhi API",
            "version": "1",
            "description": "各部门推送数据、读取大屏所示的全部内容。 Departments push their data;"
            " others read what every screen shows. Counts are pushed, never rates; a ratio is"
            " Σ numerator ÷ Σ denominator.",
        },
        "servers": [{"url": "/"}],
        "paths": _paths(settings),
        "components": {
            "schemas": parts,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    return orjson.dumps(described)


def _paths(settings: Settings) -> Part:
    found: Part = {f"/api/v1/{x.name}": {"get": _read(x)} for x in LISTS}
    pushes: tuple[tuple[str, str, type[BaseModel], type[BaseModel]], ...] = (
        ("observations", "推送指标数值 · Push observations", Observations, ObservationRow),
        ("events", "推送办理进展 · Push what happened to cases", Events, EventRow),
    )
    for name, summary, body, row in pushes:
        lines = example_rows(row)
        media: Part = {
            "application/json": {"schema": _either(body, row), "example": {name: lines}},
            "application/x-ndjson": {"schema": {"type": "string"}, "example": _ndjson(lines)},
            "text/csv": {"schema": {"type": "string"}, "example": _csv(lines)},
        }
        operation = _push(f"push_{name}", summary, media, settings)
        found.setdefault(f"/api/v1/{name}", {})["post"] = operation
    media = {
        "application/json": {
            "schema": _either(Requests, Request),
            "example": {"service_requests": example_rows(Request)},
        },
        "application/xml": {"schema": {"type": "string"}},
        FORM: {"schema": _ref(RequestForm), "example": example_rows(RequestForm)[0]},
    }
    for path in ("requests", "cases"):
        summary = "推送事项（Open311） · Push cases as GeoReport v2 requests"
        operation = _push(f"push_{path}", summary, media, settings)
        georeport = {"type": "array", "items": _ref(s.Georeport)}
        schema = {"anyOf": [_ref(s.PushOut), georeport]}
        operation["responses"]["200"]["content"]["application/json"]["schema"] = schema
        found.setdefault(f"/api/v1/{path}", {})["post"] = operation
    return found


def _ref(model: type[BaseModel]) -> Part:
    return {"$ref": REF.format(model=model.__name__)}


def _either(model: type[BaseModel], row: type[BaseModel]) -> Part:
    """Return the object with its list, or the bare list."""
    return {"anyOf": [_ref(model), {"type": "array", "items": _ref(row)}]}


def example_rows(row: type[BaseModel]) -> list[Part]:
    """Return one row of a model, made of the examples of its fields."""
    found = {
        name: field.examples[0]
        for name, field in row.model_fields.items()
        if field.examples and field.examples[0] is not None
    }
    return [found]


def _ndjson(rows: list[Part]) -> str:
    return "".join(orjson.dumps(row).decode() + "\n" for row in rows)


def _csv(rows: list[Part]) -> str:
    lines = [",".join(rows[0]), *(",".join(str(v) for v in row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


# ---- reading ----


def _read(listed: List) -> Part:
    entry = _ref(listed.shape)
    page = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": entry},
            "next": {"type": ["string", "null"], "description": "address of the next page"},
        },
        "required": ["items", "next"],
        "additionalProperties": False,
    }
    content = {"application/json": {"schema": page}, "text/csv": {"schema": {"type": "string"}}}
    return {
        "operationId": f"read_{listed.name}",
        "summary": SUMMARIES[listed.name],
        "security": [{}, {"token": []}],
        "parameters": _parameters(listed),
        "responses": {
            "200": {"description": "one page", "content": content},
            "304": {"description": "not changed since the ETag of If-None-Match"},
            **_problems({400: "a parameter is wrong", 401: "a token is needed",
                         429: "too many calls", 503: "the store cannot be reached now"}),
        },
    }  # fmt: skip


def _parameters(listed: List) -> list[Part]:
    schema = listed.query.model_json_schema(by_alias=True)
    found = []
    for name, field in schema["properties"].items():
        plain = {k: v for k, v in field.items() if k not in ("title", "description", "examples")}
        options = plain.pop("anyOf", None)
        if options:
            plain |= next(x for x in options if x.get("type") != "null")
            plain.pop("default", None)
        part: Part = {"name": name, "in": "query", "required": False, "schema": plain}
        if "description" in field:
            part["description"] = field["description"]
        if plain.get("type") == "array":
            part |= {"style": "form", "explode": True}
        found.append(part)
    return found


def _problems(answers: dict[int, str]) -> Part:
    content = {PROBLEM: {"schema": _ref(s.Problem)}}
    found: Part = {str(k): {"description": v, "content": content} for k, v in answers.items()}
    for status in ("429", "503"):
        if status in found:
            seconds = {"schema": {"type": "integer"}, "description": "seconds to wait"}
            found[status]["headers"] = {"Retry-After": seconds}
    return found


# ---- pushing ----


def _push(operation: str, summary: str, media: Part, settings: Settings) -> Part:
    answer = {"application/json": {"schema": _ref(s.PushOut)}}
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "the same key and body get the first answer again, for a day 幂等键",
        "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    }
    limits = (
        f"At most {settings.api_max_mb} MB, {settings.api_max_rows} rows,"
        f" {settings.api_pushes_per_minute} pushes a minute a token."
    )
    return {
        "operationId": operation,
        "summary": summary,
        "description": limits,
        "security": [{"token": []}],
        "parameters": [key],
        "requestBody": {"required": True, "content": media},
        "responses": {
            "200": {"description": "every row was taken", "content": answer},
            "207": {"description": "some rows were refused; each says why", "content": answer},
            **_problems({
                400: "the body cannot be read; detail says where",
                401: "a valid token is needed",
                403: "the token may not do this",
                409: "the Idempotency-Key stood for another body",
                413: "too large or too many rows",
                415: "a content type or encoding that is not taken",
                422: "every row was refused; each says why",
                429: "too many pushes",
                503: "the store cannot be reached now; nothing was stored",
            }),
        },
    }  # fmt: skip
