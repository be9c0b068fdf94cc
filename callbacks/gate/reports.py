"""/csp: what browsers refused to run. Counted, logged, kept nowhere."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Flask, Response, request

from callbacks.gate.bucket import Buckets
from callbacks.gate.headers import REPORT
from data.logs import logger

log = logger("csp")

KINDS = frozenset({"application/csp-report", "application/reports+json", "application/json"})
LARGEST = 16_384
TOLD = ("document-uri", "violated-directive", "effective-directive", "blocked-uri", "source-file",
        "line-number")  # fmt: skip
RATE, BURST = 1.0, 20.0


def register(server: Flask) -> None:
    """Attach the address."""
    buckets = Buckets(RATE, BURST)

    @server.post(REPORT)
    def csp() -> Response:
        if request.mimetype not in KINDS:
            return Response(status=415)
        if request.content_length is None or request.content_length > LARGEST:
            return Response(status=413)
        if wait := buckets.take(f"{request.remote_addr}", time.monotonic()):
            return Response(status=429, headers={"Retry-After": str(wait)})
        said = _said(request.get_data())
        if said is None:
            return Response(status=400)
        log.warning("a browser refused to run something", **said)
        return Response(status=204)


def _said(body: bytes) -> dict[str, str] | None:
    """Return what a report says, without what stands behind the `?` of its addresses."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, list):
        found = found[0] if found else None
    if not isinstance(found, dict):
        return None
    report = found.get("csp-report", found.get("body"))
    if not isinstance(report, dict):
        return None
    texts = {key.replace("-", "_"): str(report[key]) for key in TOLD if key in report}
    return {key: text.partition("?")[0][:200] for key, text in texts.items()}
