"""Departments bring their data: POST observations, requests (cases), events."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response
from sqlalchemy import Connection

from callbacks.api_access import Access, bearer, too_fast
from callbacks.api_body import (
    FORM,
    FORMS,
    GEOREPORT,
    Body,
    content_type,
    form_fields,
    idempotency_key,
    read_body,
)
from callbacks.api_problem import PROBLEM, ApiError, log
from callbacks.request_id import current as request_id
from data.catalogue import Catalogue
from data.catalogue.entries import Source
from data.commands.alarms import tick
from data.connectors.push_form import form_document
from data.ingest.push import (
    KeyReusedError,
    Limits,
    Pushed,
    Reply,
    SourceGoneError,
    TooFastError,
    TooManyRowsError,
    receive,
)
from data.queries.tokens import Token
from data.settings import Settings
from data.store import Store, utc_now
from data.vocabulary import LOCAL

MB = 1024 * 1024


class Desk:
    """Takes in what is pushed."""

    def __init__(
        self, store: Store, catalogue: Catalogue, settings: Settings, access: Access
    ) -> None:
        self.store, self.catalogue, self.access = store, catalogue, access
        self.most = settings.api_max_mb * MB
        self.limits = Limits(
            settings.api_max_rows, settings.api_pushes_per_minute, settings.api_wait_s
        )

    def rows(self, kind: str) -> Response:
        """Take a document of many rows."""
        token = self.access.pusher(kind)
        body = read_body(FORMS if kind != "cases" else GEOREPORT, self.most)
        form = body.form if kind != "cases" else None
        pushed = Pushed(kind, body.data, body.sha256, form, idempotency_key())
        return self._answer(token, pushed)

    def requests(self) -> Response:
        """Take GeoReport requests: a list in JSON or XML, or one as a form with its api_key."""
        if content_type(GEOREPORT | {FORM: "form"}) != "form":
            return self.rows("cases")
        if bearer() is not None:
            token = self.access.pusher("cases")
            body = read_body({FORM: "form"}, self.most)
        else:
            body = read_body({FORM: "form"}, self.most)
            token = self.access.pusher("cases", form_fields(body).get("api_key", ""))
        return self._answer(token, self._form(body))

    def _form(self, body: Body) -> Pushed:
        now = utc_now()
        request_no = f"{now.astimezone(LOCAL):%Y%m%d}-{secrets.token_hex(6)}"
        document = form_document(form_fields(body), request_no, now)
        pushed = Pushed("cases", document, body.sha256, None, idempotency_key())
        return replace(pushed, single=request_no)

    def _answer(self, token: Token, pushed: Pushed) -> Response:
        try:
            reply = receive(
                self.store,
                self.catalogue,
                token,
                pushed,
                now=utc_now(),
                limits=self.limits,
                publish=self._publish,
                request_id=request_id(),
            )
        except SourceGoneError as error:
            raise ApiError(403, "source_gone", str(error)) from error
        except KeyReusedError as error:
            raise ApiError(409, "key_reused", str(error)) from error
        except TooManyRowsError as error:
            raise ApiError(413, "too_many_rows", str(error)) from error
        except TooFastError as error:
            raise too_fast(error.args[0]) from error
        return self._said(token, pushed, reply)

    def _publish(self, conn: Connection, source: Source, now: datetime, connector: str) -> None:
        tick.publish_for(conn, self.catalogue, source, now, connector=connector)

    def _said(self, token: Token, pushed: Pushed, reply: Reply) -> Response:
        log.info(
            "push",
            source=token.source,
            token=token.id,
            kind=pushed.kind,
            status=reply.status,
            run=reply.run_id,
            replayed=reply.replayed,
            request_id=request_id(),
        )
        kind = "application/json" if reply.status < 400 else PROBLEM
        answer = Response(reply.body, reply.status, content_type=kind)
        if reply.replayed:
            answer.headers["Idempotency-Replayed"] = "true"
        return answer


def attach(blueprint: Blueprint, desk: Desk) -> None:
    """Attach the routes that take data in."""

    @blueprint.post("/observations", endpoint="push_observations")
    def push_observations() -> Response:
        return desk.rows("observations")

    @blueprint.post("/events", endpoint="push_events")
    def push_events() -> Response:
        return desk.rows("events")

    @blueprint.post("/requests", endpoint="push_requests")
    def push_requests() -> Response:
        return desk.requests()

    @blueprint.post("/requests.json", endpoint="push_requests_json")
    def push_requests_json() -> Response:
        return desk.requests()

    @blueprint.post("/cases", endpoint="push_cases")
    def push_cases() -> Response:
        return desk.requests()
