"""Others read what every screen shows: areas, indicators, sources, observations, cases, alerts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

from callbacks.api_access import Access
from callbacks.api_csv import table
from callbacks.api_problem import ApiError
from data.catalogue import Catalogue
from data.queries import api_alarms, api_alerts, api_cases, api_catalogue, api_observations
from data.queries import api_params as p
from data.queries import api_shapes as s
from data.queries.api_pages import Page
from data.store import Store, utc_now

LONGEST_S = 20
"""A question that takes longer is given up; the wall's worker has other things to do."""

Q = TypeVar("Q", bound=p.Query)


@dataclass(frozen=True)
class List:
    """One list of the API: its name, its query, the shape of an entry, and who answers."""

    name: str
    query: type[p.Query]
    shape: type[BaseModel]
    answer: Callable[[Connection, Catalogue, Any], Page]


LISTS = (
    List("areas", p.AreaQuery, s.AreaOut, lambda _conn, c, q: api_catalogue.areas(c, q)),
    List("indicators", p.IndicatorQuery, s.IndicatorOut,
         lambda conn, c, q: api_catalogue.indicators(conn, c, q, now=utc_now())),
    List("sources", p.SourceQuery, s.SourceOut,
         lambda conn, c, q: api_catalogue.sources(conn, c, q, now=utc_now())),
    List("observations", p.ObservationQuery, s.ObservationOut,
         lambda conn, c, q: api_observations.observations(conn, c, q, now=utc_now())),
    List("cases", p.CaseQuery, s.CaseOut,
         lambda conn, c, q: api_cases.cases(conn, c, q, now=utc_now())),
    List("alerts", p.AlertQuery, s.AlertOut,
         lambda conn, c, q: api_alerts.alerts(conn, c, q, now=utc_now())),
    List("alarms", p.AlarmQuery, s.AlarmOut,
         lambda conn, c, q: api_alarms.alarms(conn, c, q, now=utc_now())),
)  # fmt: skip


def attach(blueprint: Blueprint, store: Store, catalogue: Catalogue, access: Access) -> None:
    """Attach a route for each list."""
    for listed in LISTS:
        view = _view(listed, store, catalogue, access)
        blueprint.get(f"/{listed.name}", endpoint=f"read_{listed.name}")(view)


def _view(
    listed: List, store: Store, catalogue: Catalogue, access: Access
) -> Callable[[], Response]:
    def view() -> Response:
        with store.read() as conn:
            if not store.sqlite:
                conn.exec_driver_sql(f"set local statement_timeout = '{LONGEST_S}s'")
            access.reader(conn)
            query = _query(listed.query)
            try:
                page = listed.answer(conn, catalogue, query)
            except p.AskedError as error:
                name, why = error.args
                raise ApiError(400, "bad_parameter", f"{name} {why}", field=name) from error
        return _response(listed, query, page)

    return view


def _query(model: type[Q]) -> Q:
    """Return the query of this request; raise ApiError 400 for the first thing wrong."""
    lists = {
        field.alias or name
        for name, field in model.model_fields.items()
        if "list" in str(field.annotation)
    }
    values: dict[str, Any] = {}
    for name, given in request.args.lists():
        if name in lists:
            values[name] = [part for text in given for part in text.split(",")]
        elif len(given) > 1:
            raise ApiError(400, "bad_parameter", f"{name[:60]} stands twice", field=name[:60])
        else:
            values[name] = given[0]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(first["loc"][0])[:60] if first["loc"] else ""
        unknown = first["type"] == "extra_forbidden"
        why = "is not a parameter here" if unknown else str(first["msg"])
        raise ApiError(400, "bad_parameter", f"{name}: {why}", field=name) from error


def _response(listed: List, query: p.Query, page: Page) -> Response:
    following = _next(page.cursor)
    if _wants_csv(query):
        body = table(listed.shape, page.items, bom=query.bom)
        answer = Response(body, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{listed.name}.csv"'
    else:
        body = orjson.dumps({"items": page.items, "next": following})
        answer = Response(body, content_type="application/json")
    if following:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Accept, Authorization"
    answer.set_etag(hashlib.blake2b(body, digest_size=12).hexdigest())
    answer.make_conditional(request)
    return answer


def _next(cursor: str | None) -> str | None:
    """Return the address of the next page, with everything that was asked."""
    if cursor is None:
        return None
    kept = [(k, v) for k, v in request.args.items(multi=True) if k != "cursor"]
    return f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}"


def _wants_csv(query: p.Query) -> bool:
    if query.format is not None:
        return query.format == "csv"
    best = request.accept_mimetypes.best_match(["application/json", "text/csv"])
    return best == "text/csv"
