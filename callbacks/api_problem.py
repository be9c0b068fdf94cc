"""Says what went wrong with a call of the API: RFC 9457, with a short permanent code."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from callbacks.request_id import current as request_id
from data.logs import logger

PREFIX = "/api/"
PROBLEM = "application/problem+json"
RETRY_S = "5"

log = logger("api")


class ApiError(Exception):
    """A call that cannot be answered as asked."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.more = headers or {}, more


def problem(error: ApiError) -> Response:
    """Return an error as the caller gets it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.detail[:500],
        "request_id": request_id(),
        **error.more,
    }
    return Response(orjson.dumps(body), error.status, error.headers, content_type=PROBLEM)


def register_errors(server: Flask) -> None:
    """Let every error below /api/ be told as a problem; other pages keep their own."""

    @server.errorhandler(ApiError)
    def told(error: ApiError) -> Response:
        return problem(error)

    @server.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Any:
        if not request.path.startswith(PREFIX):
            return error
        return problem(_of_http(error))

    @server.errorhandler(SQLAlchemyError)
    def lost(error: SQLAlchemyError) -> Any:
        """A locked or lost store is waited for; what we got wrong ourselves is a fault."""
        if not request.path.startswith(PREFIX):
            return _lost_to_pages(error)
        log.error("api: store", error=str(error).split("\n")[0][:300], request_id=request_id())
        if isinstance(error, IntegrityError | DataError):
            return problem(ApiError(500, "fault", "an internal fault; it was logged"))
        waits = {"Retry-After": RETRY_S}
        return problem(
            ApiError(503, "store_unavailable", "the store cannot be reached now", headers=waits)
        )

    @server.after_request
    def marked(response: Response) -> Response:
        if request.path.startswith(PREFIX):
            response.headers["X-Request-Id"] = request_id()
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _lost_to_pages(error: SQLAlchemyError) -> Any:
    """Answer whoever did not word it: a store that does not answer is no fault of the program."""
    if not isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        raise error
    log.error("store", error=str(error).split("\n")[0][:300], path=request.path)
    return jsonify(error="store_lost"), 503, {"Retry-After": RETRY_S}


def _of_http(error: HTTPException) -> ApiError:
    status = error.code or 500
    if status == 500:
        log.error("api: fault", path=request.path, request_id=request_id())
    codes = {
        400: ("bad_request", "the request cannot be understood"),
        404: ("not_found", "there is nothing at this address"),
        405: ("method_not_allowed", "this address does not know the method"),
        413: ("too_large", "the body is larger than allowed"),
    }
    code, detail = codes.get(status, ("error", HTTPStatus(status).phrase))
    if status == 500:
        code, detail = "fault", "an internal fault; it was logged"
    kept = ("Allow", "Retry-After")
    headers = {k: v for k, v in error.get_headers() if k in kept}
    return ApiError(status, code, detail, headers=headers)
