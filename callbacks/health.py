"""Says whether the process lives and whether the system can serve."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from data.queries.health import reasons_not_ready
from data.settings import Settings
from data.store import Store, utc_now


def register(server: Flask, store: Store, settings: Settings) -> None:
    """Attach /healthz and /readyz."""

    @server.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @server.get("/readyz")
    def readyz() -> tuple[Response, int]:
        try:
            with store.read() as conn:
                reasons = reasons_not_ready(conn, now=utc_now(), var=settings.var)
        except Exception as error:  # whatever is wrong with the store, we are not ready
            reasons = [f"store: {type(error).__name__}"]
        return jsonify(ready=not reasons, reasons=reasons), 503 if reasons else 200
