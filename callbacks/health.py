"""Says whether the process lives and whether the system can serve."""

from __future__ import annotations

import time

from flask import Flask, Response, jsonify

from callbacks.hub import Hub
from data.deadlines import within
from data.queries.health import reasons_not_ready
from data.settings import Settings
from data.store import Store, utc_now

READY_S = 3.0
"""Who asks whether we are ready waits about five seconds."""
HUB_S = 30.0
"""A worker that has not looked into the store for so long shows old panels."""


def register(server: Flask, store: Store, settings: Settings, hub: Hub | None = None) -> None:
    """Attach /healthz and /readyz. hub: of this worker, where it serves displays."""

    @server.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @server.get("/readyz")
    def readyz() -> tuple[Response, int]:
        try:
            with within(READY_S), store.read() as conn:
                reasons = reasons_not_ready(conn, now=utc_now(), var=settings.var)
        except Exception as error:  # whatever is wrong with the store, we are not ready
            reasons = [f"store: {type(error).__name__}"]
        reasons += _hub_reasons(hub)
        return jsonify(ready=not reasons, reasons=reasons), 503 if reasons else 200


def _hub_reasons(hub: Hub | None) -> list[str]:
    if hub is None or (hub.db_ok and time.time() - hub.checked <= HUB_S):
        return []
    return ["this web worker does not hear from the store"]
